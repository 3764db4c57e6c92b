"""A network in which something runs, and its limits; what CodeBuild or Lambda need in order to join it is theirs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar

from troposphere import AWSHelperFn

from pipegen.errors import Path, Problem
from pipegen.fields.aws import Property
from pipegen.fields.constraints import Length
from pipegen.fields.distinct import Distinct
from pipegen.fields.gaps import is_known
from pipegen.model import Model
from pipegen.shape import shown
from pipegen.values import Value, Values


@dataclass(frozen=True, slots=True, kw_only=True)
class Vpc(Model):
    """A network in which a build or a function runs.
    https://docs.aws.amazon.com/codebuild/latest/APIReference/API_VpcConfig.html
    https://docs.aws.amazon.com/lambda/latest/api/API_VpcConfig.html"""

    aws_type: ClassVar[str] = "AWS::CodeBuild::Project.VpcConfig"

    vpc_id: Annotated[Value, Property("VpcId")]
    """The id of the VPC."""
    subnets: Annotated[
        Values,
        Length(1, 16, "subnets"),
        Distinct("subnet"),
        Property("Subnets"),
        Property("AWS::Lambda::Function.VpcConfig.SubnetIds"),
    ]
    """The ids of private subnets with a route through NAT, or an expression that yields a list of them, such as
    `!Ref SubnetIds` with a parameter of the type `List<AWS::EC2::Subnet::Id>`."""
    security_groups: Annotated[
        Values,
        Length(1, 5, "security groups"),
        Distinct("security group"),
        Property("SecurityGroupIds"),
        Property("AWS::Lambda::Function.VpcConfig.SecurityGroupIds"),
    ]
    """The ids of security groups, or an expression that yields a list of them."""


def vpc_problems(vpc: Vpc, code: str) -> Iterator[Problem]:
    """Paths start at the network."""
    for path, value in _ids(vpc):
        if is_known(value) and value.startswith("arn:"):
            text = f"{shown(value)} is an ARN where an id is needed"
            yield Problem(code, path, text, f"give the id, {value.rpartition('/')[2]}")


def _ids(vpc: Vpc) -> Iterator[tuple[Path, Value]]:
    yield ("vpc_id",), vpc.vpc_id
    for name, given in (("subnets", vpc.subnets), ("security_groups", vpc.security_groups)):
        if not isinstance(given, AWSHelperFn):
            yield from (((name, index), value) for index, value in enumerate(given))
