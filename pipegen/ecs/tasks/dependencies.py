"""Problems with the containers that others wait for.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pipegen.ecs.tasks.container import Container, ContainerDependency
from pipegen.errors import Problem, quoted, there_are


def dependency_problems(containers: Sequence[Container]) -> Iterator[Problem]:
    """Check the dependencies between containers. Paths start at the list of containers."""
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
    cycle = _cycle(by_name)
    if cycle:
        index = next(index for index, container in enumerate(containers) if container is by_name[cycle[0]])
        text = f"containers wait for each other: {' → '.join((*cycle, cycle[0]))}"
        number = [each.container for each in containers[index].depends_on].index((*cycle, cycle[0])[1])
        where = (index, "depends_on", number, "container")
        yield Problem("task-depends-on", where, text, "remove one of these dependencies")


def _condition_problems(dependency: ContainerDependency, other: Container) -> Iterator[Problem]:
    if dependency.condition == "HEALTHY" and other.health_check is None:
        text = f"condition HEALTHY requires a health_check, which the container {quoted(other.name)} does not have"
        yield Problem("task-depends-on", ("condition",), text, "add a health_check to it, or wait for START")
    if dependency.condition in ("COMPLETE", "SUCCESS") and other.essential:
        text = f"condition {dependency.condition} is not possible for the essential container {quoted(other.name)}: "
        text += "the task stops when it exits"
        yield Problem("task-depends-on", ("condition",), text, "set essential: false on it, or wait for START")


def _cycle(by_name: Mapping[str, Container]) -> tuple[str, ...]:
    """The names of the containers in one cycle of dependencies, in order; empty if there is none."""
    remaining = {
        name: {each.container for each in container.depends_on if each.container in by_name}
        for name, container in by_name.items()
    }
    while independent := [name for name, others in remaining.items() if not others & remaining.keys()]:
        for name in independent:
            del remaining[name]
    visited: list[str] = []
    current = next(iter(remaining), None)
    while current is not None and current not in visited:
        visited.append(current)
        current = min(remaining[current] & remaining.keys())
    return tuple(visited[visited.index(current) :]) if current is not None else ()
