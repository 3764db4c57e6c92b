"""Which containers wait for which.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, field
from typing import TYPE_CHECKING, Literal

from pipegen.ecs.serialization import aws
from pipegen.errors import Problem, quoted, there_are
from pipegen.fields.model import Model
from pipegen.frozen import frozen

if TYPE_CHECKING:
    from pipegen.ecs.tasks.container import Container


@frozen
class ContainerDependency(Model):
    """A container that another one waits for.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html"""

    container: str = field(metadata=aws("containerName"))
    """The name of the container to wait for."""
    _: KW_ONLY
    condition: Literal["START", "COMPLETE", "SUCCESS", "HEALTHY"]
    """What it must have reached: START (it runs), COMPLETE (it has ended), SUCCESS (it has ended with 0) or HEALTHY
    (its health check passes). COMPLETE and SUCCESS require that it is not essential."""


def dependency_problems(containers: Sequence[Container]) -> Iterator[Problem]:
    """Paths start at the list of containers."""
    by_name = {container.name: container for container in containers}
    for index, container in enumerate(containers):
        for number, dependency in enumerate(container.depends_on):
            path = (index, "depends_on", number)
            other = by_name.get(dependency.container)
            if other is None:
                text = f"the task has no container {quoted(dependency.container)}"
                yield Problem("task-depends-on", (*path, "container"), text, there_are(by_name))
                continue
            for problem in _condition_problems(dependency, other):
                yield problem.under(*path)
    circle = _circle(by_name)
    if circle:
        index = next(index for index, container in enumerate(containers) if container is by_name[circle[0]])
        text = f"containers wait for each other: {' → '.join((*circle, circle[0]))}"
        number = [each.container for each in containers[index].depends_on].index((*circle, circle[0])[1])
        where = (index, "depends_on", number, "container")
        yield Problem("task-depends-on", where, text, "remove one of these dependencies")


def _condition_problems(dependency: ContainerDependency, other: Container) -> Iterator[Problem]:
    if dependency.condition == "HEALTHY" and other.health_check is None:
        text = f"container {quoted(other.name)} has no health check to pass"
        yield Problem("task-depends-on", ("condition",), text, "give it a health_check, or wait for START")
    if dependency.condition in ("COMPLETE", "SUCCESS") and other.essential:
        text = f"container {quoted(other.name)} is essential: when it ends, so does the task"
        yield Problem("task-depends-on", ("condition",), text, "say essential: false there, or wait for START")


def _circle(by_name: Mapping[str, Container]) -> tuple[str, ...]:
    """The names on one way that comes back to its beginning, in order; none where there is no such way."""
    left = {
        name: {each.container for each in container.depends_on if each.container in by_name}
        for name, container in by_name.items()
    }
    while free := [name for name, others in left.items() if not others & left.keys()]:
        for name in free:
            del left[name]
    way: list[str] = []
    here = next(iter(left), None)
    while here is not None and here not in way:
        way.append(here)
        here = min(left[here] & left.keys())
    return tuple(way[way.index(here) :]) if here is not None else ()
