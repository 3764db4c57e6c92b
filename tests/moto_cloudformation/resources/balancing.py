"""Load balancers, their listeners and target groups."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from typing import Any

from moto.core.common_models import CloudFormationModel
from moto.elbv2.models import FakeAction, elbv2_backends
from moto.elbv2.ssl_policies import SSL_POLICIES

from tests.moto_cloudformation.conversion import (
    Properties,
    api_shape,
    as_structure,
    refuse,
    underscored,
    without,
)
from tests.moto_cloudformation.resource import TemplateResource
from tests.moto_cloudformation.templates import as_text


class TargetGroup(TemplateResource, CloudFormationModel):
    """moto's own drops attributes and tags, and has no name to give to CodeDeploy."""

    kind = "AWS::ElasticLoadBalancingV2::TargetGroup"
    named_by = "Name"
    fixed = ("Port", "Protocol", "ProtocolVersion", "TargetType", "VpcId", "IpAddressType")
    group: Any
    defaults: Properties

    def asked(self, properties: Properties) -> Properties:
        given = without(properties, "Name", "TargetGroupAttributes", "Targets", "Tags")
        return underscored(as_structure(given, api_shape("elbv2", "CreateTargetGroupInput"), ""))

    def create(self) -> None:
        asked = self.asked({name: value for name, value in self.properties.items() if name in self.fixed})
        needed = dict.fromkeys(("vpc_id", "protocol", "port")) | {"target_type": "instance"}
        self.group = self.here(elbv2_backends).create_target_group(self.name, **needed | asked)
        changing = ("health", "unhealthy", "matcher", "attributes")
        self.defaults = {name: each for name, each in vars(self.group).items() if name.startswith(changing)}

    def settle(self) -> None:
        backend, group = self.here(elbv2_backends), self.group
        vars(group).update(deepcopy(self.defaults) | self.asked(self.properties))
        self.check_health()
        attributes = known_attributes("TargetGroupAttribute", self.properties.get("TargetGroupAttributes", []))
        backend.modify_target_group_attributes(group.arn, without(attributes, DELAY))
        if int(attributes.get(DELAY, 0)) not in range(3601):  # moto refuses 3600.
            refuse(f"'{DELAY}' value '{attributes[DELAY]}' must be between '0-3600' inclusive")
        group.attributes.update(attributes)
        group.targets.clear()
        if "Targets" in self.properties:
            backend.register_targets(group.arn, self.properties["Targets"])
        set_tags(backend, group.arn, self.properties)

    def check_health(self) -> None:
        timeout, interval = self.group.health_check_timeout_seconds, self.group.health_check_interval_seconds
        if timeout >= interval:
            refuse(f"Health check timeout '{timeout}' must be smaller than the interval '{interval}'")
        codes = vars(self.group).get("matcher", {}).get("HttpCode")
        self.here(elbv2_backends).modify_target_group(self.group.arn, http_codes=codes)

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


