"""On which instances the tasks of a service are put.
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
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.values.value import Value

_ATTRIBUTE = r"attribute:[A-Za-z0-9._/\\-]{1,128}"
"""https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Attribute.html"""

_FIELDS = {"spread": rf"host|instanceId|{_ATTRIBUTE}", "binpack": "cpu|memory"}
_WORDS = {
    "spread": "instanceId, host, or an attribute such as attribute:ecs.availability-zone",
    "binpack": "cpu or memory",
}
MOST_STRATEGIES, MOST_CONSTRAINTS = 5, 10
"""https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html"""


@frozen(kw_only=True)
class PlacementStrategy(Model):
    """How tasks are distributed over instances. The strategies apply in their order.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PlacementStrategy.html"""

    serialized_as: ClassVar[str] = "AWS::ECS::Service.PlacementStrategy"

    type: Literal["spread", "binpack", "random"]
    """`spread` distributes tasks evenly by the field, `binpack` uses as few instances as possible, and `random` places
    tasks at random."""
    field: str | None = None
    """With `spread`: instanceId, host, or an attribute such as `attribute:ecs.availability-zone`. With `binpack`: cpu
    or memory. Not with `random`."""


@frozen(kw_only=True)
class ServicePlacementConstraint(Model):
    """A condition that instances must meet to run a task of the service.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PlacementConstraint.html"""

    serialized_as: ClassVar[str] = "AWS::ECS::Service.PlacementConstraint"

    type: Literal["distinctInstance", "memberOf"]
    """`distinctInstance` runs every task on another instance, `memberOf` only on instances that match the
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
    """Paths start at the service. of_task: how many constraints its task definition has; they count with its own."""
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
    for index, each in enumerate(strategies):
        if each.type == "random":
            if each.field is not None:
                yield Problem("placement-rule", (index, "field"), "random placement has no field", "leave field out")
        elif each.field is None:
            text = f"{each.type} needs a field"
            yield Problem("placement-rule", (index,), text, f"add field: {_WORDS[each.type]}")
        elif not re.fullmatch(_FIELDS[each.type], each.field):
            text = f"{quoted(each.field, 60)} is no field of {each.type}"
            yield Problem("placement-rule", (index, "field"), text, _WORDS[each.type])
        elif each.field.startswith("attribute:"):
            yield from (problem.under(index, "field") for problem in attribute_problems(each.field))


def _constraint_problems(constraints: Sequence[ServicePlacementConstraint], of_task: int) -> Iterator[Problem]:
    count = len(constraints) + of_task
    if len(constraints) <= MOST_CONSTRAINTS < count and constraints:
        text = f"{count} constraints together with the task definition's"
        yield Problem("placement-rule", (), text, f"at most {MOST_CONSTRAINTS}")
    for index, each in enumerate(constraints):
        if each.type == "distinctInstance" and each.expression is not None:
            text = "distinctInstance has no expression"
            yield Problem("placement-rule", (index, "expression"), text, "leave expression out")
        elif each.type == "memberOf" and each.expression is None:
            text = "memberOf needs an expression"
            yield Problem("placement-rule", (index,), text, "add expression:, such as attribute:ecs.os-type == linux")
        elif each.type == "memberOf":
            yield from (problem.under(index, "expression") for problem in query_problems(each.expression))


def placement_properties(
    strategies: Sequence[PlacementStrategy], constraints: Sequence[ServicePlacementConstraint]
) -> dict[str, Any]:
    """Those of AWS::ECS::Service, where there are any."""
    made = {
        "PlacementStrategies": [ecs.PlacementStrategy(**serialization.properties(each)) for each in strategies],
        "PlacementConstraints": [ecs.PlacementConstraint(**serialization.properties(each)) for each in constraints],
    }
    return {name: items for name, items in made.items() if items}
