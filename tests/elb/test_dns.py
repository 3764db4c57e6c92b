"""DNS names of services: alias records for their own load balancers and for shared ones."""

from __future__ import annotations

from typing import Any

import pytest

from tests.elb.test_alarms import SHARED, stack

TARGET = {"dns_name": "shared-1.eu-west-1.elb.amazonaws.com", "hosted_zone_id": "Z32O12XQLNTSW2"}
NAME = {"name": "app.example.com", "hosted_zone_id": "Z0123456789ABC"}

BLUE_GREEN: dict[str, Any] = {"deployment": {"kind": "blue-green"}}


def sources(template: dict[str, Any]) -> dict[int, list[str]]:
    """The ranges of addresses that may connect to the load balancer, by port."""
    found: dict[int, list[str]] = {}
    for each in template["Resources"]["LoadBalancerSecurityGroup"]["Properties"]["SecurityGroupIngress"]:
        found.setdefault(each["FromPort"], []).append(each.get("CidrIp") or each["CidrIpv6"])
    return found


def records(template: dict[str, Any]) -> dict[str, dict[str, Any]]:
    resources = template["Resources"].items()
    return {name: each["Properties"] for name, each in resources if each["Type"] == "AWS::Route53::RecordSet"}


def test_a_name_leads_to_the_load_balancer_of_the_stack() -> None:
    template = stack(dns=NAME)
    assert records(template) == {
        "DnsRecord": {
            "HostedZoneId": "Z0123456789ABC",
            "Name": "app.example.com",
            "Type": "A",
            "AliasTarget": {
                "DNSName": {"Fn::GetAtt": ["LoadBalancer", "DNSName"]},
                "HostedZoneId": {"Fn::GetAtt": ["LoadBalancer", "CanonicalHostedZoneID"]},
                "EvaluateTargetHealth": False,
            },
        }
    }
    assert template["Outputs"]["Url"]["Value"] == "http://app.example.com/"


def test_the_url_is_encrypted_with_a_certificate() -> None:
    certificate = "arn:aws:acm:eu-west-1:123456789012:certificate/8e3b7a54"
    template = stack(load_balancer={"certificate": certificate}, dns=NAME | {"name": "app.example.com."})
    assert template["Outputs"]["Url"]["Value"] == "https://app.example.com/"


def test_a_wildcard_is_not_a_url() -> None:
    template = stack(dns=NAME | {"name": "*.app.example.com"})
    assert template["Outputs"]["Url"]["Value"] != "http://*.app.example.com/"


def test_a_name_leads_to_a_shared_load_balancer() -> None:
    shared = SHARED | {"host_headers": ["*.example.com"]}
    template = stack(load_balancer=shared, dns=NAME | {"target": TARGET, "ipv6": True, "evaluate_target_health": True})
    expected = {"DNSName": TARGET["dns_name"], "HostedZoneId": TARGET["hosted_zone_id"], "EvaluateTargetHealth": True}
    found = records(template)
    assert [(each["Type"], each["AliasTarget"]) for each in found.values()] == [("A", expected), ("AAAA", expected)]
    assert "Url" not in template["Outputs"]


def test_a_dual_stack_load_balancer_has_a_name_for_ipv6() -> None:
    template = stack(load_balancer={"ip_address_type": "dualstack", "test_port": 8443}, dns=NAME, **BLUE_GREEN)
    assert [each["Type"] for each in records(template).values()] == ["A", "AAAA"]
    assert template["Resources"]["LoadBalancer"]["Properties"]["IpAddressType"] == "dualstack"
    assert sources(template) == {80: ["0.0.0.0/0", "::/0"], 8443: ["0.0.0.0/0", "::/0"]}


def test_restricted_addresses_do_not_open_ipv6() -> None:
    balancer = {"ip_address_type": "dualstack", "ingress": ["10.0.0.0/8"], "test_port": 8443}
    assert sources(stack(load_balancer=balancer, **BLUE_GREEN)) == {80: ["10.0.0.0/8"], 8443: ["10.0.0.0/8"]}
    opened = balancer | {"ipv6_ingress": ["2001:db8::/32"], "test_ingress": ["192.0.2.0/24"]}
    expected = {80: ["10.0.0.0/8", "2001:db8::/32"], 8443: ["192.0.2.0/24"]}
    assert sources(stack(load_balancer=opened, **BLUE_GREEN)) == expected


def test_names_for_ipv6_can_be_left_out() -> None:
    template = stack(load_balancer={"ip_address_type": "dualstack"}, dns=NAME | {"ipv6": False})
    assert [*records(template)] == ["DnsRecord"]


@pytest.mark.parametrize("zone", ["example.com", "example.com.", {"Fn::ImportValue": "zone"}])
def test_a_zone_can_be_found_by_its_name(zone: Any) -> None:
    [record] = records(stack(dns={"name": "App.Example.com", "zone_name": zone})).values()
    assert record["HostedZoneName"] == ("example.com." if isinstance(zone, str) else zone)
    assert "HostedZoneId" not in record


@pytest.mark.parametrize("name", ["example.com", "a.b.example.com", "_acme.example.com", "*.example.com"])
def test_names_in_the_zone_are_accepted(name: str) -> None:
    assert records(stack(dns={"name": name, "zone_name": "example.com"}))
