"""Placement of a service's tasks on instances.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-placement.html"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, ClassVar, Literal

from troposphere import ecs

from pipegen.ecs import serialization
from pipegen.ecs.query import attribute_problems, query_problems
from pipegen.errors import Problem, quoted
from pipegen.fields.constraints import Length
from pipegen.fields.gaps import is_known
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.values.create import create
from pipegen.values.value import ResolvedValue, Value

_ATTRIBUTE = r"attribute:[A-Za-z0-9._/\\-]{1,128}"
"""https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Attribute.html"""

_FIELDS = {"spread": rf"host|instanceId|{_ATTRIBUTE}", "binpack": "cpu|memory"}
_WORDS = {
    "spread": "instanceId, host, or an attribute such as attribute:ecs.availability-zone",
    "binpack": "cpu or memory",
}
MOST_STRATEGIES, MOST_CONSTRAINTS = 5, 10
"""https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html"""


@frozen
class PlacementStrategy(Model):
    """How tasks are distributed over instances. Strategies apply in the order in which they are listed.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PlacementStrategy.html"""

    serialized_as: ClassVar[str] = "AWS::ECS::Service.PlacementStrategy"

    type: Literal["spread", "binpack", "random"]
    """`spread` distributes tasks evenly by the field, `binpack` uses as few instances as possible, and `random` places
    tasks at random."""
    field: ResolvedValue | None = None
    """With `spread`: instanceId, host, or an attribute such as `attribute:ecs.availability-zone`. With `binpack`: cpu
    or memory. Not with `random`."""


@frozen
class ServicePlacementConstraint(Model):
    """A condition that instances must meet to run a task of the service.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PlacementConstraint.html"""

    serialized_as: ClassVar[str] = "AWS::ECS::Service.PlacementConstraint"

    type: Literal["distinctInstance", "memberOf"]
    """`distinctInstance` runs every task on a different instance, `memberOf` only on instances that match the
    expression."""
    expression: Annotated[Value, Length(1, 2000)] | None = None
    """The expression of `memberOf`, such as `attribute:ecs.instance-type =~ t3.*`.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cluster-query-language.html"""


def placement_problems(
    strategies: Sequence[PlacementStrategy],
    constraints: Sequence[ServicePlacementConstraint],
    *,
    fargate: bool,
    daemon: bool,
    of_task: int = 0,
) -> Iterator[Problem]:
    """Check the placement of a service's tasks. Paths start at the service.

    of_task: the number of constraints in the task definition, which count towards the same limit.
    """
    for name, items in (("placement_strategies", strategies), ("placement_constraints", constraints)):
        if items and fargate:
            text = f"Fargate does not support {name}"
            fix = f"remove {name}; Fargate spreads tasks over Availability Zones"
            yield Problem("placement-where", (name,), text, fix)
    if strategies and daemon:
        text = "placement_strategies cannot be set with scheduling_strategy DAEMON, which runs a task on every instance"
        fix = "remove placement_strategies; select instances with placement_constraints"
        yield Problem("placement-where", ("placement_strategies",), text, fix)
    for problem in _strategy_problems(strategies):
        yield problem.under("placement_strategies")
    for problem in _constraint_problems(constraints, of_task):
        yield problem.under("placement_constraints")


def _strategy_problems(strategies: Sequence[PlacementStrategy]) -> Iterator[Problem]:
    for index, each in enumerate(strategies):
        if each.type == "random":
            if each.field is not None:
                yield Problem("placement-rule", (index, "field"), "type random does not support field", "remove field")
        elif each.field is None:
            text = f"type {each.type} requires field"
            yield Problem("placement-rule", (index,), text, f"set field to {_WORDS[each.type]}")
        elif is_known(each.field) and not re.fullmatch(_FIELDS[each.type], each.field):
            text = f"field must be {_WORDS[each.type]} with type {each.type}, got {quoted(each.field, 60)}"
            yield Problem("placement-rule", (index, "field"), text, "correct field or type")
        elif is_known(each.field) and each.field.startswith("attribute:"):
            yield from (problem.under(index, "field") for problem in attribute_problems(each.field))


def _constraint_problems(constraints: Sequence[ServicePlacementConstraint], of_task: int) -> Iterator[Problem]:
    count = len(constraints) + of_task
    if len(constraints) <= MOST_CONSTRAINTS < count and constraints:
        text = f"a service and its task definition have at most {MOST_CONSTRAINTS} constraints together, got {count}"
        yield Problem("placement-rule", (), text, "remove some of them")
    for index, each in enumerate(constraints):
        if each.type == "distinctInstance" and each.expression is not None:
            text = "type distinctInstance does not support expression"
            yield Problem("placement-rule", (index, "expression"), text, "remove expression")
        elif each.type == "memberOf" and each.expression is None:
            text = "type memberOf requires expression"
            yield Problem("placement-rule", (index,), text, "set expression, such as attribute:ecs.os-type == linux")
        elif each.type == "memberOf":
            yield from (problem.under(index, "expression") for problem in query_problems(each.expression))


def placement_properties(
    strategies: Sequence[PlacementStrategy], constraints: Sequence[ServicePlacementConstraint]
) -> dict[str, Any]:
    """The placement properties of AWS::ECS::Service; none without strategies and constraints."""
    properties = {
        "PlacementStrategies": [create(ecs.PlacementStrategy, **serialization.properties(each)) for each in strategies],
        "PlacementConstraints": [
            create(ecs.PlacementConstraint, **serialization.properties(each)) for each in constraints
        ],
    }
    return {name: items for name, items in properties.items() if items}
