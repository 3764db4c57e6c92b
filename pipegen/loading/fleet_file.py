"""A fleet: a directory of definitions with what they have in common in its `pipegen.yaml`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace
from functools import lru_cache
from pathlib import Path as FilePath
from typing import Annotated

from pipegen.errors import InvalidDefinition, Problem, has_errors, one_line
from pipegen.fields.constraints import Matches
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.loading.definition import read_model
from pipegen.loading.layout import FLEET_FILE, definition_files, pattern_problems
from pipegen.loading.locks import WITH, lock_faults, locked_problems, path_of
from pipegen.loading.options import RenderOptions
from pipegen.loading.renamed import FLEET_KEYS
from pipegen.loading.yaml.merging import merged
from pipegen.loading.yaml.nodes import Node, located, mapping_node, node_of, only, without
from pipegen.loading.yaml.parsing import nodes_of
from pipegen.model.environment import Environment, in_same_region
from pipegen.model.tags import tag_problems
from pipegen.pipeline.foundation import Foundation
from pipegen.problems.severity import Level
from pipegen.stacks.stack import referred_names
from pipegen.values.data import Data

FILE_NAME = FLEET_FILE
GENERATED = "files"
"""Where the output of a definition has its blueprint's files, beside directories of environments."""
_GOVERNING = ("permissions_boundary", "role_path", "tags")
"""The defaults of definitions that the foundation's stack has too."""
_ENVIRONMENT = Matches(
    rf"(?!{GENERATED}$)[a-z][a-z0-9-]{{0,62}}",
    f"1 to 63 lower-case letters, digits or -, a letter first, and not {GENERATED}",
)


@frozen(kw_only=True)
class FleetData(Model):
    """The contents of a pipegen.yaml: what the definitions below its directory have in common."""

    definitions: Sequence[str] = ("services/**/*.yaml",)
    """Patterns of the files with definitions, relative to the directory of pipegen.yaml. Default:
    services/**/*.yaml."""
    blueprints: Sequence[str] = ()
    """Directories that are searched for blueprints, in this order, before pipegen's own ones."""
    defaults: Mapping[str, Data] = field(default_factory=dict)
    """Keys of definitions with values for all definitions that do not set them. `with` has default arguments for
    blueprints with such parameters, and `environments` the environments that stacks are deployed to."""
    environments: Mapping[Annotated[str, _ENVIRONMENT], Environment] = field(default_factory=dict)
    """The environments, by name."""
    tags: Mapping[str, Data] = field(default_factory=dict)
    """Tags of all resources that can be tagged."""
    locked: Mapping[str, str] = field(default_factory=dict)
    """The reasons why definitions may not set keys, by the paths of these keys, in which `*` stands for any key."""
    foundation: Foundation | None = None
    """The stack that all definitions share, in every account and region; definitions refer to its exports. It has the
    `permissions_boundary`, `role_path` and `tags` of the definitions, except for those that it sets itself."""
    render: RenderOptions | None = None
    """Options of `pipegen render`, the same for people, hooks and workflows."""
    severity: Mapping[str, Level] = field(default_factory=dict)
    """The severity of problems by their codes: `ignore`, `warning` or `error`. Errors cannot be made less severe. The
    option `--severity` takes precedence."""


@frozen(kw_only=True, eq=False)
class Fleet:
    """A fleet as it was read. node: its whole file. defaults: those of definitions, tags and foundation among them.

    foundation: with the fleet's tags and the defaults that apply to it; foundation_node: where all of it is said.
    warnings: about the file itself.
    """

    root: FilePath
    data: FleetData
    node: Node
    defaults: Node
    foundation: Foundation | None
    foundation_node: Node | None = None
    warnings: Sequence[Problem] = ()

    @property
    def file(self) -> FilePath:
        return self.root / FILE_NAME

    def arguments(self) -> Mapping[str, Node]:
        """Default arguments of blueprints."""
        defaults = self.node.inside.get("defaults")
        given = defaults.inside.get("with") if defaults is not None else None
        return {str(name): node for name, node in given.inside.items()} if given is not None else {}

    def files(self) -> list[FilePath]:
        """The files of its definitions, sorted."""
        return definition_files(self.root, self.data.definitions)

    def locked_problems(self, node: Node) -> Iterator[Problem]:
        """What of a service's file is locked, with the reasons."""
        return locked_problems(node, self.data.locked, self.node)


