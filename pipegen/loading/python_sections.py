"""Sections of services in Python. They have the same form as in files and are merged by the same rules: mappings by
key, lists of named items by name. An object, like any other value, replaces that of the service."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, replace
from typing import Any

from pipegen.definition import Definition
from pipegen.errors import InvalidDefinition, Problem, spell
from pipegen.fields.base import mapping
from pipegen.fields.model import Model, keyed_fields
from pipegen.loading.definition import read_model
from pipegen.loading.differences import ENVIRONMENTS, SERVICES, sections_of, services_each, with_sections
from pipegen.loading.yaml.merging import IDENTITIES
from pipegen.loading.yaml.nodes import Node, list_node, mapping_node, node_of
from pipegen.model.created import created_at


def in_each_environment(definition: Definition) -> Definition:
    """Replace every service with sections by one service for each of them: `web` by `web-staging` and `web-production`.

    Raises InvalidDefinition with the locations that created the services.
    """
    services = mapping(getattr(definition, SERVICES, None))
    if not any(getattr(each, ENVIRONMENTS, ()) for each in services.values()):
        return definition
    try:
        made = _services(definition, services)
    except InvalidDefinition as error:
        raise InvalidDefinition(map(_without_column, error.problems)) from None
    changed = replace(definition, services=made)
    _copy_location(definition, changed)
    return changed


def _services(definition: Definition, services: Mapping[str, Any]) -> dict[str, Any]:
    """Return the services by key. Raises InvalidDefinition."""
    whole = _mark(definition, ())
    with_some = {key: each for key, each in services.items() if getattr(each, ENVIRONMENTS, ())}
    marks = {key: _mark(definition, (SERVICES, key)) for key in services}
    nodes = {
        key: _service_node(with_some[key], mark) if key in with_some else mapping_node(mark, {})
        for key, mark in marks.items()
    }
    known = node_of(dict.fromkeys(definition.environments), whole)
    root = with_sections(mapping_node(whole, {ENVIRONMENTS: known, SERVICES: mapping_node(whole, nodes)}))
    each, sections = services_each(root).inside[SERVICES], sections_of(root)
    made: dict[str, Any] = {}
    problems: list[Problem] = []
    for key, node in each.inside.items():
        if key in services and key not in with_some:
            made[str(key)] = services[str(key)]
            continue
        name, environment = sections[str(key)]
        try:
            made[str(key)] = _read(str(key), node, with_some[name])
        except InvalidDefinition as error:
            problems += [_in_section(problem, name, environment) for problem in error.problems]
    if problems:
        raise InvalidDefinition(problems)
    return made


def _mark(definition: Definition, path: tuple[str, ...]) -> Node:
    return Node(None, 0, 0, file=created_at(definition, path))


def _in_section(problem: Problem, service: str, environment: str) -> Problem:
    path = (SERVICES, service, ENVIRONMENTS, environment, *problem.path)
    return replace(problem, path=path, subject=spell(path))


def _without_column(problem: Problem) -> Problem:
    """Objects have the location `file:line`, and nodes `file:line:column`."""
    return replace(problem, location=problem.location.removesuffix(":0:0"))


def _copy_location(origin: Model, made: Model) -> None:
    object.__setattr__(made, "_created", origin.created)


def _read(key: str, node: Node, origin: Model) -> Any:
    """Read a service as those of files are. Raises InvalidDefinition. Constraints are checked with the definition."""
    read: Any = read_model(type(origin), node, [])
    service = replace(read, key=key)
    _copy_location(origin, service)
    return service


def _service_node(service: Any, mark: Node) -> Node:
    sections = service.environments
    inside = [*sections.values()] if isinstance(sections, Mapping) else []
    fields = _node(service, [each for each in inside if isinstance(each, Mapping)] or [{}], mark).inside
    own = {str(key): node for key, node in fields.items() if key != ENVIRONMENTS}
    return mapping_node(mark, {**own, ENVIRONMENTS: node_of(sections, mark)})


def _node(value: Any, sections: Sequence[Any], mark: Node) -> Node:
    """A value as nodes, as deep as sections change it: the objects that they leave alone keep their locations."""
    changes = [each for each in sections if isinstance(each, Mapping)]
    if changes and isinstance(value, Model | Mapping):
        fields = _fields(value)
        return mapping_node(mark, {key: _node(each, _at(changes, key), mark) for key, each in fields.items()})
    lists = [each for each in sections if isinstance(each, list | tuple)]
    if lists and isinstance(value, list | tuple):
        return list_node(mark, [_item(each, lists, mark) for each in value])
    return Node(value, mark.line, mark.column, file=mark.file)


def _item(item: Any, lists: Iterable[Sequence[Any]], mark: Node) -> Node:
    """An item of a list that sections change."""
    if not isinstance(item, Model | Mapping):
        return Node(item, mark.line, mark.column, file=mark.file)
    names = {key: each for key, each in _fields(item).items() if key in IDENTITIES}
    same = [each for items in lists for each in items if isinstance(each, Mapping) and names.items() & each.items()]
    return _node(item, same or [{}], mark)


def _at(sections: Iterable[Mapping[str, Any]], key: str) -> list[Any]:
    return [each[key] for each in sections if key in each]


def _fields(value: Model | Mapping[str, Any]) -> Mapping[str, Any]:
    """The fields of an object that differ from their defaults, by their keys in files."""
    if isinstance(value, Mapping):
        return value
    kind: Any = type(value)
    defaults = {name: field.default for name, field in kind.__dataclass_fields__.items()}
    fields = {key: (getattr(value, name), defaults[name]) for key, name in keyed_fields(kind).items()}
    return {
        key: each for key, (each, default) in fields.items() if key == "kind" or default is MISSING or each != default
    }
