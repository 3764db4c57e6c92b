"""The network that a build runs in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from troposphere import codebuild

from pipegen.errors import Problem
from pipegen.grant import Grant
from pipegen.model import Model
from pipegen.values import Value, arn


@dataclass(frozen=True, slots=True, kw_only=True)
class Vpc(Model):
    """A network for the build: private subnets with a way out through NAT. At most 16 subnets, 5 security groups."""

    vpc_id: Value
    subnets: Sequence[Value]
    security_groups: Sequence[Value]


def vpc_config(vpc: Vpc) -> codebuild.VpcConfig:
    return codebuild.VpcConfig(VpcId=vpc.vpc_id, Subnets=list(vpc.subnets), SecurityGroupIds=list(vpc.security_groups))


def vpc_grants(vpc: Vpc) -> Iterator[Grant]:
    """https://docs.aws.amazon.com/codebuild/latest/userguide/auth-and-access-control-iam-identity-based-access-control.html
    (customer-managed-policies-example-create-vpc-network-interface)"""
    yield Grant(
        actions=(
            "ec2:CreateNetworkInterface",
            "ec2:DeleteNetworkInterface",
            "ec2:DescribeDhcpOptions",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcs",
        ),
        resources=("*",),
        because="CodeBuild makes network interfaces whose ids are not known before, and describes take no resource",
    )
    subnets = [arn("ec2", "subnet/", subnet) for subnet in vpc.subnets]
    yield Grant(
        actions=("ec2:CreateNetworkInterfacePermission",),
        resources=(arn("ec2", "network-interface/*"),),
        conditions={
            "StringEquals": {"ec2:AuthorizedService": "codebuild.amazonaws.com"},
            "ArnEquals": {"ec2:Subnet": subnets},
        },
    )


def vpc_problems(vpc: Vpc) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/codebuild/latest/APIReference/API_VpcConfig.html"""
    for name, count, most in (("subnets", len(vpc.subnets), 16), ("security_groups", len(vpc.security_groups), 5)):
        if not 1 <= count <= most:
            yield Problem("build-limit", (name,), f"{count} {name}", f"1 to {most}")