def find_fleet(path: FilePath) -> Fleet | None:
    """The fleet that a file is in: of the nearest directory above it with a pipegen.yaml. Raises InvalidDefinition."""
    for directory in FilePath(os.path.abspath(path)).parents:  # noqa: PTH100  not through links
        if (directory / FILE_NAME).is_file():
            return read_fleet(directory)
    return None


def read_fleet(root: FilePath) -> Fleet:
    """The fleet of a directory. Raises InvalidDefinition."""
    file = root / FILE_NAME
    try:
        changed = file.stat().st_mtime_ns
    except OSError:
        text, fix = "there is no such file", f"a fleet has a {FILE_NAME} at its root; it may be {{}}"
        raise InvalidDefinition([Problem("unreadable", (), text, fix, location=shown(file))]) from None
    return _read(root, shown(file), changed)


@lru_cache(maxsize=16)
def _read(root: FilePath, name: str, _changed: int) -> Fleet:
    node = nodes_of(root / FILE_NAME, name)
    problems: list[Problem] = []
    data = read_model(FleetData, node, problems, FLEET_KEYS)
    problems += located(node, _problems(data))
    if has_errors(problems):
        raise InvalidDefinition(problems)
    defaults = without(node.inside.get("defaults") or Node({}, 1, 1, file=name), "with")
    tags = {"tags": node.inside["tags"]} if "tags" in node.inside else {}
    shared, foundation, governed = dict(tags), None, None
    if data.foundation is not None:
        mark = node.inside["foundation"]
        governed = _governed(merged(mapping_node(mark, tags), defaults), mark)
        foundation = read_model(Foundation, governed)
        reference = {"name": node_of(foundation.name, mark)}
        reference |= {"has_key": node_of(True, mark)} if foundation.create_key else {}
        reference |= {"role_path": governed.inside["role_path"]} if foundation.role_path != "/" else {}
        shared["foundation"] = mapping_node(mark, reference)
    under = merged(mapping_node(node, shared), defaults)
    fleet = Fleet(root=root, data=data, node=node, defaults=under, foundation=foundation, foundation_node=governed)
    problems += located(node, [*_foundation_problems(fleet), *_lock_problems(fleet)])
    if has_errors(problems):
        raise InvalidDefinition(problems)
    return replace(fleet, warnings=tuple(problems))


def _governed(shared: Node, own: Node) -> Node:
    """The foundation with the tags, permissions boundary and role path that every definition has by default, and with
    those default parameters that they refer to."""
    node = merged(only(shared, *_GOVERNING), own)
    declared = shared.inside.get("parameters")
    if declared is None:
        return node
    used = referred_names([node.inside[key].data for key in _GOVERNING if key in node.inside])
    parameters = mapping_node(own, {"parameters": only(declared, *used)})
    return merged(parameters, node) if parameters.data["parameters"] else node


def _problems(data: FleetData) -> Iterator[Problem]:
    yield from pattern_problems(data.definitions)
    if data.render is not None:
        yield from (problem.under("render") for problem in data.render.problems())
    yield from tag_problems(data.tags)
    yield from _severity_problems(data.severity)
    for name, environment in data.environments.items():
        yield from (problem.under("environments", name) for problem in _environment_problems(environment))


def _severity_problems(levels: Mapping[str, Level]) -> Iterator[Problem]:
    from pipegen.problems.severity import level_faults

    for code, level in levels.items():
        for text, fix in level_faults(code, level):
            yield Problem("severity", ("severity", code), text, fix)


def _foundation_problems(fleet: Fleet) -> Iterator[Problem]:
    """There is one foundation in an account and region, so that two environments there give it the same."""
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


def shown(path: FilePath) -> str:
    """A path as messages show it: from the working directory where it is below that."""
    try:
        return str(path.relative_to(FilePath.cwd()))
    except (ValueError, OSError):
        return str(path)
