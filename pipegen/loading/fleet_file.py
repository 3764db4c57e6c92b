"""Reading fleets from their `pipegen.yaml` files."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path as FilePath

from pipegen.errors import InvalidDefinition, Problem, has_errors, one_line, there_are
from pipegen.loading.definition import read_model
from pipegen.loading.fleet import Fleet, FleetData
from pipegen.loading.layout import FLEET_FILE, pattern_problems, shown
from pipegen.loading.locks import WITH, lock_faults, path_of
from pipegen.loading.renamed import FLEET_KEYS
from pipegen.loading.yaml.merging import merged
from pipegen.loading.yaml.nodes import Node, located, mapping_node, named, node_of, only, without
from pipegen.loading.yaml.parsing import nodes_of
from pipegen.model.environment import Environment, in_same_region
from pipegen.model.tags import tag_problems
from pipegen.pipeline.foundation import Foundation
from pipegen.problems.severity import Level
from pipegen.stacks.stack import referred_names

_INHERITED = ("encryption_key", "permissions_boundary", "role_path", "tags")
"""The defaults of definitions that the foundation inherits."""


def find_fleet(path: FilePath) -> Fleet | None:
    """Return the fleet of a file: the nearest directory above it with a pipegen.yaml. Raises InvalidDefinition."""
    for directory in FilePath(os.path.abspath(path)).parents:  # noqa: PTH100  does not resolve links
        if (directory / FLEET_FILE).is_file():
            return read_fleet(directory)
    return None


def read_fleet(root: FilePath) -> Fleet:
    """Read the fleet of a directory. Raises InvalidDefinition."""
    file = root / FLEET_FILE
    try:
        changed = file.stat().st_mtime_ns
    except OSError:
        text, fix = "there is no such file", f"a fleet has a {FLEET_FILE} at its root; it may be {{}}"
        raise InvalidDefinition([Problem("unreadable", (), text, fix, location=shown(file))]) from None
    return _read(root, shown(file), changed)


@lru_cache(maxsize=16)
def _read(root: FilePath, name: str, _changed: int) -> Fleet:
    node = nodes_of(root / FLEET_FILE, name)
    problems: list[Problem] = []
    data = read_model(FleetData, node, problems, FLEET_KEYS)
    problems += located(node, _problems(data))
    if has_errors(problems):
        raise InvalidDefinition(problems)
    defaults = without(node.inside.get("defaults") or Node({}, 1, 1, file=name), "with")
    tags = {"tags": node.inside["tags"]} if "tags" in node.inside else {}
    shared, foundation, foundation_node = dict(tags), None, None
    if data.foundation is not None:
        mark = node.inside["foundation"]
        places = named(only(node, "environments", "pipelines")) if data.pipelines is not None else {}
        own = merged(mapping_node(mark, places), mark)
        foundation_node = _foundation_node(merged(mapping_node(mark, tags), defaults), own)
        foundation = read_model(Foundation, foundation_node)
        reference = {"name": node_of(foundation.name, mark)}
        reference |= {"has_key": node_of(True, mark)} if foundation.has_key else {}
        reference |= {} if foundation.notifications else {"has_topic": node_of(False, mark)}
        reference |= {"role_path": foundation_node.inside["role_path"]} if foundation.role_path != "/" else {}
        if foundation.home is not None:
            reference |= {"several_accounts": node_of(True, mark), "stack_name": node_of(foundation.stack_name, mark)}
            # Blueprints create a key for pipelines to other accounts, which the stores of the foundation have.
            shared |= {"artifacts": node_of({"create_key": False}, mark)} if foundation.has_key else {}
        shared["foundation"] = mapping_node(mark, reference)
    under = merged(mapping_node(node, shared), defaults)
    fleet = Fleet(
        root=root, data=data, node=node, defaults=under, foundation=foundation, foundation_node=foundation_node
    )
    problems += located(node, [*_foundation_problems(fleet), *_lock_problems(fleet)])
    if has_errors(problems):
        raise InvalidDefinition(problems)
    return replace(fleet, warnings=tuple(problems))


def _foundation_node(shared: Node, own: Node) -> Node:
    """The foundation with the inherited defaults, and with the default parameters that these refer to."""
    node = merged(only(shared, *_INHERITED), own)
    declared = shared.inside.get("parameters")
    if declared is None:
        return node
    used = referred_names([node.inside[key].data for key in _INHERITED if key in node.inside])
    parameters = mapping_node(own, {"parameters": only(declared, *used)})
    return merged(parameters, node) if parameters.data["parameters"] else node


def _problems(data: FleetData) -> Iterator[Problem]:
    yield from pattern_problems(data.definitions)
    if data.render is not None:
        yield from (problem.under("render") for problem in data.render.problems())
    yield from tag_problems(data.tags)
    yield from _severity_problems(data.severity)
    if data.pipelines is not None and data.pipelines not in data.environments:
        text = f"there is no environment {one_line(data.pipelines, 60)}"
        yield Problem("unknown-environment", ("pipelines",), text, there_are(data.environments))
    for name, environment in data.environments.items():
        yield from (problem.under("environments", name) for problem in _environment_problems(environment))


def _severity_problems(levels: Mapping[str, Level]) -> Iterator[Problem]:
    from pipegen.problems.severity import level_faults

    for code, level in levels.items():
        for text, fix in level_faults(code, level):
            yield Problem("severity", ("severity", code), text, fix)


def _foundation_problems(fleet: Fleet) -> Iterator[Problem]:
    """An account and region has one foundation, so environments there must set the same values for it."""
    names = fleet.foundation.parameters if fleet.foundation is not None else ()
    environments = fleet.data.environments
    for one, other in in_same_region(environments):
        for name in names:
            if environments[one].value(name) != environments[other].value(name):
                text = f"{one} and {other} are one account and region, and their foundation has two values of {name}"
                yield Problem("same-environment", ("environments", other), text, "give the same in both")


def _environment_problems(environment: Environment) -> Iterator[Problem]:
    for parameter, value in environment.parameters.items():
        for index, item in enumerate(value) if not isinstance(value, str) else ():
            if "," in item:  # CloudFormation takes a list as one text, with commas between its items
                text, path = f"an item of {one_line(parameter, 60)} has a comma", ("parameters", parameter, index)
                yield Problem("fleet-environment", path, text, "commas are between items: make several of it")


def _lock_problems(fleet: Fleet) -> Iterator[Problem]:
    parameters = None
    if any(path_of(locked)[:1] == [WITH] for locked in fleet.data.locked):
        from pipegen.loading.blueprints.catalog import all_parameters

        parameters = all_parameters(fleet)
    for locked, reason in fleet.data.locked.items():
        for text, fix in lock_faults(locked, reason, parameters):
            yield Problem("fleet-locked", ("locked", locked), text, fix)
