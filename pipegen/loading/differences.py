"""What differs between the environments of a fleet: sections of services, and arguments of blueprints.

The definition is completed once for each environment, so everything that is read, checked and rendered afterwards sees
plain values.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from pipegen.errors import InvalidDefinition, Problem, did_you_mean, one_line, there_are
from pipegen.facts import closest
from pipegen.fields.words import is_expression
from pipegen.loading.yaml.merging import merged
from pipegen.loading.yaml.nodes import Node, mapping_node, named, problem_at, without

if TYPE_CHECKING:
    from pipegen.loading.blueprints.parameter import BlueprintParameter

SERVICES, ENVIRONMENTS = "services", "environments"
_IDENTITY = {
    "deployed_by": "it decides which actions the pipeline has",
    "environment": "each environment has the whole definition",
    "environments": "sections do not contain others",
    "name": "it identifies the service",
    "stack_name": "it identifies the stack",
}
"""Keys that cannot differ between environments, with the reasons."""


def differs(parameter: BlueprintParameter, argument: Node) -> bool:
    """Whether an argument of a scalar type has a value for each environment instead of one value."""
    return parameter.is_scalar and isinstance(argument.data, dict) and not is_expression(argument.data)


def arguments_in(
    arguments: Mapping[str, Node],
    parameters: Mapping[str, BlueprintParameter],
    known: Collection[str],
    environment: str,
) -> dict[str, Node]:
    """Return the arguments in an environment. known: the environments of the fleet. Raises InvalidDefinition."""
    varying = {name for name, node in arguments.items() if name in parameters and differs(parameters[name], node)}
    problems = [problem for name in arguments if name in varying for problem in _unknown(arguments[name], known)]
    if problems:
        raise InvalidDefinition(problems)
    chosen = {name: _value_in(node, parameters.get(name), environment) for name, node in arguments.items()}
    return {name: node for name, node in chosen.items() if node is not None}


def _value_in(argument: Node | None, parameter: BlueprintParameter | None, environment: str) -> Node | None:
    """An argument in an environment. If it has no value there, the fleet's default counts."""
    if argument is None or parameter is None or not differs(parameter, argument):
        return argument
    return argument.inside.get(environment) or _value_in(argument.replaced, parameter, environment)


def _unknown(section: Node, known: Collection[str]) -> Iterator[Problem]:
    for name, node in section.inside.items():
        if name not in known:
            near = next((each for each in known if each.startswith(str(name))), closest(str(name), [*known]))
            fix = did_you_mean(near) or there_are([*known])
            yield problem_at(node, "unknown-environment", f"there is no environment {one_line(name, 60)}", fix)


def has_sections(definition: Node) -> bool:
    """Whether a service has values for environments."""
    return any(ENVIRONMENTS in service.inside for service in _services(definition).values())


def with_sections(definition: Node) -> Node:
    """Replace lists of environments in services by sections without differences: `[staging]` by `{staging: {}}`."""
    services = _services(definition)
    listed = {key: each.inside[ENVIRONMENTS] for key, each in services.items() if _lists_environments(each)}
    if not listed:
        return definition
    if problems := [problem for node in listed.values() for problem in _repeated(node)]:
        raise InvalidDefinition(problems)
    inside = {key: _with_section_of_each(each) if key in listed else each for key, each in services.items()}
    whole = named(definition)
    return mapping_node(definition, {**whole, SERVICES: mapping_node(whole[SERVICES], inside)})


def _lists_environments(service: Node) -> bool:
    listed = service.inside.get(ENVIRONMENTS)
    return listed is not None and isinstance(listed.data, list) and all(isinstance(each, str) for each in listed.data)


def _repeated(listed: Node) -> Iterator[Problem]:
    for index, node in listed.inside.items():
        if node.data in listed.data[:index]:
            text = f"environments lists {one_line(node.data, 60)} twice"
            yield problem_at(node, "duplicate-item", text, "list each environment once")


def _with_section_of_each(service: Node) -> Node:
    listed = service.inside[ENVIRONMENTS]
    sections = {str(each.data): mapping_node(each, {}) for each in listed.inside.values()}
    return mapping_node(service, {**named(service), ENVIRONMENTS: mapping_node(listed, sections)})


