"""Where the tasks of a service are in the network, in the network mode awsvpc.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-networking-awsvpc.html"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from troposphere import AWSHelperFn, ec2, ecs

from pipegen.errors import Path, Problem, one_line
from pipegen.fields.gaps import is_known
from pipegen.model import Model
from pipegen.names import shorten
from pipegen.values import Value, Values, listed


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceNetwork(Model):
    """The network of a service's tasks.

    vpc: its id. subnets: 1 to 16 ids, or an expression that yields a list of them, such as `!Ref SubnetIds` of a
        parameter of the type `List<AWS::EC2::Subnet::Id>`; tasks with a network interface of their own need them, and
        so does a load balancer that names none.
    security_groups: up to 5 ids, or such an expression; the stack makes one for the service unless given.
    assign_public_ip: what tasks on Fargate need in subnets that have no way out through NAT.
    clients: ids of security groups that may connect to the ports of the containers, beside the load balancer's, such as
        those of Service Connect's clients; for the group that the stack makes.
    """

    vpc: Value
    subnets: Values = ()
    security_groups: Values = ()
    assign_public_ip: bool = False
    clients: Sequence[Value] = ()

    def problems(self, *, fargate: bool = True, interfaces: bool = True) -> Iterator[Problem]:
        """Paths start at the network. fargate: whether the tasks run there. interfaces: whether each has its own.
        https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AwsVpcConfiguration.html"""
        yield from _id_problems(self.vpc, "vpc", ("vpc",))
        yield from _list_problems(self.subnets, "subnet", ("subnets",), int(interfaces), 16)
        yield from _list_problems(self.security_groups, "sg", ("security_groups",), 0, 5)
        for index, client in enumerate(self.clients):
            yield from _id_problems(client, "sg", ("clients", index))
        if self.clients and (self.security_groups != () or not interfaces):
            text = "the stack makes no security group for the service that could let clients in"
            yield Problem("service-network", ("clients",), text, "leave clients out, and let them in there")
        if self.assign_public_ip and not fargate:
            text = "tasks on instances get no public address"
            yield Problem(
                "service-network",
                ("assign_public_ip",),
                text,
                "leave it out, and give their subnets a way out through NAT",
            )

    def awsvpc(self, groups: Values) -> ecs.NetworkConfiguration:
        """As the service has it; `groups`: those that it names, or the one that the stack makes."""
        return ecs.NetworkConfiguration(
            AwsvpcConfiguration=ecs.AwsvpcConfiguration(
                Subnets=listed(self.subnets),
                SecurityGroups=listed(groups),
                AssignPublicIp="ENABLED" if self.assign_public_ip else "DISABLED",
            )
        )

    def security_group(
        self, logical_id: str, subject: str, ingress: Sequence[tuple[int, Value, str]]
    ) -> ec2.SecurityGroup:
        """A group for the tasks of `subject`, which may connect to everything: that is EC2's own default.

        ingress: TCP port, id of the security group that may connect to it, and what for; nothing else may.

        https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html
        """
        optional: dict[str, Any] = {"SecurityGroupIngress": [_rule(*each) for each in ingress]} if ingress else {}
        described = f"Tasks of {shorten(subject, 200)}"
        return ec2.SecurityGroup(logical_id, GroupDescription=described, VpcId=self.vpc, **optional)


def _rule(port: int, source: Value, description: str) -> ec2.SecurityGroupRule:
    return ec2.SecurityGroupRule(
        IpProtocol="tcp", FromPort=port, ToPort=port, SourceSecurityGroupId=source, Description=description
    )


def _list_problems(values: Values, prefix: str, path: Path, least: int, most: int) -> Iterator[Problem]:
    if isinstance(values, AWSHelperFn):
        return
    if not least <= len(values) <= most:
        noun = str(path[-1]).replace("_", " ")
        fix = f"{least} to {most}" if least else f"at most {most}"
        yield Problem("service-network", path, f"{len(values)} {noun}", fix)
    for index, value in enumerate(values):
        yield from _id_problems(value, prefix, (*path, index))


def _id_problems(value: Value, prefix: str, path: Path) -> Iterator[Problem]:
    if is_known(value) and not re.fullmatch(rf"{prefix}-[0-9a-z]+", value):
        fix = f"such as {prefix}-0123456789abcdef0, or !Ref a parameter"
        yield Problem("service-network", path, f"{one_line(repr(value), 60)} is no id that begins with {prefix}-", fix)
