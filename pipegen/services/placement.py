"""On which instances the tasks of a service are put.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-placement.html"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from troposphere import ecs

from pipegen.deployments import spelling
from pipegen.errors import Problem, one_line
from pipegen.model import Model
from pipegen.values import Value

_ATTRIBUTE = r"attribute:[A-Za-z0-9._/\\-]{1,128}"
"""https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Attribute.html"""

_FIELDS = {"spread": rf"host|instanceId|{_ATTRIBUTE}", "binpack": "cpu|memory"}
_WORDS = {
    "spread": "instanceId, host, or an attribute such as attribute:ecs.availability-zone",
    "binpack": "cpu or memory",
}
_MOST_STRATEGIES, _MOST_CONSTRAINTS, _LONGEST_EXPRESSION = 5, 10, 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacementStrategy(Model):
    """How tasks are spread over instances; strategies are followed in their order.

    type: spread: evenly by `field`: instanceId, host or `attribute:…`. binpack: on as few instances as their cpu or
        memory, the `field`, lets. random: without a field.
    """

    type: Literal["spread", "binpack", "random"]
    field: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePlacementConstraint(Model):
    """Which instances may have a task at all.

    type: distinctInstance: every task another one. memberOf: those that the `expression` is true of, such as
        `attribute:ecs.instance-type =~ t3.*`.
    """

    type: Literal["distinctInstance", "memberOf"]
    expression: Value | None = None


def placement_problems(
    strategies: Sequence[PlacementStrategy],
    constraints: Sequence[ServicePlacementConstraint],
    *,
    fargate: bool,
    daemon: bool,
    of_task: int = 0,
) -> Iterator[Problem]:
    """Paths start at the service. of_task: how many constraints its task definition has; they count with its own.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html (placementStrategy and on)"""
    for name, given in (("placement_strategies", strategies), ("placement_constraints", constraints)):
        if given and fargate:
            text = f"Fargate does not take {name}"
            yield Problem("placement-where", (name,), text, f"leave {name} out; Fargate spreads tasks over zones")
    if strategies and daemon:
        text = "a daemon has a task on every instance"
        fix = "leave placement_strategies out; constraints say which instances"
        yield Problem("placement-where", ("placement_strategies",), text, fix)
    for problem in _strategy_problems(strategies):
        yield problem.under("placement_strategies")
    for problem in _constraint_problems(constraints, of_task):
        yield problem.under("placement_constraints")


def _strategy_problems(strategies: Sequence[PlacementStrategy]) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PlacementStrategy.html"""
    if len(strategies) > _MOST_STRATEGIES:
        yield Problem("placement-rule", (), f"{len(strategies)} strategies", f"at most {_MOST_STRATEGIES}")
    for index, each in enumerate(strategies):
        if each.type == "random":
            if each.field is not None:
                yield Problem("placement-rule", (index, "field"), "random placement has no field", "leave field out")
        elif each.field is None:
            text = f"{each.type} needs a field"
            yield Problem("placement-rule", (index,), text, f"add field: {_WORDS[each.type]}")
        elif not re.fullmatch(_FIELDS[each.type], each.field):
            text = f"{one_line(repr(each.field), 60)} is no field of {each.type}"
            yield Problem("placement-rule", (index, "field"), text, _WORDS[each.type])


def _constraint_problems(constraints: Sequence[ServicePlacementConstraint], of_task: int) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PlacementConstraint.html"""
    count = len(constraints) + of_task
    if constraints and count > _MOST_CONSTRAINTS:
        text = f"{count} constraints" + (" together with the task definition's" if of_task else "")
        yield Problem("placement-rule", (), text, f"at most {_MOST_CONSTRAINTS}")
    for index, each in enumerate(constraints):
        if each.type == "distinctInstance" and each.expression is not None:
            text = "distinctInstance has no expression"
            yield Problem("placement-rule", (index, "expression"), text, "leave expression out")
        elif each.type == "memberOf" and not each.expression:
            text = "memberOf needs an expression"
            yield Problem("placement-rule", (index,), text, "add expression:, such as attribute:ecs.os-type == linux")
        elif isinstance(each.expression, str) and len(each.expression) > _LONGEST_EXPRESSION:
            text = f"an expression of {len(each.expression):,} characters"
            yield Problem("placement-rule", (index, "expression"), text, f"at most {_LONGEST_EXPRESSION:,}")


def placement_properties(
    strategies: Sequence[PlacementStrategy], constraints: Sequence[ServicePlacementConstraint]
) -> dict[str, Any]:
    """Those of AWS::ECS::Service, where there are any."""
    made = {
        "PlacementStrategies": [ecs.PlacementStrategy(**spelling.properties(each)) for each in strategies],
        "PlacementConstraints": [ecs.PlacementConstraint(**spelling.properties(each)) for each in constraints],
    }
    return {name: items for name, items in made.items() if items}
