"""The services of a definition, each for itself and beside each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
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

    yield from clashes(definition.services, definition.name)
    placed = definition.placed_services()
    for each in placed:
        if not names.STACK.matches(each.key):
            text = f"{one_line(repr(each.key), 120)} is not a key of a service"
            yield Problem("name", ("services", each.key), text, names.STACK.words)
        elif len(each.stack_name) > names.STACK_LIMIT:
            text = f"the name of the stack {one_line(each.stack_name, 40)} has {len(each.stack_name)} characters"
            fix = f"{names.STACK_LIMIT} at most: shorten the key, or the name of the definition"
            yield Problem("name", ("services", each.key), text, fix)
        for problem in service_problems(each):
            yield problem.under("services", each.key)
    yield from _one_name_each(placed)


def _one_name_each(placed: Sequence[PlacedService]) -> Iterator[Problem]:
    known: dict[str, str] = {}
    for each in placed:
        other = known.setdefault(each.name, each.key)
        if other != each.key:
            text = f"{other} is named {each.name} too, and so are log groups, families and applications"
            yield Problem("service-name", ("services", each.key, "name"), text, "give one of them another name")
    makers: dict[str, str] = {}
    for each in placed:
        cluster = str(each.cluster_name)
        if each.creates_cluster and makers.setdefault(cluster, each.key) != each.key:
            text = f"the cluster {one_line(cluster, 80)} is created by the service {makers[cluster]} too"
            yield Problem("cluster-create", ("services", each.key, "cluster"), text, "leave create out of one of them")


def without_echoes(definition: Definition, resolved: Definition, found: Sequence[Problem]) -> list[Problem]:
    """The problems found in the resolved definition without those that only follow from others: what is wrong with a
    service is not told again of its deploy, nor what is wrong with a deploy of what records its images."""
    if not definition.services:
        return [*found]
    from pipegen.services.resolution import SAID_BY_ACTION

    # Where something records images, every action of the stage has its order, which makes no other action of it.
    given = {each.path: replace(each.action, run_order=each.run_order) for each in definition.pipeline.located()}
    located = {each.path: replace(each.action, run_order=each.run_order) for each in resolved.pipeline.located()}
    made = {path for path, action in located.items() if action != given.get(path)}
    errors = [problem.path for problem in found if problem.severity == "error"]
    wrong = {path[1] for path in errors if len(path) > 1 and path[0] == "services"}
    said = {(path[1], each.code, each.text) for each in found if (path := each.path)[:1] == ("services",) and path[1:]}
    elsewhere = any(path[:5] in given or path[:5] not in made for path in errors)

    def is_echo(problem: Problem) -> bool:
        path, field = problem.path[:5], problem.path[5:6]
        if path not in made:
            return False
        if path not in given:  # it is not in the definition, so that whatever else is wrong comes first
            return elsewhere
        service = str(getattr(given[path], "service", ""))
        if service not in definition.services:  # which is told; what it would want is not known
            return True
        if (service, problem.code, problem.text) in said:
            return True
        return service in wrong and not SAID_BY_ACTION.issuperset(field)

    return [problem for problem in found if not is_echo(problem)]
