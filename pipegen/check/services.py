"""The services of a definition, each for itself and beside each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pipegen import names
from pipegen.definition import Definition
from pipegen.errors import Problem, one_line

if TYPE_CHECKING:
    from pipegen.services.placed import PlacedService


def services(definition: Definition) -> Iterator[Problem]:
    if not definition.services:
        return
    from pipegen.services.priorities import clashes
    from pipegen.services.problems import service_problems

    yield from clashes(definition.services, {}, definition.name)
    placed = definition.placed_services()
    for each in placed:
        if not names.STACK.matches(each.key):
            text = f"{one_line(repr(each.key), 120)} is no key of a service: its stack is named after it"
            yield Problem("name", ("services", each.key), text, names.STACK.words)
        for problem in service_problems(each):
            yield problem.under("services", each.key)
    yield from _one_name_each(placed)


def _one_name_each(placed: Sequence[PlacedService]) -> Iterator[Problem]:
    known: dict[tuple[str, str], str] = {}
    for each in placed:
        cluster = each.cluster_name if isinstance(each.cluster_name, str) else str(each.cluster_name.to_dict())
        other = known.setdefault((cluster, each.name), each.key)
        if other != each.key:
            text = f"the services {other} and {each.key} are both {each.name} in the same cluster"
            yield Problem("service-name", ("services", each.key, "name"), text, "give one of them another name")