def services_in(definition: Node, known: Sequence[str], environment: str | None) -> Node:
    """Merge the sections of an environment over the services that they are in; None: merge none.

    known: the environments of the fleet. Raises InvalidDefinition.
    """
    services = _services(definition)
    problems = [problem for each in services.values() for problem in _section_problems(each, known)]
    if problems:
        raise InvalidDefinition(problems)
    inside = {key: _in_environment(each, environment) for key, each in services.items()}
    whole = named(definition)
    return mapping_node(definition, {**whole, SERVICES: mapping_node(whole[SERVICES], inside)})


def services_each(definition: Node) -> Node:
    """Replace every service with sections by one service for each of them, as the environments of a definition are
    deployed to by one pipeline: `web` becomes `web-staging` and `web-production`. Raises InvalidDefinition."""
    known = list(named(definition.inside[ENVIRONMENTS]))
    services = _services(definition)
    problems = [problem for each in services.values() for problem in _section_problems(each, known)]
    if problems := problems + [problem for each in services.values() for problem in _empty_sections(each)]:
        raise InvalidDefinition(problems)
    made = [(key, node, name) for name, each in services.items() for key, node in _by_environment(name, each)]
    if problems := list(_same_keys(made)):
        raise InvalidDefinition(problems)
    inside = {key: node for key, node, _ in made}
    whole = named(definition)
    return mapping_node(definition, {**whole, SERVICES: mapping_node(whole[SERVICES], inside)})


def _same_keys(made: Iterable[tuple[str, Node, str]]) -> Iterator[Problem]:
    """Find services that become one service. made: their keys and nodes, and the keys in the definition."""
    known: dict[str, str] = {}
    for key, node, name in made:
        other = known.setdefault(key, name)
        if other != name:
            text = f"services {other} and {name} both become the service {one_line(key, 60)}, one for each environment"
            yield problem_at(node, "duplicate-name", text, "rename one of them")


def sections_of(definition: Node) -> dict[str, tuple[str, str]]:
    """Return the key of the service and the name of the environment of every service that `services_each` makes from a
    section, by its key."""
    return {
        f"{key}-{name}": (key, name)
        for key, service in _services(definition).items()
        if ENVIRONMENTS in service.inside
        for name in named(service.inside[ENVIRONMENTS])
    }


def _by_environment(key: str, service: Node) -> Iterator[tuple[str, Node]]:
    sections = service.inside.get(ENVIRONMENTS)
    if sections is None:
        yield key, service
        return
    for name, section in named(sections).items():
        placed = {"environment": Node(name, section.line, section.column, file=section.file)}
        inside = {**placed, **named(_in_environment(service, name))}
        yield f"{key}-{name}", mapping_node(section, inside)


def _services(definition: Node) -> dict[str, Node]:
    services = definition.inside.get(SERVICES)
    return named(services) if services is not None and isinstance(services.data, dict) else {}


def _in_environment(service: Node, environment: str | None) -> Node:
    common, sections = without(service, ENVIRONMENTS), service.inside.get(ENVIRONMENTS)
    section = sections.inside.get(environment) if sections is not None and environment is not None else None
    return common if section is None or section.data is None else merged(common, section)


def _empty_sections(service: Node) -> Iterator[Problem]:
    sections = service.inside.get(ENVIRONMENTS)
    if sections is not None and sections.data == {}:
        text = "environments of a service must name one or more environments, got none"
        yield problem_at(sections, "wrong-length", text, "add one, or remove environments")


def _section_problems(service: Node, known: Sequence[str]) -> Iterator[Problem]:
    sections = service.inside.get(ENVIRONMENTS)
    if sections is None:
        return
    if not isinstance(sections.data, dict) or is_expression(sections.data):
        text = "environments of a service must be a mapping of the names of environments"
        yield problem_at(sections, "wrong-type", text, "write NAME: {KEY: VALUE}")
        return
    if not known:
        text = "a service has values for environments, but there are no environments"
        fix = "define environments: in the definition, or in a pipegen.yaml above it"
        yield problem_at(sections, "unknown-environment", text, fix)
        return
    yield from _unknown(sections, known)
    for name, section in sections.inside.items():
        if not isinstance(section.data, dict | None):
            text = f"{one_line(name, 60)} must be a mapping of what differs in this environment"
            yield problem_at(section, "wrong-type", text, "write KEY: VALUE")
        for key in section.inside.keys() & _IDENTITY.keys():
            text = f"{key} cannot differ between environments, because {_IDENTITY[str(key)]}"
            yield problem_at(
                section.inside[key], "environment-difference", text, f"remove it from {one_line(name, 60)}"
            )
