"""Networks, subnets and security groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.core.common_models import CloudFormationModel
from moto.ec2.models import ec2_backends

from tests.moto_cloudformation.conversion import Properties, refuse, tag_map
from tests.moto_cloudformation.resource import TemplateResource

RULE = ("CidrIp", "CidrIpv6", "Description", "FromPort", "IpProtocol", "ToPort")
INGRESS = (
    *RULE,
    "SourcePrefixListId",
    "SourceSecurityGroupId",
    "SourceSecurityGroupName",
    "SourceSecurityGroupOwnerId",
)
EGRESS = (*RULE, "DestinationPrefixListId", "DestinationSecurityGroupId")


def set_tags(resource: Any, properties: Properties) -> None:
    backend = resource.ec2_backend
    own = [tag["key"] for tag in resource.get_tags()]
    backend.delete_tag_keys([resource.id], [key for key in own if not key.startswith("aws:")])
    backend.create_tags([resource.id], tag_map(properties.get("Tags", [])))


class Network(TemplateResource, CloudFormationModel):
    """moto's own never updates, and has a name server setting or two less."""

    kind = "AWS::EC2::VPC"
    fixed = ("CidrBlock", "InstanceTenancy")
    known = (*fixed, "EnableDnsHostnames", "EnableDnsSupport", "Tags")
    vpc: Any

    def create(self) -> None:
        tenancy = self.properties.get("InstanceTenancy", "default")
        self.vpc = self.here(ec2_backends).create_vpc(self.properties["CidrBlock"], tenancy)

    def settle(self) -> None:
        self.vpc.enable_dns_support = self.properties.get("EnableDnsSupport", True)
        self.vpc.enable_dns_hostnames = self.properties.get("EnableDnsHostnames", False)
        set_tags(self.vpc, self.properties)

    def remove(self) -> None:
        backend = self.here(ec2_backends)
        if any(not group.is_default for group in backend.groups[self.vpc.id].values()):
            refuse(f"The vpc '{self.vpc.id}' has dependencies and cannot be deleted.")
        backend.delete_vpc(self.vpc.id)

    def reference(self) -> str:
        return str(self.vpc.id)

    def attributes(self) -> Mapping[str, Any]:
        return {
            "CidrBlock": self.vpc.cidr_block,
            "DefaultSecurityGroup": self.vpc.get_cfn_attribute("DefaultSecurityGroup"),
            "VpcId": self.vpc.id,
        }


class Subnet(TemplateResource, CloudFormationModel):
    """moto's own is in a zone of another region unless its template names one, and never updates."""

    kind = "AWS::EC2::Subnet"
    fixed = ("AvailabilityZone", "CidrBlock", "VpcId")
    known = (*fixed, "MapPublicIpOnLaunch", "Tags")
    subnet: Any

    def create(self) -> None:
        asked = self.properties
        zone = asked.get("AvailabilityZone", f"{self.region_name}a")
        self.subnet = self.here(ec2_backends).create_subnet(asked["VpcId"], asked["CidrBlock"], availability_zone=zone)
        self.subnet.default_for_az = False

    def settle(self) -> None:
        self.subnet.map_public_ip_on_launch = self.properties.get("MapPublicIpOnLaunch", False)
        set_tags(self.subnet, self.properties)

    def remove(self) -> None:
        self.here(ec2_backends).delete_subnet(self.subnet.id)

    def reference(self) -> str:
        return str(self.subnet.id)

    def attributes(self) -> Mapping[str, Any]:
        return {
            "AvailabilityZone": self.subnet.availability_zone,
            "CidrBlock": self.subnet.cidr_block,
            "SubnetId": self.subnet.id,
            "VpcId": self.subnet.vpc_id,
        }