DELAY = "deregistration_delay.timeout_seconds"


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
    defaults: Properties

    def create(self) -> None:
        asked, backend = self.properties, self.here(elbv2_backends)
        self.refuse_taken([each.name for each in backend.load_balancers.values()])
        self.balancer = backend.create_load_balancer(
            self.name,
            [],
            asked.get("Subnets", []),
            subnet_mappings=asked.get("SubnetMappings"),
            scheme=asked.get("Scheme", "internet-facing"),
            loadbalancer_type=asked.get("Type"),
        )
        self.defaults = self.balancer.attrs

    def settle(self) -> None:
        asked, balancer, backend = self.properties, self.balancer, self.here(elbv2_backends)
        backend.set_security_groups(balancer.arn, asked.get("SecurityGroups", []))
        backend.set_ip_address_type(balancer.arn, asked.get("IpAddressType", "ipv4"))
        mapped = [each["SubnetId"] for each in asked.get("SubnetMappings", [])]
        balancer.subnets = [backend.ec2_backend.get_subnet(each) for each in asked.get("Subnets", mapped)]
        if balancer.type == "application" and len({each.availability_zone for each in balancer.subnets}) < 2:
            refuse("At least two subnets in two different Availability Zones must be specified")
        balancer.attrs = self.defaults | known_attributes(
            "LoadBalancerAttribute", asked.get("LoadBalancerAttributes", [])
        )
        set_tags(backend, balancer.arn, asked)

    def remove(self) -> None:
        if self.balancer.attrs["deletion_protection.enabled"] == "true":
            refuse(f"Load balancer '{self.balancer.arn}' cannot be deleted because deletion protection is enabled")
        self.here(elbv2_backends).delete_load_balancer(self.balancer.arn)
        associate(self.here(elbv2_backends))

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
    listener: Any

    def asked(self) -> Properties:
        given = without(self.properties, "ListenerAttributes", "Tags")
        return as_structure(given, api_shape("elbv2", "CreateListenerInput"), "")

    def create(self) -> None:
        asked, backend = self.asked(), self.here(elbv2_backends)
        self.check_port(asked, None)
        self.listener = backend.create_listener(
            asked["LoadBalancerArn"],
            asked.get("Protocol"),
            asked.get("Port"),
            asked.get("SslPolicy"),
            None,
            asked["DefaultActions"],
        )

    def check_port(self, asked: Properties, own: Any) -> None:
        balancer = self.here(elbv2_backends).load_balancers.get(asked["LoadBalancerArn"])
        others = [each for each in balancer.listeners.values() if each is not own] if balancer else []
        if asked.get("Port") in [each.port for each in others]:
            refuse(f"A listener already exists on this port for this load balancer '{asked['LoadBalancerArn']}'")

    def settle(self) -> None:
        asked, listener, backend = self.asked(), self.listener, self.here(elbv2_backends)
        self.check_port(asked, listener)
        self.secure(asked)
        # Not modify_listener(): it refuses the protocols of network load balancers.
        backend._validate_actions([FakeAction(action) for action in asked["DefaultActions"]])
        certificates = asked.get("Certificates", [])
        backend.modify_listener(listener.arn, asked.get("Port"), None, None, certificates, asked["DefaultActions"])
        listener.alpn_policy = asked.get("AlpnPolicy", [])
        listener.mutual_authentication = asked.get("MutualAuthentication")
        chosen = self.properties.get("ListenerAttributes", [])
        listener.attributes = {"tcp.idle_timeout.seconds": "350"} | known_attributes("ListenerAttribute", chosen)
        set_tags(backend, listener.arn, self.properties)
        associate(backend)

    def secure(self, asked: Properties) -> None:
        """Protocol, policy and certificate: a secure protocol has all three, another one none but itself."""
        backend, secure = self.here(elbv2_backends), asked.get("Protocol") in ("HTTPS", "TLS")
        certificates = [each["CertificateArn"] for each in asked.get("Certificates", [])]
        policy = asked.get("SslPolicy", "ELBSecurityPolicy-2016-08" if secure else None)
        backend._validate_port_and_protocol(
            backend.load_balancers[asked["LoadBalancerArn"]].type, asked.get("Port"), asked.get("Protocol")
        )
        if secure != (len(certificates) == 1):
            refuse("A certificate must be specified for HTTPS and TLS listeners, exactly one, and for no others")
        if policy is not None and policy not in SSL_POLICIES:
            refuse(f"SSL policy '{policy}' not found")
        for arn in certificates:
            if not backend._certificate_exists(arn):
                refuse(f"Certificate ARN '{arn}' is not valid")
        self.listener.protocol, self.listener.ssl_policy = asked.get("Protocol", ""), policy
        self.listener.certificate, self.listener.certificates = next(iter(certificates), None), certificates

    def remove(self) -> None:
        balancers = self.here(elbv2_backends).load_balancers
        if self.properties["LoadBalancerArn"] in balancers:
            self.here(elbv2_backends).delete_listener(self.listener.arn)
        associate(self.here(elbv2_backends))

    def reference(self) -> str:
        return str(self.listener.arn)

    def attributes(self) -> Mapping[str, Any]:
        return {"ListenerArn": self.listener.arn}


class ListenerRule(TemplateResource, CloudFormationModel):
    """moto's own neither types its numbers nor changes the priority, and drops tags and transforms."""

    kind = "AWS::ElasticLoadBalancingV2::ListenerRule"
    fixed = ("ListenerArn",)
    rule: Any

    def asked(self) -> Properties:
        return as_structure(self.properties, api_shape("elbv2", "CreateRuleInput"), "")

    def create(self) -> None:
        asked = self.asked()
        self.rule = self.here(elbv2_backends).create_rule(
            asked["ListenerArn"], asked["Conditions"], asked["Priority"], asked["Actions"]
        )

    def settle(self) -> None:
        asked, backend = self.asked(), self.here(elbv2_backends)
        backend.modify_rule(self.rule.arn, asked["Conditions"], asked["Actions"])
        if asked["Priority"] != self.rule.priority:
            backend.set_rule_priorities([{"RuleArn": self.rule.arn, "Priority": asked["Priority"]}])
        self.rule.transforms = asked.get("Transforms", [])
        set_tags(backend, self.rule.arn, self.properties)
        associate(backend)

    def remove(self) -> None:
        self.here(elbv2_backends).delete_rule(self.rule.arn)
        associate(self.here(elbv2_backends))

    def reference(self) -> str:
        return str(self.rule.arn)

    def attributes(self) -> Mapping[str, Any]:
        return {"RuleArn": self.rule.arn, "IsDefault": False}


def known_attributes(shape: str, listed: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Attributes as the API has them, where its documentation knows all of them."""
    asked = {each["Key"]: as_text(each["Value"]) for each in listed}
    documented = re.findall(r"<code>([\w.]+)</code>", api_shape("elbv2", shape).members["Key"].documentation)
    unknown = asked.keys() - set(documented)
    if unknown:
        refuse(f"{shape} key '{min(unknown)}' is not recognized")
    return asked


def set_tags(backend: Any, arn: str, properties: Properties) -> None:
    backend.tagging_service.delete_all_tags_for_resource(arn)
    backend.tagging_service.tag_resource(arn, properties.get("Tags", []))


def associate(backend: Any) -> None:
    """Tell target groups which load balancers send to them; moto knows only of those there were at a creation."""
    uses = list(forwards(backend))
    for group in backend.target_groups.values():
        group.load_balancer_arns = sorted({balancer for balancer, used in uses if used == group.arn})


def forwards(backend: Any) -> Iterator[tuple[str, str]]:
    """The ARNs of load balancers and of the target groups that their rules forward to."""
    listeners = [each for balancer in backend.load_balancers.values() for each in balancer.listeners.values()]
    for listener in listeners:
        actions = [action for rule in listener.rules.values() for action in rule.actions]
        for arn in (arn for action in actions for arn in backend._get_target_group_arns_from(action.data)):
            yield listener.load_balancer_arn, arn
