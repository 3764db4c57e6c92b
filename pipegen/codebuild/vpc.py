"""Builds in a VPC."""

from __future__ import annotations

from collections.abc import Iterator

from troposphere import codebuild

from pipegen.iam.grant import Grant
from pipegen.model.network import Vpc as Vpc
from pipegen.values.create import create
from pipegen.values.expression import Expression
from pipegen.values.shape import every_item
from pipegen.values.value import Value, arn, listed


def vpc_config(vpc: Vpc) -> codebuild.VpcConfig:
    return create(
        codebuild.VpcConfig, VpcId=vpc.vpc_id, Subnets=listed(vpc.subnets), SecurityGroupIds=listed(vpc.security_groups)
    )


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
        because="the ids of CodeBuild's network interfaces are not known, and describing does not support resources",
    )
    subnets: list[Value] | Expression
    if isinstance(vpc.subnets, Expression):  # Join takes literal delimiters only, so the ARNs have wildcards
        subnets = every_item(vpc.subnets, "arn:*:ec2:*:*:subnet/")
    else:
        subnets = [arn("ec2", "subnet/", subnet) for subnet in vpc.subnets]
    yield Grant(
        actions=("ec2:CreateNetworkInterfacePermission",),
        resources=(arn("ec2", "network-interface/*"),),
        conditions={
            "StringEquals": {"ec2:AuthorizedService": "codebuild.amazonaws.com"},
            "ArnEquals": {"ec2:Subnet": subnets},
        },
        because="lets CodeBuild use network interfaces in these subnets only",
    )