class SecurityGroup(TemplateResource, CloudFormationModel):
    """moto's own is another group after an update, and knows neither IPv6 nor outgoing rules."""

    kind = "AWS::EC2::SecurityGroup"
    named_by = "GroupName"
    fixed = ("GroupDescription", "VpcId")
    known = (*fixed, "SecurityGroupEgress", "SecurityGroupIngress", "Tags")
    group: Any
    standard: list[Any]
    """The rules that a new group has by itself: it may send anything anywhere."""

    def create(self) -> None:
        asked = self.properties
        self.group = self.here(ec2_backends).create_security_group(
            self.name, asked["GroupDescription"], vpc_id=asked.get("VpcId")
        )
        self.standard = list(self.group.egress_rules)
        self.rules: list[tuple[Properties, bool, list[Any]]] = []

    def settle(self) -> None:
        """Rules that stay keep their identifiers; those of resources of their own are not touched."""
        incoming = [(rule, False) for rule in self.properties.get("SecurityGroupIngress", [])]
        outgoing = [(rule, True) for rule in self.properties.get("SecurityGroupEgress", [])]
        asked = incoming + outgoing
        for rule, egress, made in list(self.rules):
            if (rule, egress) not in asked:
                drop(self.group, made)
                self.rules.remove((rule, egress, made))
        drop(self.group, self.standard)
        if "SecurityGroupEgress" not in self.properties:
            self.group.egress_rules.extend(self.standard)
        there = [(rule, egress) for rule, egress, _ in self.rules]
        for rule, egress in (each for each in asked if each not in there):
            self.rules.append((rule, egress, authorize(self.group, rule, egress)))
        set_tags(self.group, self.properties)

    def remove(self) -> None:
        backend = self.here(ec2_backends)
        others = [group for groups in backend.groups.values() for group in groups.values() if group is not self.group]
        rules = [rule for group in others for rule in (*group.ingress_rules, *group.egress_rules)]
        if any(rule.source_group.get("GroupId") == self.group.id for rule in rules):
            refuse(f"resource {self.group.id} has a dependent object")
        backend.delete_security_group(group_id=self.group.id)

    def reference(self) -> str:
        return str(self.group.id)

    def attributes(self) -> Mapping[str, Any]:
        return {"GroupId": self.group.id, "Id": self.group.id, "VpcId": self.group.vpc_id}


def authorize(group: Any, rule: Properties, egress: bool) -> list[Any]:
    """Add a template's rule to a group."""
    known, side = (EGRESS, "Destination") if egress else (INGRESS, "Source")
    unknown = sorted(rule.keys() - set(known))
    if unknown:
        refuse(f"Encountered unsupported property {unknown[0]} in a rule of a security group")
    about = {"Description": rule["Description"]} if "Description" in rule else {}
    ranges = [{name: rule[name]} | about for name in ("CidrIp", "CidrIpv6") if name in rule]
    names = {f"{side}SecurityGroupId": "GroupId", f"{side}SecurityGroupName": "GroupName"}
    groups = [{name: rule[key]} | about for key, name in names.items() if key in rule]
    lists = [{"PrefixListId": rule[key]} for key in (f"{side}PrefixListId",) if key in rule]
    if len(ranges) + len(groups) + len(lists) != 1:
        refuse("A rule of a security group has exactly one of a CIDR block, a security group and a prefix list")
    backend = group.ec2_backend
    add = backend.authorize_security_group_egress if egress else backend.authorize_security_group_ingress
    ports = rule.get("FromPort", -1), rule.get("ToPort", -1)
    added, _ = add(
        group.id,
        str(rule["IpProtocol"]),
        *ports,
        ranges,
        source_groups=groups,
        prefix_list_ids=lists,
        vpc_id=group.vpc_id,
    )
    return list(added)


def drop(group: Any, rules: list[Any]) -> None:
    # By identity: two equal rules may be of two resources, one of which goes.
    group.ingress_rules = [rule for rule in group.ingress_rules if not any(rule is each for each in rules)]
    group.egress_rules = [rule for rule in group.egress_rules if not any(rule is each for each in rules)]


class GroupRule(TemplateResource):
    """What a rule of its own has in common, whichever way it goes; an abstract one, so no CloudFormationModel."""

    rules: list[Any]
    egress = False

    def group(self) -> Any:
        backend = self.here(ec2_backends)
        named = self.properties.get("GroupId", self.properties.get("GroupName"))
        found = backend.get_security_group_by_name_or_id(named)
        if found is None:
            refuse(f"The security group '{named}' does not exist")
        return found

    def create(self) -> None:
        rule = {name: value for name, value in self.properties.items() if name not in ("GroupId", "GroupName")}
        self.rules = authorize(self.group(), rule, self.egress)

    def settle(self) -> None:
        for rule in self.rules:
            about = rule.source_group or rule.ip_range
            about.pop("Description", None)
            about |= {"Description": self.properties["Description"]} if "Description" in self.properties else {}

    def remove(self) -> None:
        drop(self.group(), self.rules)

    def reference(self) -> str:
        return str(self.rules[0].id)

    def attributes(self) -> Mapping[str, Any]:
        return {"Id": self.reference()}


class IngressRule(GroupRule, CloudFormationModel):
    """moto's own never updates."""

    kind = "AWS::EC2::SecurityGroupIngress"
    fixed = tuple(name for name in (*INGRESS, "GroupId", "GroupName") if name != "Description")
    known = (*fixed, "Description")


class EgressRule(GroupRule, CloudFormationModel):
    kind = "AWS::EC2::SecurityGroupEgress"
    fixed = tuple(name for name in (*EGRESS, "GroupId") if name != "Description")
    known = (*fixed, "Description")
    egress = True
