"""Checks for variables, `#{namespace.variable}`, that CodePipeline does not resolve.
https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-variables.html"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pipegen.definition import texts_below
from pipegen.errors import Path, Problem
from pipegen.fields.model import walk
from pipegen.graph.outline import Outline
from pipegen.stacks.stack import Document, Stack, mapping
from pipegen.stacks.uses import UsedDocument

_NAMED = re.compile(r"#\{([A-Za-z0-9@_-]+)\.[A-Za-z0-9@_-]+\}")
_COMPOSED = ("action_environment", "parameter_overrides", "pipeline_variables", "source_revisions")
"""Fields of actions that become part of a text in the configuration."""
_SCRIPTED = ("after", "before", "commands", "images")
"""Fields of actions that become a buildspec."""
_RESOLVED = ("Configuration", "Commands", "EnvironmentVariables")
"""Properties of actions and, except the last one, of rules in which CodePipeline resolves variables."""
_IN_SERVICE = "use a parameter of the stack, such as !Ref NAME"


def unresolved(lowered: Outline, stack: Stack, document: UsedDocument) -> Iterator[Problem]:
    """Find variables outside of the configuration of actions and rules, where CodePipeline does not resolve them."""
    actions = [each.action for each in lowered.actions]
    namespaces = {"codepipeline", "variables", *(each.variable_namespace for each in actions)}
    variables = {name for each in actions for name in each.own_variables()}
    for said, (namespace, origin) in _unresolved_variables(stack, document).items():
        # Other languages, such as Ruby and Spring, use the same syntax.
        if namespace not in namespaces and said[2:-1].partition(".")[2] not in variables:
            continue
        text = f"{said} is not resolved: CodePipeline resolves variables only in the configuration of actions"
        in_build = f'set action_environment: {{NAME: "{said}"}} in a build, and use $NAME'
        for path in [*_paths(lowered, document, said, scripts=namespace in namespaces)] or [origin]:
            if path[:3] != ("pipeline", "stages", 0):  # sources cannot use variables, which `variables` reports
                fix = _IN_SERVICE if path[:1] == ("services",) else in_build
                yield Problem("variable-unresolved", path, text, fix)


def _unresolved_variables(stack: Stack, document: UsedDocument) -> dict[str, tuple[str, Path]]:
    """Return variables outside of configurations, with their namespaces and the origins of their resources."""
    variables: dict[str, tuple[str, Path]] = {}
    for logical_id in document.resources_with("#{"):
        for text in _texts(mapping(document["Resources"][logical_id]).get("Properties")):
            for match in _NAMED.finditer(text):
                variables.setdefault(match[0], (match[1], stack.origins.get(logical_id, ())))
    return variables


def _texts(data: Any) -> Iterator[str]:
    """Yield texts with variables outside of configurations."""
    if isinstance(data, str):
        if "#{" in data:
            yield data
    elif isinstance(data, dict):
        skipped = _RESOLVED if "ActionTypeId" in data else _RESOLVED[:2]
        for name, item in data.items():
            if name not in skipped:
                yield from _texts(item)
    elif isinstance(data, list | tuple):
        for item in data:
            yield from _texts(item)


def _paths(lowered: Outline, document: Document, said: str, *, scripts: bool) -> Iterator[Path]:
    """Yield the paths of unresolved texts with the variable. scripts: whether to include commands."""
    configured: dict[Path, set[object]] = {}
    for _, path, action in lowered.configured(document):
        configured.setdefault(path, set()).update(_configured(action))
    for path, text in texts_below(lowered.definition, ()):
        counts = path[3:4] != ("actions",) or scripts or path[5] not in _SCRIPTED
        if said in text and counts and not _is_resolved(path, text, configured):
            yield path


def _configured(action: Any) -> set[object]:
    return {leaf for key in _RESOLVED for _, leaf in walk(action.get(key))}


def _is_resolved(path: Path, text: str, configured: dict[Path, set[object]]) -> bool:
    in_rule = path[3:4] and path[3] in ("before_entry", "on_success", "on_failure")
    if in_rule or path[-1] == "description":
        return True
    is_actions = path[3:4] == ("actions",)
    return is_actions and (path[5] in _COMPOSED or text in configured.get(path[:5], ()))
