"""The network of a service's tasks in the network mode awsvpc.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-networking-awsvpc.html"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY
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
from pipegen.values.create import create
from pipegen.values.value import Value, Values, listed


@frozen
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
    _: KW_ONLY
    subnets: Annotated[Values, Refers(SUBNET), Length(0, 16, "subnets"), Property("Subnets")] = ()
    """The ids of the subnets, or an expression that yields a list of them, such as `!Ref SubnetIds` with a parameter of
    the type `List<AWS::EC2::Subnet::Id>`. Required in the network mode awsvpc, and for a load balancer that does not
    set `subnets`."""
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
        """Check the network. Paths start at the network.

        fargate: whether the tasks run on Fargate. interfaces: whether each task has its own network interface.
        """
        if interfaces and self.subnets == ():
            yield Problem("service-network", ("subnets",), "subnets is missing", "set 1 to 16 subnets")
        if self.client_security_groups and (self.security_groups != () or not interfaces):
            text = "client_security_groups requires a security group that the stack creates"
            fix = "remove client_security_groups, and allow the clients in the existing security groups"
            yield Problem("service-network", ("client_security_groups",), text, fix)
        if self.assign_public_ip and not fargate:
            text = "assign_public_ip requires Fargate"
            fix = "remove it, and route the traffic of the subnets through NAT"
            yield Problem("service-network", ("assign_public_ip",), text, fix)

    def awsvpc(self, groups: Values) -> ecs.NetworkConfiguration:
        """The property of the ECS service. `groups`: existing security groups, or the one that the stack creates."""
        return create(
            ecs.NetworkConfiguration,
            AwsvpcConfiguration=create(
                ecs.AwsvpcConfiguration,
                Subnets=listed(self.subnets),
                SecurityGroups=listed(groups),
                AssignPublicIp="ENABLED" if self.assign_public_ip else "DISABLED",
            ),
        )

    def security_group(
        self, logical_id: str, subject: str, ingress: Sequence[tuple[int, Value, str]]
    ) -> ec2.SecurityGroup:
        """The security group of the tasks of `subject`. They may connect to everything, EC2's default.

        ingress: a TCP port, the id of the security group that may connect to it, and a description.

        https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html
        """
        optional: dict[str, Any] = {"SecurityGroupIngress": [_rule(*each) for each in ingress]} if ingress else {}
        described = f"Tasks of {shorten(subject, 200)}"
        return create(ec2.SecurityGroup, logical_id, GroupDescription=described, VpcId=self.vpc_id, **optional)


def _rule(port: int, source: Value, description: str) -> ec2.SecurityGroupRule:
    return create(
        ec2.SecurityGroupRule,
        IpProtocol="tcp",
        FromPort=port,
        ToPort=port,
        SourceSecurityGroupId=source,
        Description=description,
    )
