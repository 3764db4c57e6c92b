"""A network in which something runs, and its limits; what CodeBuild or Lambda need in order to join it is theirs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from troposphere import AWSHelperFn

from pipegen.errors import Path, Problem
from pipegen.model import Model
from pipegen.shape import is_known, shown
from pipegen.values import Value, Values


@dataclass(frozen=True, slots=True, kw_only=True)
class Vpc(Model):
    """A network.

    vpc_id: its id. subnets: 1 to 16 ids of private subnets with a route through NAT, or an expression that yields a
        list of them, such as `!Ref SubnetIds` of a parameter of the type `List<AWS::EC2::Subnet::Id>`.
    security_groups: 1 to 5 ids, or such an expression.
    """

    vpc_id: Value
    subnets: Values
    security_groups: Values


def vpc_problems(vpc: Vpc, code: str) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/codebuild/latest/APIReference/API_VpcConfig.html
    https://docs.aws.amazon.com/lambda/latest/api/API_VpcConfig.html"""
    for path, value in _ids(vpc):
        if is_known(value) and value.startswith("arn:"):
            text = f"{shown(value)} is an ARN where an id is needed"
            yield Problem(code, path, text, f"give the id, {value.rpartition('/')[2]}")
    for name, given, most in (("subnets", vpc.subnets, 16), ("security_groups", vpc.security_groups, 5)):
        if not isinstance(given, AWSHelperFn) and not 1 <= len(given) <= most:
            yield Problem(code, (name,), f"{len(given)} {name.replace('_', ' ')}", f"1 to {most}")


def _ids(vpc: Vpc) -> Iterator[tuple[Path, Value]]:
    yield ("vpc_id",), vpc.vpc_id
    for name, given in (("subnets", vpc.subnets), ("security_groups", vpc.security_groups)):
        if not isinstance(given, AWSHelperFn):
            yield from (((name, index), value) for index, value in enumerate(given))
