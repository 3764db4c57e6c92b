"""A network in which something runs, and its limits; what CodeBuild or Lambda need in order to join it is theirs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipegen.errors import Problem
from pipegen.model import Model
from pipegen.values import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Vpc(Model):
    """A network: private subnets with a way out through NAT. At most 16 subnets, 5 security groups."""

    vpc_id: Value
    subnets: Sequence[Value]
    security_groups: Sequence[Value]


def vpc_problems(vpc: Vpc, code: str) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/codebuild/latest/APIReference/API_VpcConfig.html
    https://docs.aws.amazon.com/lambda/latest/api/API_VpcConfig.html"""
    for name, count, most in (("subnets", len(vpc.subnets), 16), ("security_groups", len(vpc.security_groups), 5)):
        if not 1 <= count <= most:
            yield Problem(code, (name,), f"{count} {name.replace('_', ' ')}", f"1 to {most}")
