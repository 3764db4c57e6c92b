"""Expanding a blueprint with the arguments of a definition."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from pipegen.errors import InvalidDefinition, Problem, did_you_mean, one_line, quoted, spell
from pipegen.frozen import frozen
from pipegen.loading.blueprints.blueprint import Blueprint, PlannedFile
from pipegen.loading.blueprints.expressions import FILE
from pipegen.loading.blueprints.plan import Scope, is_true
from pipegen.loading.blueprints.sandbox import ExpressionFailed
from pipegen.loading.blueprints.suggestions import suggestion
from pipegen.loading.fleet import Fleet
from pipegen.loading.yaml.nodes import Node, node_of, problem_at
from pipegen.syntax.paths import is_relative

_LIMIT_PATH = 200


@frozen
class GeneratedFile:
    """A file for the application's repository. path: relative to the root of the repository."""

    path: str
    text: str


def expand(
    blueprint: Blueprint, arguments: Mapping[str, Node], user: Node, fleet: Fleet | None
) -> tuple[Node, tuple[GeneratedFile, ...]]:
    """Return the definition that a blueprint produces from arguments, and its files. user: the node that names it.

    Raises InvalidDefinition with all problems of the arguments, or else with those of the expansion.
    """
    problems = list(_argument_problems(blueprint, arguments, user))
    if problems:
        raise InvalidDefinition(problems)
    scope = _scope(blueprint, arguments, user, fleet)
    node = blueprint.definition(scope)
    files = tuple(_files(blueprint, scope))
    if scope.problems:
        raise InvalidDefinition(dict.fromkeys(scope.problems))  # a loop may report the same problem several times
    return node or node_of({}, user), files


def _argument_problems(blueprint: Blueprint, arguments: Mapping[str, Node], user: Node) -> Iterator[Problem]:
    parameters = blueprint.data.parameters
    for name, node in arguments.items():
        if name in blueprint.fixed:
            here = blueprint.node.at(("parameters", name))
            yield problem_at(
                node, "unknown-argument", f"the blueprint {blueprint.name} fixes {name}", "remove it", here
            )
            continue
        if name not in parameters:
            text = f"unknown parameter {quoted(name, 60)} of the blueprint {blueprint.name}"
            yield problem_at(node, "unknown-argument", text, suggestion(name, parameters))
            continue
        here = blueprint.node.at(("parameters", name))
        for path, text, fix in parameters[name].faults(node.data):
            yield problem_at(node.at(path), "wrong-argument", f"{spell((name, *path))} {text}", fix, here)
        yield from _misspelled_keys(blueprint, name, node)
    for name, parameter in parameters.items():
        if name not in arguments and blueprint.is_required(name):
            about = f" ({one_line(parameter.description)})" if parameter.description else ""
            here, fix = blueprint.node.at(("parameters", name)), f"give it under with: {name}: …"
            yield problem_at(user, "missing-argument", f"{name} is missing{about}", fix, here)


def _misspelled_keys(blueprint: Blueprint, name: str, node: Node) -> Iterator[Problem]:
    """Keys in the items of an argument that the blueprint does not use, but that are similar to ones it does use."""
    items = [item for item in node.inside.values() if isinstance(item.data, dict)]
    known = blueprint.item_keys(name) if items else ()
    for item in items:
        for key, inside in item.inside.items():
            near = difflib.get_close_matches(str(key), [each for each in known if each not in item.data], n=1)
            if key not in known and near:
                text, fix = f"unknown key {quoted(key, 60)} in an item of {name}", did_you_mean(near[0])
                yield problem_at(inside, "unknown-key", text, fix, blueprint.node.at(("parameters", name)))


def _scope(blueprint: Blueprint, arguments: Mapping[str, Node], user: Node, fleet: Fleet | None) -> Scope:
    parameters = {**blueprint.data.parameters, **blueprint.fixed}
    unset = {name: blueprint.default(name) for name in parameters if name not in arguments}
    defaults = {name: node for name, node in unset.items() if node is not None}
    all_arguments = defaults | dict(arguments)
    values: dict[str, Any] = {name: parameters[name].as_text(node.data) for name, node in all_arguments.items()}
    values["environments"] = _environments(fleet)
    in_files = dict(values)

    def file(name: str) -> str:
        template = blueprint.templates.get(name)
        if template is None:
            raise ExpressionFailed(f"files/ has no {quoted(name, 60)}", suggestion(name, blueprint.templates))
        return template.file.text(in_files)

    file.pipegen_file = True  # type: ignore[attr-defined]
    values[FILE] = file
    return Scope(names=values, marks=dict(arguments), user=user, defaults=defaults)


def _environments(fleet: Fleet | None) -> dict[str, Any]:
    """The environments as values for expressions, with the values that the fleet's file sets."""
    if fleet is None:
        return {}
    return {
        name: {"account": each.account, "region": each.region, "parameters": dict(each.parameters)}
        for name, each in fleet.data.environments.items()
    }


def _files(blueprint: Blueprint, scope: Scope) -> Iterator[GeneratedFile]:
    paths: set[str] = set()
    for planned in blueprint.files:
        path = planned.path(scope)
        if path is None or not is_true(planned.node, planned.when, scope):
            continue
        if _is_path(path.data) and path.data not in paths:
            paths.add(path.data)
            text = _text(blueprint, planned, scope)
            scope.count(Node(text, planned.node.line, planned.node.column, file=planned.node.file))
            yield GeneratedFile(path.data, text)
        else:
            text = f"{quoted(path.data)} is not a valid path, or is used twice"
            fix = f"use a relative path without .., with at most {_LIMIT_PATH} printable characters"
            scope.problems.append(
                replace(scope.problem_at(planned.node, "blueprint-file", text, fix), related=path.location)
            )


def _is_path(path: Any) -> bool:
    return (
        isinstance(path, str)
        and is_relative(path)
        and path.isprintable()
        and "\\" not in path
        and len(path) <= _LIMIT_PATH
        and not path.endswith("/")
    )


def _text(blueprint: Blueprint, planned: PlannedFile, scope: Scope) -> str:
    template = blueprint.templates[planned.template]
    try:
        return template.file.text(scope.names)
    except ExpressionFailed as error:
        scope.problems.append(
            Problem("expression", (), error.text, error.fix, location=template.location, related=scope.user.location)
        )
        return ""
