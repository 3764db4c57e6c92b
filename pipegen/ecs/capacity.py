"""Capacity providers of a service, a task set or a cluster, and their shares of the tasks.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, field
from typing import Annotated, ClassVar

from pipegen.ecs.serialization import aws
from pipegen.errors import Problem
from pipegen.fields.constraints import Between, Length
from pipegen.fields.distinct import Distinct
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.references.kinds import CAPACITY_PROVIDER
from pipegen.references.mark import Refers
from pipegen.values.number import IntegerValue
from pipegen.values.value import Value


@frozen
class CapacityProvider(Model):
    """A capacity provider of a service, and its share of the tasks.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html"""

    serialized_as: ClassVar[str] = "AWS::ECS::Service.CapacityProviderStrategyItem"

    base: Annotated[IntegerValue, Between(0, 100_000)] = field(default=0, kw_only=True)
    """The minimum number of tasks that run on it. Only one provider may have a base."""
    provider: Annotated[Value, Refers(CAPACITY_PROVIDER)] = field(metadata=aws("capacityProvider"))
    """The name of the provider, such as FARGATE_SPOT."""
    _: KW_ONLY
    weight: Annotated[IntegerValue, Between(0, 1_000)] = 1
    """Its share of the tasks beyond the bases, relative to the weights of the others. One must have a weight above
    0."""


CapacityProviders = Annotated[
    Sequence[CapacityProvider],
    Length(0, 20, "capacity providers"),
    Distinct("capacity provider", lambda each: each.provider),
]


def capacity_problems(providers: Sequence[CapacityProvider], code: str) -> Iterator[Problem]:
    """Check a capacity provider strategy. Paths start at the list.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html"""
    based = [index for index, each in enumerate(providers) if each.base]
    for index in based[1:]:
        yield Problem(
            code, (index, "base"), "only one capacity provider can have a base", "remove base from the others"
        )
    if providers and not any(each.weight for each in providers):
        text = "at least one capacity provider must have a weight above 0"
        yield Problem(code, (), text, "raise the weight of one of them")
