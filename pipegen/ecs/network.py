"""Where the tasks of a service are in the network, in the network mode awsvpc.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-networking-awsvpc.html"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, ClassVar

from troposphere import ec2, ecs

from pipegen.errors import Problem
from pipegen.fields.aws import Property
from pipegen.fields.constraints import Length
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.references.kinds import SECURITY_GROUP, SUBNET, VPC
from pipegen.references.mark import Refers
from pipegen.syntax.names import shorten
from pipegen.values.value import Value, Values, listed


@frozen(kw_only=True)
class ServiceNetwork(Model):
    """The network of a service's tasks.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AwsVpcConfiguration.html"""

    aws_type: ClassVar[str] = "AWS::ECS::Service.AwsVpcConfiguration"

    vpc_id: Annotated[
        Value,
        Refers(VPC),
        Property("AWS::EC2::SecurityGroup.VpcId"),
        Property("AWS::ElasticLoadBalancingV2::TargetGroup.VpcId"),
    ]
    """The id of the VPC."""
    subnets: Annotated[Values, Refers(SUBNET), Length(0, 16, "subnets"), Property("Subnets")] = ()
    """The ids of the subnets, or an expression that yields a list of them, such as `!Ref SubnetIds` with a parameter of
    the type `List<AWS::EC2::Subnet::Id>`. Required in the network mode awsvpc, and for a load balancer without subnets
    of its own."""
    security_groups: Annotated[
        Values,
        Refers(SECURITY_GROUP),
        Length(0, 5, "security groups"),
        Property("SecurityGroups"),
    ] = ()
    """The ids of the tasks' security groups, or an expression that yields a list of them. Default: a group that the
    stack creates."""
    assign_public_ip: Annotated[bool, Property("AssignPublicIp")] = False
    """Whether tasks on Fargate get public addresses. They need one in subnets without a route through NAT."""
    client_security_groups: Annotated[
        Sequence[Value],
        Refers(SECURITY_GROUP),
        Property("AWS::EC2::SecurityGroup.Ingress.SourceSecurityGroupId"),
    ] = ()
    """The ids of further security groups that may connect to the containers' ports, such as those of Service Connect
    clients. Only with the security group that the stack creates."""

    def problems(self, *, fargate: bool = True, interfaces: bool = True) -> Iterator[Problem]:
        """Paths start at the network. fargate: whether the tasks run there. interfaces: whether each has its own."""
        if interfaces and self.subnets == ():
            yield Problem("service-network", ("subnets",), "the tasks have no subnets", "give 1 to 16")
        if self.client_security_groups and (self.security_groups != () or not interfaces):
            text = "the stack makes no security group for the service that could let clients in"
            yield Problem(
                "service-network",
                ("client_security_groups",),
                text,
                "leave client_security_groups out, and let them in there",
            )
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
        return ec2.SecurityGroup(logical_id, GroupDescription=described, VpcId=self.vpc_id, **optional)


def _rule(port: int, source: Value, description: str) -> ec2.SecurityGroupRule:
    return ec2.SecurityGroupRule(
        IpProtocol="tcp", FromPort=port, ToPort=port, SourceSecurityGroupId=source, Description=description
    )
