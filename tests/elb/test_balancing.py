"""What stands between a service's clients and its tasks: the resources of each way to deploy, and what is refused."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from troposphere import GetAtt, Output, Parameter, Ref, Sub, Template, ecs

from pipegen.checks.values.constraints import constraints
from pipegen.ecs.traffic import TrafficShift
from pipegen.elb.balancing import Balancer, Balancing, Traffic, TrafficMode, balancing_problems, bind_own, bind_shared
from pipegen.elb.listener import SharedListener
from pipegen.elb.listener import TestRule as RuleForTests
from pipegen.elb.load_balancer import AccessLogs, LoadBalancer
from pipegen.elb.target_group import Stickiness, TargetGroup, TargetHealthCheck
from pipegen.errors import Problem
from pipegen.reading import read_as

ELB = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:"
LISTENER = f"{ELB}listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2"
OTHER_LISTENER = f"{ELB}listener/app/shop/50dc6c495c0c9188/0467ef3c8400ae65"
CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"

SHARED = SharedListener(
    listener=LISTENER,
    security_group=Ref("SharedSecurityGroup"),
    priority=20,
    path_patterns=["/orders/*"],
    test=RuleForTests(priority=10, headers={"X-Test": ["yes"]}),
)
WITHOUT_TEST = replace(SHARED, test=None)
OWN = LoadBalancer(certificate=Ref("Certificate"), test_port=8443, test_ingress=["192.0.2.0/24"])
PLAIN = LoadBalancer()


def balancing(way: TrafficMode, **changed: Any) -> Balancing:
    subnets = [Ref("SubnetA"), Ref("SubnetB")]
    made = Balancing(subject="orders", vpc=Ref("Vpc"), subnets=subnets, port=8080, target_type="ip", mode=way)
    return replace(made, **changed)


def bind(balancer: LoadBalancer | SharedListener, way: TrafficMode, **changed: Any) -> Traffic:
    given = balancing(way, **changed)
    return bind_shared(balancer, given) if isinstance(balancer, SharedListener) else bind_own(balancer, given)


def resources(traffic: Traffic) -> dict[str, dict[str, Any]]:
    return {str(resource.title): dict(resource.to_dict()) for resource in traffic.resources}


def data(value: Any) -> Any:
    """Plain data of values, as a template would have them."""
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if isinstance(value, Mapping):
        return {key: data(each) for key, each in value.items()}
    return [data(each) for each in value] if isinstance(value, list | tuple) else value


FORWARD = [{"Type": "forward", "TargetGroupArn": {"Ref": "TargetGroup"}}]
WEIGHTED = [
    {
        "Type": "forward",
        "ForwardConfig": {
            "TargetGroups": [
                {"TargetGroupArn": {"Ref": "TargetGroup"}, "Weight": 1},
                {"TargetGroupArn": {"Ref": "AlternateTargetGroup"}, "Weight": 0},
            ]
        },
    }
]
EVERY_PATH = [{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/*"]}}]
PATHS = [{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/orders/*"]}}]
TEST_HEADER = {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X-Test", "Values": ["yes"]}}


def test_a_target_group_says_all_that_can_change_and_has_no_name() -> None:
    group = TargetGroup().resource("TargetGroup", vpc=Ref("Vpc"), port=8080, target_type="ip")
    assert group.to_dict() == {
        "Type": "AWS::ElasticLoadBalancingV2::TargetGroup",
        "Properties": {
            "VpcId": {"Ref": "Vpc"},
            "TargetType": "ip",
            "Protocol": "HTTP",
            "ProtocolVersion": "HTTP1",
            "Port": 8080,
            "HealthCheckProtocol": "HTTP",
            "HealthCheckPort": "traffic-port",
            "HealthCheckPath": "/",
            "HealthCheckIntervalSeconds": 30,
            "HealthCheckTimeoutSeconds": 5,
            "HealthyThresholdCount": 5,
            "UnhealthyThresholdCount": 2,
            "Matcher": {"HttpCode": "200"},
            "TargetGroupAttributes": [
                {"Key": "deregistration_delay.timeout_seconds", "Value": "300"},
                {"Key": "load_balancing.algorithm.type", "Value": "round_robin"},
                {"Key": "slow_start.duration_seconds", "Value": "0"},
                {"Key": "stickiness.enabled", "Value": "false"},
            ],
        },
    }


def attributes(group: TargetGroup) -> dict[str, str]:
    made = group.resource("TargetGroup", vpc="vpc-1", port=80, target_type="instance").to_dict()["Properties"]
    assert made["TargetType"] == "instance"
    return {each["Key"]: each["Value"] for each in made["TargetGroupAttributes"]}


def test_what_is_said_of_a_target_group_is_in_it() -> None:
    check = TargetHealthCheck(
        path="/health?deep=1",
        port=9000,
        interval_seconds=10,
        timeout_seconds=3,
        healthy_count=2,
        unhealthy_count=4,
        matcher="200-299,302",
    )
    group = TargetGroup(protocol="HTTPS", protocol_version="HTTP2", health_check=check)
    found = group.resource("TargetGroup", vpc="vpc-1", port=8443, target_type="ip").to_dict()["Properties"]
    assert (found["Protocol"], found["ProtocolVersion"], found["Port"]) == ("HTTPS", "HTTP2", 8443)
    checked = {key: value for key, value in found.items() if key.startswith("HealthCheck")}
    assert checked == {
        "HealthCheckProtocol": "HTTPS",
        "HealthCheckPort": "9000",
        "HealthCheckPath": "/health?deep=1",
        "HealthCheckIntervalSeconds": 10,
        "HealthCheckTimeoutSeconds": 3,
    }
    assert (found["HealthyThresholdCount"], found["UnhealthyThresholdCount"]) == (2, 4)
    assert found["Matcher"] == {"HttpCode": "200-299,302"}
    asked = replace(group, health_check=TargetHealthCheck(protocol="HTTP"))
    made = asked.resource("TargetGroup", vpc="vpc-1", port=8443, target_type="ip").to_dict()["Properties"]
    assert made["HealthCheckProtocol"] == "HTTP"


def test_a_target_group_of_grpc_is_asked_by_a_method() -> None:
    def grpc(check: TargetHealthCheck) -> tuple[str, dict[str, str]]:
        group = TargetGroup(protocol_version="GRPC", health_check=check)
        made = group.resource("TargetGroup", vpc="vpc-1", port=80, target_type="ip").to_dict()["Properties"]
        return made["HealthCheckPath"], made["Matcher"]

    assert grpc(TargetHealthCheck()) == ("/AWS.ALB/healthcheck", {"GrpcCode": "12"})
    own = TargetHealthCheck(path="/grpc.health.v1.Health/Check", matcher="0")
    assert grpc(own) == ("/grpc.health.v1.Health/Check", {"GrpcCode": "0"})


def test_attributes_are_those_that_are_asked_for() -> None:
    assert attributes(TargetGroup(deregistration_delay_seconds=10, slow_start_seconds=60)) == {
        "deregistration_delay.timeout_seconds": "10",
        "load_balancing.algorithm.type": "round_robin",
        "slow_start.duration_seconds": "60",
        "stickiness.enabled": "false",
    }
    sticky = attributes(
        TargetGroup(stickiness=Stickiness(duration_seconds=600), algorithm="least_outstanding_requests")
    )
    assert sticky == {
        "deregistration_delay.timeout_seconds": "300",
        "load_balancing.algorithm.type": "least_outstanding_requests",
        "slow_start.duration_seconds": "0",
        "stickiness.enabled": "true",
        "stickiness.type": "lb_cookie",
        "stickiness.lb_cookie.duration_seconds": "600",
    }
    by_cookie = attributes(TargetGroup(stickiness=Stickiness(cookie="session")))
    assert {key: value for key, value in by_cookie.items() if key.startswith("stickiness")} == {
        "stickiness.enabled": "true",
        "stickiness.type": "app_cookie",
        "stickiness.app_cookie.cookie_name": "session",
        "stickiness.app_cookie.duration_seconds": "86400",
    }


def test_a_load_balancer_with_a_certificate_speaks_https_and_redirects_to_it() -> None:
    found = resources(bind(OWN, "rolling"))
    secure = {
        "LoadBalancerArn": {"Ref": "LoadBalancer"},
        "Protocol": "HTTPS",
        "Certificates": [{"CertificateArn": {"Ref": "Certificate"}}],
        "SslPolicy": "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
        "DefaultActions": FORWARD,
    }
    assert found["Listener"] == {
        "Type": "AWS::ElasticLoadBalancingV2::Listener",
        "Properties": {**secure, "Port": 443},
    }
    assert found["TestListener"]["Properties"] == {**secure, "Port": 8443}
    assert found["HttpListener"] == {
        "Type": "AWS::ElasticLoadBalancingV2::Listener",
        "Properties": {
            "LoadBalancerArn": {"Ref": "LoadBalancer"},
            "Port": 80,
            "Protocol": "HTTP",
            "DefaultActions": [
                {
                    "Type": "redirect",
                    "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"},
                }
            ],
        },
        "DependsOn": "Listener",
    }


def test_a_load_balancer_without_a_certificate_speaks_http() -> None:
    found = resources(bind(replace(PLAIN, test_port=8080), "codedeploy"))
    assert "HttpListener" not in found
    for listener, port in (("Listener", 80), ("TestListener", 8080)):
        assert found[listener]["Properties"] == {
            "LoadBalancerArn": {"Ref": "LoadBalancer"},
            "Port": port,
            "Protocol": "HTTP",
            "DefaultActions": FORWARD,
        }


def test_the_load_balancer_itself_is_as_it_is_asked_for() -> None:
    plain = resources(bind(PLAIN, "rolling"))["LoadBalancer"]
    assert plain["Properties"] == {
        "Type": "application",
        "Scheme": "internet-facing",
        "Subnets": [{"Ref": "SubnetA"}, {"Ref": "SubnetB"}],
        "SecurityGroups": [{"Fn::GetAtt": ["LoadBalancerSecurityGroup", "GroupId"]}],
        "LoadBalancerAttributes": [
            {"Key": "access_logs.s3.enabled", "Value": "false"},
            {"Key": "deletion_protection.enabled", "Value": "false"},
            {"Key": "idle_timeout.timeout_seconds", "Value": "60"},
            {"Key": "routing.http.drop_invalid_header_fields.enabled", "Value": "true"},
        ],
    }
    asked = LoadBalancer(
        scheme="internal",
        name="orders",
        subnets=["subnet-1", "subnet-2"],
        access_logs=AccessLogs("logs", prefix="orders"),
        idle_timeout_seconds=120,
        deletion_protection=True,
        drop_invalid_headers=False,
    )
    found = resources(bind(asked, "rolling"))["LoadBalancer"]["Properties"]
    assert (found["Name"], found["Scheme"], found["Subnets"]) == ("orders", "internal", ["subnet-1", "subnet-2"])
    assert {each["Key"]: each["Value"] for each in found["LoadBalancerAttributes"]} == {
        "access_logs.s3.enabled": "true",
        "access_logs.s3.bucket": "logs",
        "access_logs.s3.prefix": "orders",
        "deletion_protection.enabled": "true",
        "idle_timeout.timeout_seconds": "120",
        "routing.http.drop_invalid_header_fields.enabled": "false",
    }


def test_subnets_may_be_an_expression_that_yields_a_list() -> None:
    assert resources(bind(PLAIN, "rolling", subnets=Ref("SubnetIds")))["LoadBalancer"]["Properties"]["Subnets"] == {
        "Ref": "SubnetIds"
    }
    assert [*balancing_problems(PLAIN, "rolling", Ref("SubnetIds"))] == []


def rules(group: dict[str, Any], direction: str) -> list[tuple[int, int, str, str]]:
    found = group["Properties"][f"SecurityGroup{direction}"]
    assert {each["IpProtocol"] for each in found} == {"tcp"}
    return [(each["FromPort"], each["ToPort"], each["CidrIp"], each["Description"]) for each in found]


def test_its_security_group_lets_in_to_the_listeners_and_out_to_the_tasks_ports() -> None:
    group = resources(bind(replace(OWN, ingress=["10.0.0.0/8", Ref("Office")]), "shifting"))[
        "LoadBalancerSecurityGroup"
    ]
    assert group["Properties"]["GroupDescription"] == "Load balancer of orders"
    assert group["Properties"]["VpcId"] == {"Ref": "Vpc"}
    assert data(rules(group, "Ingress")) == [
        [443, 443, "10.0.0.0/8", "Requests"],
        [443, 443, {"Ref": "Office"}, "Requests"],
        [80, 80, "10.0.0.0/8", "Requests to redirect"],
        [80, 80, {"Ref": "Office"}, "Requests to redirect"],
        [8443, 8443, "192.0.2.0/24", "Test traffic"],
    ]
    assert rules(group, "Egress") == [(8080, 8080, "0.0.0.0/0", "To the tasks")]


def accepted(balancer: LoadBalancer, title: str) -> set[str]:
    """What scanners find in that resource, and the stack says why."""
    skipped = resources(bind(balancer, "rolling"))[title].get("Metadata", {}).get("checkov", {}).get("skip", [])
    return {each["id"] for each in skipped}


def test_findings_are_accepted_only_where_they_are_asked_for() -> None:
    closed = replace(PLAIN, ingress=["10.0.0.0/8"], access_logs=AccessLogs("logs"))
    assert accepted(PLAIN, "LoadBalancerSecurityGroup") == {"CKV_AWS_260"}
    assert accepted(closed, "LoadBalancerSecurityGroup") == set()
    assert accepted(PLAIN, "LoadBalancer") == {"CKV_AWS_91"}
    assert accepted(closed, "LoadBalancer") == set()
    assert accepted(replace(closed, drop_invalid_headers=False), "LoadBalancer") == {"CKV_AWS_131"}
    assert accepted(PLAIN, "Listener") == {"CKV_AWS_2", "CKV_AWS_103"}
    assert accepted(replace(PLAIN, certificate=CERTIFICATE), "Listener") == set()


def test_sources_that_may_connect_may_test_by_default() -> None:
    group = resources(bind(replace(OWN, test_ingress=()), "shifting"))["LoadBalancerSecurityGroup"]
    assert (8443, 8443, "0.0.0.0/0", "Test traffic") in rules(group, "Ingress")


def test_health_checks_get_out_too_and_instances_choose_their_ports() -> None:
    checked = replace(PLAIN, target_group=TargetGroup(health_check=TargetHealthCheck(port=9000)))
    addresses = resources(bind(checked, "rolling"))["LoadBalancerSecurityGroup"]
    assert [low for low, *_ in rules(addresses, "Egress")] == [8080, 9000]
    instances = resources(bind(PLAIN, "rolling", target_type="instance"))
    assert [(low, high) for low, high, *_ in rules(instances["LoadBalancerSecurityGroup"], "Egress")] == [(1, 65535)]
    assert instances["TargetGroup"]["Properties"]["TargetType"] == "instance"


OWN_FIRST = ["LoadBalancerSecurityGroup", "LoadBalancer"]
LISTENERS = ["Listener", "HttpListener", "TestListener"]
GROUPS = ["TargetGroup", "AlternateTargetGroup"]
RULES = ["ListenerRule", "TestListenerRule"]
ORDER: dict[str, tuple[LoadBalancer | SharedListener, TrafficMode, list[str]]] = {
    "own, rolling": (replace(OWN, test_port=None), "rolling", [*OWN_FIRST, GROUPS[0], *LISTENERS[:2]]),
    "own, codedeploy": (OWN, "codedeploy", [*OWN_FIRST, *GROUPS, *LISTENERS]),
    "own, shifting": (OWN, "shifting", [*OWN_FIRST, *GROUPS, *LISTENERS, *RULES]),
    "own, shifting untested": (PLAIN, "shifting", [*OWN_FIRST, *GROUPS, LISTENERS[0], RULES[0]]),
    "shared, rolling": (WITHOUT_TEST, "rolling", [GROUPS[0], RULES[0]]),
    "shared, codedeploy": (SHARED, "codedeploy", [*GROUPS, *RULES]),
    "shared, shifting": (SHARED, "shifting", [*GROUPS, *RULES]),
}


@pytest.mark.parametrize(("balancer", "way", "expected"), ORDER.values(), ids=ORDER)
def test_resources_are_there_in_the_order_of_reading(
    balancer: LoadBalancer | SharedListener, way: TrafficMode, expected: list[str]
) -> None:
    traffic = bind(balancer, way)
    found = resources(traffic)
    assert [*found] == expected
    assert list(traffic.target_groups) == [each for each in expected if each in GROUPS]
    groups = [found[each]["Properties"] for each in traffic.target_groups]
    assert all(group == groups[0] for group in groups)


def test_ecs_moves_traffic_by_rules_before_listeners_that_stay_as_they_are() -> None:
    rolling, shifting = resources(bind(OWN, "rolling")), resources(bind(OWN, "shifting"))
    kept = [*OWN_FIRST, *LISTENERS, GROUPS[0]]
    assert {each: shifting[each] for each in kept} == {each: rolling[each] for each in kept}
    for rule, listener in zip(RULES, ("Listener", "TestListener"), strict=True):
        assert shifting[rule] == {
            "Type": "AWS::ElasticLoadBalancingV2::ListenerRule",
            "Properties": {
                "ListenerArn": {"Ref": listener},
                "Priority": 1,
                "Conditions": EVERY_PATH,
                "Actions": WEIGHTED,
            },
        }


@pytest.mark.parametrize(("way", "actions"), [("rolling", FORWARD), ("codedeploy", FORWARD), ("shifting", WEIGHTED)])
def test_on_a_shared_listener_rules_say_what_is_the_services(way: TrafficMode, actions: list[Any]) -> None:
    found = resources(bind(SHARED, way))
    assert found["ListenerRule"]["Properties"] == {
        "ListenerArn": LISTENER,
        "Priority": 20,
        "Conditions": PATHS,
        "Actions": actions,
    }
    assert found["TestListenerRule"]["Properties"] == {
        "ListenerArn": LISTENER,
        "Priority": 10,
        "Conditions": [*PATHS, TEST_HEADER],
        "Actions": actions,
    }


def test_every_kind_of_condition_becomes_one_that_must_be_met() -> None:
    shared = SharedListener(
        listener=Ref("SharedListener"),
        priority=1,
        path_patterns=["/a", "/b"],
        host_headers=["*.example.com"],
        methods=["GET", "HEAD"],
        headers={"User-Agent": ["*Chrome*"], "X-Tenant": [Ref("Tenant")]},
        query={"version": "2", "beta": "yes"},
        source_ips=["192.0.2.0/24"],
    )
    assert resources(bind(shared, "rolling"))["ListenerRule"]["Properties"]["Conditions"] == [
        {"Field": "host-header", "HostHeaderConfig": {"Values": ["*.example.com"]}},
        {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/a", "/b"]}},
        {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["GET", "HEAD"]}},
        {"Field": "source-ip", "SourceIpConfig": {"Values": ["192.0.2.0/24"]}},
        {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "User-Agent", "Values": ["*Chrome*"]}},
        {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X-Tenant", "Values": [{"Ref": "Tenant"}]}},
        {"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "version", "Value": "2"}]}},
        {"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "beta", "Value": "yes"}]}},
    ]


def test_sticky_sessions_stick_to_one_of_two_target_groups() -> None:
    sticky = TargetGroup(stickiness=Stickiness(duration_seconds=600))
    for balancer in (replace(OWN, target_group=sticky), replace(SHARED, target_group=sticky)):
        for rule in RULES:
            [action] = resources(bind(balancer, "shifting"))[rule]["Properties"]["Actions"]
            config = action["ForwardConfig"]
            assert config["TargetGroupStickinessConfig"] == {"Enabled": True, "DurationSeconds": 600}
    assert resources(bind(replace(SHARED, target_group=sticky), "rolling"))["ListenerRule"]["Properties"][
        "Actions"
    ] == (FORWARD)


REFERENCES: dict[str, tuple[LoadBalancer | SharedListener, TrafficMode, dict[str, Any]]] = {
    "own, rolling": (
        PLAIN,
        "rolling",
        {
            "production_listener": {"Ref": "Listener"},
            "test_listener": None,
            "production_rule": None,
            "test_rule": None,
            "before_service": ["Listener"],
            "immutable": {},
        },
    ),
    "own, codedeploy": (
        OWN,
        "codedeploy",
        {
            "production_listener": {"Ref": "Listener"},
            "test_listener": {"Ref": "TestListener"},
            "production_rule": None,
            "test_rule": None,
            "before_service": ["Listener", "TestListener"],
            "immutable": {"Listener": ["DefaultActions"], "TestListener": ["DefaultActions"]},
        },
    ),
    "own, shifting": (
        OWN,
        "shifting",
        {
            "production_listener": {"Ref": "Listener"},
            "test_listener": {"Ref": "TestListener"},
            "production_rule": {"Ref": "ListenerRule"},
            "test_rule": {"Ref": "TestListenerRule"},
            "before_service": [],
            "immutable": {"ListenerRule": ["Actions"], "TestListenerRule": ["Actions"]},
        },
    ),
    "shared, rolling": (
        WITHOUT_TEST,
        "rolling",
        {
            "production_listener": LISTENER,
            "test_listener": None,
            "production_rule": {"Ref": "ListenerRule"},
            "test_rule": None,
            "before_service": ["ListenerRule"],
            "immutable": {},
        },
    ),
    "shared, codedeploy": (
        replace(SHARED, test=RuleForTests(listener=OTHER_LISTENER, priority=20)),
        "codedeploy",
        {
            "production_listener": LISTENER,
            "test_listener": OTHER_LISTENER,
            "production_rule": {"Ref": "ListenerRule"},
            "test_rule": {"Ref": "TestListenerRule"},
            "before_service": ["ListenerRule", "TestListenerRule"],
            "immutable": {"ListenerRule": ["Actions"], "TestListenerRule": ["Actions"]},
        },
    ),
    "shared, shifting": (
        SHARED,
        "shifting",
        {
            "production_listener": LISTENER,
            "test_listener": LISTENER,
            "production_rule": {"Ref": "ListenerRule"},
            "test_rule": {"Ref": "TestListenerRule"},
            "before_service": [],
            "immutable": {"ListenerRule": ["Actions"], "TestListenerRule": ["Actions"]},
        },
    ),
}


@pytest.mark.parametrize(("balancer", "way", "expected"), REFERENCES.values(), ids=REFERENCES)
def test_what_a_service_and_its_deployments_refer_to(
    balancer: LoadBalancer | SharedListener, way: TrafficMode, expected: dict[str, Any]
) -> None:
    traffic = bind(balancer, way)
    assert {name: data(getattr(traffic, name)) for name in expected} == expected
    found = resources(traffic)
    for title, properties in traffic.immutable.items():
        assert all(name in found[title]["Properties"] for name in properties)


def test_the_load_balancers_security_group_is_set_where_it_is_known() -> None:
    own = {"Fn::GetAtt": ["LoadBalancerSecurityGroup", "GroupId"]}
    assert data(bind(OWN, "rolling").security_group) == own
    assert data(bind(SHARED, "rolling").security_group) == {"Ref": "SharedSecurityGroup"}
    assert bind(replace(SHARED, security_group=None), "rolling").security_group is None


def test_the_stack_tells_where_the_load_balancer_is() -> None:
    named = {
        "LoadBalancerDnsName": {"Fn::GetAtt": ["LoadBalancer", "DNSName"]},
        "LoadBalancerHostedZoneId": {"Fn::GetAtt": ["LoadBalancer", "CanonicalHostedZoneID"]},
    }
    assert data(bind(OWN, "rolling").outputs) == named, "the certificate is for another name"
    assert data(bind(PLAIN, "rolling").outputs) == {**named, "Url": {"Fn::Sub": "http://${LoadBalancer.DNSName}/"}}
    assert bind(SHARED, "rolling").outputs == {}


def test_requests_are_counted_by_load_balancer_and_target_group() -> None:
    assert data(bind(PLAIN, "rolling").request_label) == {
        "Fn::Sub": "${LoadBalancer.LoadBalancerFullName}/${TargetGroup.TargetGroupFullName}"
    }
    literal = {"Fn::Sub": "app/shop/50dc6c495c0c9188/${TargetGroup.TargetGroupFullName}"}
    assert data(bind(SHARED, "rolling").request_label) == literal
    parts = [{"Fn::Select": [index, {"Fn::Split": ["/", {"Ref": "Shared"}]}]} for index in (1, 2, 3)]
    assert data(bind(replace(SHARED, listener=Ref("Shared")), "rolling").request_label) == {
        "Fn::Sub": ["${Value1}/${TargetGroup.TargetGroupFullName}", {"Value1": {"Fn::Join": ["/", parts]}}]
    }
    assert bind(PLAIN, "shifting").request_label is None
    assert bind(SHARED, "codedeploy").request_label is None


READ: dict[str, tuple[dict[str, Any], LoadBalancer | SharedListener]] = {
    "nothing": ({}, PLAIN),
    "own": (
        {"certificate": {"Ref": "Certificate"}, "test_port": 8443, "test_ingress": ["192.0.2.0/24"]},
        OWN,
    ),
    "shared": (
        {
            "listener": LISTENER,
            "priority": 20,
            "security_group": {"Ref": "SharedSecurityGroup"},
            "path_patterns": ["/orders/*"],
            "test": {"priority": 10, "headers": {"X-Test": ["yes"]}},
        },
        SHARED,
    ),
}


@pytest.mark.parametrize(("given", "expected"), READ.values(), ids=READ)
def test_a_listener_is_what_makes_it_shared(given: Any, expected: LoadBalancer | SharedListener) -> None:
    assert read_as(Balancer, given) == expected


# Problems. Every row is one: its code, and where it is.

Row = tuple[Any, str, tuple[str | int, ...]]


def check(**fields: Any) -> TargetHealthCheck:
    return TargetHealthCheck(**fields)


FINE_GROUPS = {
    "the least": TargetGroup(
        health_check=check(
            interval_seconds=5, timeout_seconds=2, healthy_count=2, unhealthy_count=2, port=1, path="/", matcher="200"
        ),
        deregistration_delay_seconds=0,
        slow_start_seconds=30,
        stickiness=Stickiness(duration_seconds=1, cookie="s"),
    ),
    "the most": TargetGroup(
        health_check=check(
            interval_seconds=300,
            timeout_seconds=120,
            healthy_count=10,
            unhealthy_count=10,
            port=65535,
            path="/" + "a" * 1023,
            matcher="200-499",
        ),
        deregistration_delay_seconds=3600,
        slow_start_seconds=900,
        stickiness=Stickiness(duration_seconds=604_800, cookie="__Host-session.id"),
    ),
    "grpc": TargetGroup(protocol_version="GRPC", health_check=check(path="/shop.Orders/Check", matcher="0-99,12")),
    "an expression": TargetGroup(health_check=check(path=Ref("HealthPath"))),
    "weighted random": TargetGroup(algorithm="weighted_random"),
    "sticky least outstanding": TargetGroup(algorithm="least_outstanding_requests", stickiness=Stickiness()),
}


@pytest.mark.parametrize("group", FINE_GROUPS.values(), ids=FINE_GROUPS)
def test_target_groups_that_aws_takes_are_taken(group: TargetGroup) -> None:
    assert [*constraints(group), *group.problems()] == []


WRONG_CHECKS: dict[str, tuple[TargetHealthCheck, str]] = {
    "longer than the interval": (check(timeout_seconds=10, interval_seconds=10), "timeout_seconds"),
    "no path": (check(path="health"), "path"),
    "an empty path": (check(path=""), "path"),
    "a path with a space": (check(path="/a b"), "path"),
    "a long path": (check(path="/" + "a" * 1024), "path"),
    "code 199": (check(matcher="199"), "matcher"),
    "code 500": (check(matcher="200-500"), "matcher"),
    "codes backwards": (check(matcher="299-200"), "matcher"),
    "codes with spaces": (check(matcher="200, 302"), "matcher"),
    "no codes": (check(matcher=""), "matcher"),
    "a range of three": (check(matcher="200-210-220"), "matcher"),
}


@pytest.mark.parametrize(("made", "name"), WRONG_CHECKS.values(), ids=WRONG_CHECKS)
def test_health_checks_that_aws_rejects_are_rejected(made: TargetHealthCheck, name: str) -> None:
    group = TargetGroup(health_check=made)
    [problem] = [*constraints(group), *group.problems()]
    assert problem.path == ("health_check", name)
    assert problem.code in ("target-group-health", "wrong-form")


WRONG_GROUPS: dict[str, Row] = {
    "grpc by a page": (
        TargetGroup(protocol_version="GRPC", health_check=check(path="/")),
        "target-group-health",
        ("health_check", "path"),
    ),
    "grpc by codes of HTTP": (
        TargetGroup(protocol_version="GRPC", health_check=check(matcher="200")),
        "target-group-health",
        ("health_check", "matcher"),
    ),
    "a code that gRPC has not": (
        TargetGroup(protocol_version="GRPC", health_check=check(matcher="0-100")),
        "target-group-health",
        ("health_check", "matcher"),
    ),
    "a start of 29": (TargetGroup(slow_start_seconds=29), "out-of-range", ("slow_start_seconds",)),
    "a start of 901": (TargetGroup(slow_start_seconds=901), "out-of-range", ("slow_start_seconds",)),
    "a slow start to the least busy": (
        TargetGroup(slow_start_seconds=30, algorithm="least_outstanding_requests"),
        "target-group-slow-start",
        ("slow_start_seconds",),
    ),
    "a slow start by chance": (
        TargetGroup(slow_start_seconds=30, algorithm="weighted_random"),
        "target-group-slow-start",
        ("slow_start_seconds",),
    ),
    "sessions by chance": (
        TargetGroup(stickiness=Stickiness(), algorithm="weighted_random"),
        "target-group-stickiness",
        ("stickiness",),
    ),
    "the load balancer's cookie": (
        TargetGroup(stickiness=Stickiness(cookie="AWSALBAPP-0")),
        "target-group-stickiness",
        ("stickiness", "cookie"),
    ),
    "a cookie with a space": (
        TargetGroup(stickiness=Stickiness(cookie="a b")),
        "wrong-form",
        ("stickiness", "cookie"),
    ),
    "a cookie without a name": (
        TargetGroup(stickiness=Stickiness(cookie="")),
        "wrong-form",
        ("stickiness", "cookie"),
    ),
}


def shared(**fields: Any) -> SharedListener:
    return SharedListener(**{"listener": LISTENER, "priority": 20, "path_patterns": ["/a"], **fields})


def only(**fields: Any) -> SharedListener:
    """A rule with these conditions alone."""
    return shared(path_patterns=[], **fields)


FINE_LISTENERS = {
    "the first": shared(priority=1),
    "the last": shared(priority=50_000),
    "expressions": shared(listener=Ref("Shared"), path_patterns=[Sub("/${Name}/*")]),
    "another partition": shared(
        listener=LISTENER.replace("arn:aws:", "arn:aws-cn:").replace("eu-west-1", "cn-north-1")
    ),
    "paths": shared(path_patterns=["/*", "*.php", "/a_-.$/~\"'@:+&?b", "/" + "a" * 127]),
    "hosts": only(host_headers=["example.com", "*.Example.co", "a?.b-c.example"]),
    "methods": only(methods=["GET", "CUSTOM-METHOD_"]),
    "headers": only(headers={"X-Test": ["*"], "a" * 40: ["b" * 128]}),
    "queries": only(query={"q" * 128: "v" * 128}),
    "addresses": only(source_ips=["192.0.2.0/24", "2001:db8::/32", "192.0.2.1/24"]),
    "five values": shared(path_patterns=["/a", "/b"], methods=["GET"], headers={"X": ["1", "2"]}),
    "six wildcards": shared(path_patterns=["/*/*/?", "/a?*?"]),
    "wildcards that are none": only(query={"q": r"\*\*\*\*\?\?\?"}),
    "tests by a header": SHARED,
    "five values with the test's": shared(
        methods=["A", "B"], test=RuleForTests(priority=19, headers={"X": ["1", "2"]})
    ),
    "tests on another listener": shared(test=RuleForTests(listener=OTHER_LISTENER, priority=50_000)),
}


@pytest.mark.parametrize("balancer", FINE_LISTENERS.values(), ids=FINE_LISTENERS)
def test_rules_that_aws_takes_are_taken(balancer: SharedListener) -> None:
    assert [*constraints(balancer), *balancing_problems(balancer, "shifting", ())] == []


WRONG_LISTENERS: dict[str, Row] = {
    "a rule": (shared(listener=LISTENER.replace("listener", "listener-rule")), "wrong-reference", ("listener",)),
    "a network load balancer's": (
        shared(listener=LISTENER.replace("/app/", "/net/")),
        "wrong-reference",
        ("listener",),
    ),
    "no condition": (only(), "listener-condition", ()),
    "six values": (shared(path_patterns=["/a", "/b", "/c"], methods=["GET", "PUT", "POST"]), "listener-condition", ()),
    "seven wildcards": (shared(path_patterns=["/****", "/???"]), "listener-condition", ()),
    "a relative path": (shared(path_patterns=["/a", "b/*"]), "wrong-form", ("path_patterns", 1)),
    "a path with a query": (shared(path_patterns=["/a#b"]), "wrong-form", ("path_patterns", 0)),
    "an empty path": (shared(path_patterns=[""]), "wrong-form", ("path_patterns", 0)),
    "a long path": (shared(path_patterns=["/" + "a" * 128]), "wrong-form", ("path_patterns", 0)),
    "a host without a dot": (only(host_headers=["localhost"]), "wrong-form", ("host_headers", 0)),
    "a host with a port": (only(host_headers=["example.com:80"]), "wrong-form", ("host_headers", 0)),
    "an address as host": (only(host_headers=["192.0.2.1"]), "wrong-form", ("host_headers", 0)),
    "a long host": (only(host_headers=["a" * 125 + ".com"]), "wrong-form", ("host_headers", 0)),
    "a small method": (only(methods=["get"]), "wrong-form", ("methods", 0)),
    "a long method": (only(methods=["A" * 41]), "wrong-form", ("methods", 0)),
    "a long value": (only(headers={"X": ["a" * 129]}), "wrong-form", ("headers", "X", 0)),
    "an empty value": (only(headers={"X": ["a", ""]}), "wrong-form", ("headers", "X", 1)),
    "no value": (shared(headers={"X": []}), "wrong-length", ("headers", "X")),
    "a header with a wildcard?": (only(headers={"X:*": ["a"]}), "wrong-form", ("headers", "X:*")),
    "a long header": (only(headers={"a" * 41: ["a"]}), "wrong-form", ("headers", "a" * 41)),
    "the host as a header": (only(headers={"Host": ["example.com"]}), "listener-condition", ("headers", "Host")),
    "a long query": (only(query={"a": "b" * 129}), "wrong-form", ("query", "a")),
    "a long key": (only(query={"a" * 129: "b"}), "wrong-form", ("query", "a" * 129)),
    "an address": (only(source_ips=["192.0.2.1"]), "wrong-form", ("source_ips", 0)),
    "no address": (only(source_ips=["192.0.2.0/33"]), "wrong-form", ("source_ips", 0)),
    "the one that AWS takes not": (only(source_ips=["255.255.255.255/32"]), "wrong-form", ("source_ips", 0)),
    "a wrong listener for tests": (
        shared(test=RuleForTests(listener="test", priority=1)),
        "wrong-reference",
        ("test", "listener"),
    ),
    "tests that take all": (shared(test=RuleForTests(priority=1)), "listener-test", ("test", "headers")),
    "tests on the listener by name": (
        shared(test=RuleForTests(listener=LISTENER, priority=1)),
        "listener-test",
        ("test", "headers"),
    ),
    "tests after production": (
        shared(test=RuleForTests(priority=20, headers={"X": ["1"]})),
        "listener-test",
        ("test", "priority"),
    ),
    "tests by a header without values": (
        shared(test=RuleForTests(priority=1, headers={"X": []})),
        "wrong-length",
        ("test", "headers", "X"),
    ),
    "tests by a long value": (
        shared(test=RuleForTests(priority=1, headers={"X": ["a" * 129]})),
        "wrong-form",
        ("test", "headers", "X", 0),
    ),
    "tests with too many values": (
        shared(methods=["A", "B", "C"], test=RuleForTests(priority=1, headers={"X": ["1", "2"]})),
        "listener-condition",
        ("test", "headers"),
    ),
    "a value more for tests": (
        shared(methods=["A", "B", "C", "D"], test=RuleForTests(priority=1, headers={"X": ["1"]})),
        "listener-condition",
        ("test", "headers"),
    ),
    "six values, of which the test's is not told again": (
        shared(methods=["A", "B", "C", "D", "E"], test=RuleForTests(priority=1, headers={"X": ["1"]})),
        "listener-condition",
        (),
    ),
    "its target group": (
        shared(target_group=TargetGroup(slow_start_seconds=1)),
        "out-of-range",
        ("target_group", "slow_start_seconds"),
    ),
}

FINE_BALANCERS = {
    "nothing said": PLAIN,
    "all said": LoadBalancer(
        scheme="internal",
        name="a" * 32,
        subnets=["subnet-1", "subnet-2"],
        certificate=CERTIFICATE,
        ssl_policy="ELBSecurityPolicy-TLS13-1-3-2021-06",
        access_logs=AccessLogs("logs", prefix="a/b"),
        idle_timeout_seconds=4000,
        test_port=65535,
        ingress=["10.0.0.0/8", "192.0.2.1/32"],
        target_group=TargetGroup(protocol_version="GRPC"),
    ),
    "a policy for FIPS": LoadBalancer(certificate=CERTIFICATE, ssl_policy="ELBSecurityPolicy-TLS13-1-2-FIPS-2023-04"),
    "one letter": LoadBalancer(name="a", idle_timeout_seconds=1, test_port=1),
    "a hyphen inside": LoadBalancer(name="a-b"),
    "a certificate of IAM": LoadBalancer(certificate="arn:aws:iam::123456789012:server-certificate/shop"),
    "port 443 without a certificate": LoadBalancer(test_port=443),
    "expressions": LoadBalancer(
        name=Ref("Name"),
        certificate=Ref("Certificate"),
        ssl_policy=Ref("Policy"),
        ingress=[Ref("Office")],
        access_logs=AccessLogs(Ref("Logs"), prefix=Ref("Prefix")),
    ),
}


@pytest.mark.parametrize("balancer", FINE_BALANCERS.values(), ids=FINE_BALANCERS)
def test_load_balancers_that_aws_takes_are_taken(balancer: LoadBalancer) -> None:
    assert [*constraints(balancer), *balancing_problems(balancer, "shifting", ["subnet-1", "subnet-2"])] == []


def logs(**fields: Any) -> LoadBalancer:
    return LoadBalancer(access_logs=AccessLogs(**{"bucket": "logs", **fields}))


WRONG_BALANCERS: dict[str, Row] = {
    "a long name": (LoadBalancer(name="a" * 33), "wrong-form", ("name",)),
    "no name": (LoadBalancer(name=""), "wrong-form", ("name",)),
    "a hyphen first": (LoadBalancer(name="-a"), "wrong-form", ("name",)),
    "a hyphen last": (LoadBalancer(name="a-"), "wrong-form", ("name",)),
    "a name of AWS's": (LoadBalancer(name="internal-a"), "wrong-form", ("name",)),
    "a name with _": (LoadBalancer(name="a_b"), "wrong-form", ("name",)),
    "one subnet": (LoadBalancer(subnets=["subnet-1"]), "load-balancer-subnets", ("subnets",)),
    "a domain for a certificate": (LoadBalancer(certificate="example.com"), "wrong-reference", ("certificate",)),
    "HTTP/2 in the clear": (
        LoadBalancer(target_group=TargetGroup(protocol_version="HTTP2")),
        "load-balancer-tls",
        ("target_group", "protocol_version"),
    ),
    "tests on production's port": (LoadBalancer(test_port=80), "load-balancer-test", ("test_port",)),
    "tests on the secure port": (
        LoadBalancer(certificate=CERTIFICATE, test_port=443),
        "load-balancer-test",
        ("test_port",),
    ),
    "tests on the redirecting port": (
        LoadBalancer(certificate=CERTIFICATE, test_port=80),
        "load-balancer-test",
        ("test_port",),
    ),
    "testers without a port": (LoadBalancer(test_ingress=["10.0.0.0/8"]), "load-balancer-test", ("test_ingress",)),
    "an address": (LoadBalancer(ingress=["10.0.0.0/8", "10.0.0.1"]), "wrong-form", ("ingress", 1)),
    "IPv6": (LoadBalancer(ingress=["::/0"]), "wrong-form", ("ingress", 0)),
    "a tester's name": (
        LoadBalancer(test_port=81, test_ingress=["office"]),
        "wrong-form",
        ("test_ingress", 0),
    ),
    "a bucket's ARN": (logs(bucket="arn:aws:s3:::logs"), "wrong-reference", ("access_logs", "bucket")),
    "a prefix with /": (logs(prefix="/a"), "wrong-form", ("access_logs", "prefix")),
    "a prefix before /": (logs(prefix="a/"), "wrong-form", ("access_logs", "prefix")),
    "an empty prefix": (logs(prefix=""), "wrong-form", ("access_logs", "prefix")),
    "AWS's prefix": (logs(prefix="a/AWSLogs"), "wrong-form", ("access_logs", "prefix")),
}


@pytest.mark.parametrize(
    ("made", "code", "path"),
    [*WRONG_GROUPS.values(), *WRONG_LISTENERS.values(), *WRONG_BALANCERS.values()],
    ids=[*WRONG_GROUPS, *WRONG_LISTENERS, *WRONG_BALANCERS],
)
def test_what_aws_rejects_is_rejected(
    made: TargetGroup | SharedListener | LoadBalancer, code: str, path: tuple[str | int, ...]
) -> None:
    [problem] = [*constraints(made), *made.problems()]
    assert (problem.code, problem.path, problem.severity) == (code, path, "error")
    assert problem.fix or " must " in problem.text


def codes_and_paths(problems: Iterable[Problem]) -> list[tuple[str, tuple[str | int, ...], str]]:
    return [(problem.code, problem.path, problem.severity) for problem in problems]


SUBNETS = ("subnet-1", "subnet-2")


def test_the_port_is_not_checked_where_instances_find_ports() -> None:
    group = TargetGroup(health_check=check(port=9000))
    path = ("target_group", "health_check", "port")
    for balancer in (replace(PLAIN, target_group=group), replace(WITHOUT_TEST, target_group=group)):
        assert codes_and_paths(balancing_problems(balancer, "rolling", SUBNETS)) == []
        problems = balancing_problems(balancer, "rolling", SUBNETS, dynamic_ports=True)
        assert codes_and_paths(problems) == [("target-group-health", path, "error")]
    assert codes_and_paths(balancing_problems(PLAIN, "rolling", SUBNETS, dynamic_ports=True)) == []


def test_a_load_balancer_without_subnets_is_in_the_services() -> None:
    refused = [("load-balancer-subnets", ("subnets",), "error")]
    assert codes_and_paths(balancing_problems(PLAIN, "rolling", ["subnet-1"])) == refused
    assert codes_and_paths(balancing_problems(PLAIN, "rolling", ())) == refused
    assert codes_and_paths(balancing_problems(replace(PLAIN, subnets=SUBNETS), "rolling", ())) == []
    assert codes_and_paths(balancing_problems(WITHOUT_TEST, "rolling", ())) == []


def test_rolling_deployments_have_no_test_traffic() -> None:
    assert codes_and_paths(balancing_problems(OWN, "rolling", SUBNETS)) == [("balancing-test", ("test_port",), "error")]
    assert codes_and_paths(balancing_problems(SHARED, "rolling", SUBNETS)) == [("balancing-test", ("test",), "error")]
    assert codes_and_paths(balancing_problems(OWN, "codedeploy", SUBNETS)) == []


def test_codedeploy_wants_a_listener_for_test_traffic() -> None:
    assert codes_and_paths(balancing_problems(SHARED, "codedeploy", SUBNETS)) == [
        ("balancing-test", ("test",), "error")
    ]
    other = replace(SHARED, test=RuleForTests(listener=OTHER_LISTENER, priority=20))
    assert codes_and_paths(balancing_problems(other, "codedeploy", SUBNETS)) == []
    assert codes_and_paths(balancing_problems(SHARED, "shifting", SUBNETS)) == []


@pytest.mark.parametrize("balancer", [PLAIN, WITHOUT_TEST], ids=["own", "shared"])
def test_sticky_sessions_go_with_some_ways_to_move_traffic(balancer: LoadBalancer | SharedListener) -> None:
    def problems(way: TrafficMode, stickiness: Stickiness | None) -> list[Any]:
        sticky = replace(balancer, target_group=TargetGroup(stickiness=stickiness))
        return codes_and_paths(balancing_problems(sticky, way, SUBNETS))

    path = ("target_group", "stickiness")
    by_cookie = Stickiness(cookie="session")
    assert problems("rolling", by_cookie) == problems("shifting", Stickiness()) == problems("codedeploy", None) == []
    assert problems("shifting", by_cookie) == [("balancing-stickiness", path, "error")]
    for stickiness in (Stickiness(), by_cookie):
        assert problems("codedeploy", stickiness) == [("balancing-stickiness", path, "warning")]


# Whole stacks, as tools see them.


def stack(balancer: LoadBalancer | SharedListener, way: TrafficMode) -> Template:
    """A stack with a service that gets its requests so."""
    traffic, template = bind(balancer, way), Template()
    kinds = {"Vpc": "AWS::EC2::VPC::Id", "SubnetA": "AWS::EC2::Subnet::Id", "SubnetB": "AWS::EC2::Subnet::Id"}
    if isinstance(balancer, SharedListener):
        kinds["SharedSecurityGroup"] = "AWS::EC2::SecurityGroup::Id"
    for resource in traffic.resources:
        template.add_resource(resource)
    for name, value in traffic.outputs.items():
        template.add_output(Output(name, Value=value))
    _add_service(template, traffic)
    if '"Certificate"}' in template.to_json().replace(" ", "").replace("\n", ""):
        kinds["Certificate"] = "String"
    for name, kind in kinds.items():
        template.add_parameter(Parameter(name, Type=kind))
    return template


def _add_service(template: Template, traffic: Traffic) -> None:
    from troposphere import ec2

    source = traffic.security_group
    ingress = ec2.Ingress(
        IpProtocol="tcp", FromPort=8080, ToPort=8080, SourceSecurityGroupId=source, Description="From the load balancer"
    )
    template.add_resource(
        ec2.SecurityGroup("Tasks", GroupDescription="Tasks", VpcId=Ref("Vpc"), SecurityGroupIngress=[ingress])
    )
    network = ecs.AwsvpcConfiguration(
        Subnets=[Ref("SubnetA"), Ref("SubnetB")], SecurityGroups=[GetAtt("Tasks", "GroupId")]
    )
    advanced: dict[str, Any] = {}
    if traffic.production_rule is not None and len(traffic.target_groups) > 1 and not traffic.before_service:
        first, second = traffic.target_groups
        shift = TrafficShift(
            target_group=Ref(first),
            alternate_target_group=Ref(second),
            production_rule=traffic.production_rule,
            test_rule=traffic.test_rule,
        )
        advanced["AdvancedConfiguration"] = shift.configuration("arn:aws:iam::123456789012:role/infrastructure")
    balanced = ecs.LoadBalancer(
        ContainerName="app", ContainerPort=8080, TargetGroupArn=Ref(traffic.target_groups[0]), **advanced
    )
    template.add_resource(
        ecs.Service(
            "Service",
            Cluster="main",
            LaunchType="FARGATE",
            TaskDefinition="orders",
            NetworkConfiguration=ecs.NetworkConfiguration(AwsvpcConfiguration=network),
            LoadBalancers=[balanced],
            **({"DependsOn": list(traffic.before_service)} if traffic.before_service else {}),  # type: ignore[arg-type]
        )
    )


STACKS = {name: stack(balancer, way) for name, (balancer, way, _) in (ORDER | REFERENCES).items()}
STACKS["own, with all that can be said"] = stack(
    replace(
        PLAIN,
        access_logs=AccessLogs("logs-of-orders", prefix="orders"),
        deletion_protection=True,
        drop_invalid_headers=False,
        ingress=["10.0.0.0/8"],
        target_group=TargetGroup(slow_start_seconds=30, stickiness=Stickiness()),
    ),
    "shifting",
)


@pytest.mark.parametrize("template", STACKS.values(), ids=STACKS)
def test_cfn_lint_finds_nothing(template: Template, tmp_path: Path, cfn_lint: Path) -> None:
    file = tmp_path / "service.json"
    file.write_text(template.to_json())
    command: list[str | Path] = [cfn_lint, "--include-checks", "I", "--template", file]
    linted = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (linted.returncode, linted.stdout) == (0, "")


def test_checkov_finds_nothing_and_every_suppression_has_a_reason(tmp_path: Path, checkov: Path) -> None:
    for name, template in STACKS.items():
        (tmp_path / f"{name}.json").write_text(template.to_json())
    command: list[str | Path] = [
        checkov,
        "--skip-download",
        "--framework",
        "cloudformation",
        "--directory",
        tmp_path,
        "--output",
        "json",
    ]
    scanned = subprocess.run(command, capture_output=True, text=True, check=False)
    report = json.loads(scanned.stdout)
    failed = [(each["check_id"], each["resource"]) for each in report["results"]["failed_checks"]]
    assert (failed, report["summary"]["parsing_errors"]) == ([], 0)
    skipped = report["results"]["skipped_checks"]
    assert {each["check_id"] for each in skipped} == {
        "CKV_AWS_2",
        "CKV_AWS_91",
        "CKV_AWS_103",
        "CKV_AWS_131",
        "CKV_AWS_260",
    }
    assert all(len(each["check_result"]["suppress_comment"]) > 20 for each in skipped)
