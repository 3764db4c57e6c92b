"""Services of one pipeline whose blueprint has arguments that differ between environments.

The definition is completed once for each environment, and each service is taken from the result for its environment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from pipegen.errors import InvalidDefinition, Path, Problem, spell
from pipegen.loading.sources import Origin
from pipegen.loading.yaml.nodes import Node, mapping_node, named, problem_at, without

_SERVICES, _DESCRIPTION = "services", "description"
Complete = Callable[[str], Origin]
"""Completes a definition with the arguments of an environment. Raises InvalidDefinition."""


def with_services_of_environments(names: Sequence[str], home: str, complete: Complete) -> Origin:
    """Complete a definition. names: the environments that arguments have values for. home: that of the pipelines.

    Raises InvalidDefinition, whose problems name the environments if they are not in all of them.
    """
    origins = _in_each(names, complete)
    first = origins[names[0]]
    placed = {key: _environment(service, home) for key, service in _services(first.node).items()}
    origins |= _in_each([each for each in dict.fromkeys(placed.values()) if each not in origins], complete, names)
    deployed_to = {name: origin for name, origin in origins.items() if name in placed.values()}
    if problems := list(_differences(deployed_to)):
        raise InvalidDefinition(problems)
    services = {key: _services(origins[name].node)[key] for key, name in placed.items()}
    whole = named(first.node)
    node = mapping_node(first.node, {**whole, _SERVICES: mapping_node(whole[_SERVICES], services)})
    return replace(first, node=node, environment=None)


def _in_each(names: Sequence[str], complete: Complete, others: Sequence[str] = ()) -> dict[str, Origin]:
    """Complete a definition in each environment. others: those without errors."""
    origins: dict[str, Origin] = {}
    errors: dict[str, Sequence[Problem]] = dict.fromkeys((*names, *others), ())
    for name in names:
        try:
            origins[name] = complete(name)
        except InvalidDefinition as error:
            errors[name] = error.problems
    if any(errors.values()):
        raise InvalidDefinition(list(problems_in(errors)))
    return origins


def problems_in(by_environment: Mapping[str, Sequence[Problem]]) -> Iterator[Problem]:
    """Yield the problems of all environments, each once. Those that only some have name these."""
    for problem in dict.fromkeys(each for problems in by_environment.values() for each in problems):
        names = [name for name, problems in by_environment.items() if problem in problems]
        yield (
            problem
            if len(names) == len(by_environment)
            else replace(problem, text=f"{problem.text} in {', '.join(names)}")
        )


def _services(definition: Node) -> Mapping[str, Node]:
    return named(definition.inside[_SERVICES]) if _SERVICES in definition.inside else {}


def _environment(service: Node, home: str) -> str:
    placed = service.inside.get("environment")
    return placed.data if placed is not None and isinstance(placed.data, str) else home


def _differences(origins: Mapping[str, Origin]) -> Iterator[Problem]:
    """Find what differs between environments, but is not a part of a service: the pipeline has only one value."""
    [first, *others] = origins.items()
    for name, origin in others:
        path = _difference(_shared(first[1].node), _shared(origin.node))
        if path is not None:
            text = f"{spell(path)} would differ between {first[0]} and {name}, but is not a part of a service"
            yield problem_at(origin.node.at(path), "environment-difference", text, "use one value for all environments")


def _shared(definition: Node) -> Node:
    """Return what does not belong to one environment. The keys of the services do not either."""
    keys = {key: mapping_node(service, {}) for key, service in _services(definition).items()}
    rest = named(without(definition, _SERVICES, _DESCRIPTION))
    return mapping_node(definition, {**rest, _SERVICES: mapping_node(definition, keys)})


def _difference(one: Node, other: Node) -> Path | None:
    """Return the path of the first difference between two nodes."""
    if one.data == other.data:
        return None
    if one.inside.keys() == other.inside.keys():
        for key, inside in one.inside.items():
            if (rest := _difference(inside, other.inside[key])) is not None:
                return (key, *rest)
    return ()
