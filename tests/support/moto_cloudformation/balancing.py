"""Load balancers, their listeners and target groups."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from moto.cloudformation.exceptions import UnformattedGetAttTemplateException
from moto.core.common_models import CloudFormationModel
from moto.elbv2.models import FakeListenerRule, elbv2_backends

from tests.support.moto_cloudformation.conversion import (
    Properties,
    api_shape,
    as_api,
    as_structure,
    replace,
    tag_map,
    underscored,
    without,
)
from tests.support.moto_cloudformation.resource import TemplateResource


class TargetGroup(TemplateResource, CloudFormationModel):
    """moto's own drops attributes and tags, and has no name to give to CodeDeploy."""

    kind = "AWS::ElasticLoadBalancingV2::TargetGroup"
    named_by = "Name"
    fixed = ("Port", "Protocol", "ProtocolVersion", "TargetType", "VpcId", "IpAddressType")
    group: Any

    def asked(self) -> Properties:
        given = without(self.properties, "Name", "TargetGroupAttributes", "Targets", "Tags")
        return underscored(as_structure(given, api_shape("elbv2", "CreateTargetGroupInput"), ""))

    def create(self) -> None:
        spelled = {name.replace("health_check", "healthcheck"): value for name, value in self.asked().items()}
        self.group = self.here(elbv2_backends).create_target_group(
            self.name, **dict.fromkeys(("vpc_id", "protocol", "port")) | spelled
        )

    def settle(self) -> None:
        backend = self.here(elbv2_backends)
        vars(self.group).update(self.asked())
        attributes = tag_map(self.properties.get("TargetGroupAttributes", []))
        backend.modify_target_group_attributes(self.group.arn, attributes)
        backend.tagging_service.delete_all_tags_for_resource(self.group.arn)
        backend.tagging_service.tag_resource(self.group.arn, self.properties.get("Tags", []))

    def remove(self) -> None:
        self.here(elbv2_backends).delete_target_group(self.group.arn)

    def reference(self) -> str:
        return str(self.group.arn)

    def attributes(self) -> Mapping[str, Any]:
        return {
            "LoadBalancerArns": self.group.load_balancer_arns,
            "TargetGroupArn": self.group.arn,
            "TargetGroupFullName": self.group.arn.split(":")[-1],
            "TargetGroupName": self.name,
        }


class LoadBalancer(TemplateResource, CloudFormationModel):
    """moto's own drops type, attributes and tags, and silently leaves out properties that ask for most attributes."""

    kind = "AWS::ElasticLoadBalancingV2::LoadBalancer"
    named_by = "Name"
    fixed = ("Scheme", "Type")
    known = (
        *fixed,
        "IpAddressType",
        "LoadBalancerAttributes",
        "SecurityGroups",
        "SubnetMappings",
        "Subnets",
        "Tags",
    )
    balancer: Any

    def create(self) -> None:
        asked = self.properties
        self.balancer = self.here(elbv2_backends).create_load_balancer(
            self.name,
            asked.get("SecurityGroups", []),
            asked.get("Subnets", []),
            subnet_mappings=asked.get("SubnetMappings"),
            scheme=asked.get("Scheme", "internet-facing"),
            loadbalancer_type=asked.get("Type"),
            ip_address_type=asked.get("IpAddressType", "ipv4"),
        )

    def settle(self) -> None:
        asked, backend = self.properties, self.here(elbv2_backends)
        self.balancer.security_groups = asked.get("SecurityGroups", [])
        backend.modify_load_balancer_attributes(self.balancer.arn, tag_map(asked.get("LoadBalancerAttributes", [])))
        backend.tagging_service.delete_all_tags_for_resource(self.balancer.arn)
        backend.tagging_service.tag_resource(self.balancer.arn, asked.get("Tags", []))

    def remove(self) -> None:
        self.here(elbv2_backends).delete_load_balancer(self.balancer.arn)

    def reference(self) -> str:
        return str(self.balancer.arn)

    def attributes(self) -> Mapping[str, Any]:
        return {
            "CanonicalHostedZoneID": self.balancer.canonical_hosted_zone_id,
            "DNSName": self.balancer.dns_name,
            "LoadBalancerArn": self.balancer.arn,
            "LoadBalancerFullName": self.balancer.arn.split(":loadbalancer/")[-1],
            "LoadBalancerName": self.name,
            "SecurityGroups": self.balancer.security_groups,
        }


class Listener(TemplateResource, CloudFormationModel):
    """moto's own does not know forwarding to several target groups."""

    kind = "AWS::ElasticLoadBalancingV2::Listener"
    fixed = ("LoadBalancerArn",)
    known = (*fixed, "AlpnPolicy", "Certificates", "DefaultActions", "Port", "Protocol", "SslPolicy")
    listener: Any

    def actions(self) -> list[Properties]:
        shape = api_shape("elbv2", "Action")
        return [as_api(action, shape) for action in self.properties["DefaultActions"]]

    def create(self) -> None:
        asked = self.properties
        certificates = [each["CertificateArn"] for each in asked.get("Certificates", [])]
        self.listener = self.here(elbv2_backends).create_listener(
            asked["LoadBalancerArn"],
            asked.get("Protocol"),
            asked.get("Port"),
            asked.get("SslPolicy"),
            certificates[0] if certificates else None,
            self.actions(),
            alpn_policy=asked.get("AlpnPolicy"),
        )

    def settle(self) -> None:
        asked = self.properties
        self.here(elbv2_backends).modify_listener(
            self.listener.arn,
            asked.get("Port"),
            asked.get("Protocol"),
            asked.get("SslPolicy"),
            asked.get("Certificates", []),
            self.actions(),
        )

    def remove(self) -> None:
        balancers = self.here(elbv2_backends).load_balancers
        if self.properties["LoadBalancerArn"] in balancers:
            self.here(elbv2_backends).delete_listener(self.listener.arn)

    def reference(self) -> str:
        return str(self.listener.arn)

    def attributes(self) -> Mapping[str, Any]:
        return {"ListenerArn": self.listener.arn}


def teach_attributes(model: Any, attributes: Mapping[str, Callable[[Any], Any]]) -> None:
    def get_cfn_attribute(resource: Any, attribute_name: str) -> Any:
        if attribute_name not in attributes:
            raise UnformattedGetAttTemplateException
        return attributes[attribute_name](resource)

    replace(model, "get_cfn_attribute", get_cfn_attribute)
    replace(model, "has_cfn_attr", classmethod(lambda _, attr: attr in attributes))


def delete_listener_rule(rule: FakeListenerRule, account_id: str, region_name: str) -> None:
    elbv2_backends[account_id][region_name].delete_rule(rule.arn)
