"""Checks of names in expressions."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator
from typing import Any

from pipegen.checks.values.parameter_type import declaration
from pipegen.definition import Definition
from pipegen.errors import Path, Problem, Severity, did_you_mean
from pipegen.facts import attributes, closest
from pipegen.fields.model import walk
from pipegen.model.stack_settings import StackSettings
from pipegen.stacks.stack import Stack, mapping, referred_names
from pipegen.stacks.uses import UsedDocument, uses_of
from pipegen.values.expression import Expression

_PSEUDO = {"AccountId", "NotificationARNs", "NoValue", "Partition", "Region", "StackId", "StackName", "URLSuffix"}


def known_names(definition: Definition, stack: Stack, document: UsedDocument) -> Iterator[Problem]:
    """Find names in Ref, GetAtt and Sub that are not parameters, pseudo parameters or resources of the stack."""
    for name, fix in unknown_names(definition, stack, document):
        text = f"{name} is not a parameter or resource"
        if other := _other_stack(name, definition, stack):
            text = f"{name} is a resource of the stack {other}, not of {stack.name}"
            fix = f"export it: give {other} an output with an export, and import that with !ImportValue"
        yield Problem("unknown-reference", _path_of(name, definition), text, fix)


def _other_stack(name: str, definition: Definition, stack: Stack) -> str:
    """Return the other stack to which the definition adds a resource of this name; empty if there is none."""
    holders: list[tuple[str, Any]] = [(definition.pipeline_stack, definition.pipeline)]
    holders += [(definition.service_stack(key), each) for key, each in definition.services.items()]
    holders += [(definition.registry_stack, definition.registry)]
    return next((other for other, each in holders if name in each.resources and other != stack.name), "")


def known_attributes(definition: Definition, stack: Stack, document: UsedDocument) -> Iterator[Problem]:
    """Find attributes in GetAtt that their resources do not have."""
    resources = mapping(document.get("Resources"))
    for logical_id, attribute in document.uses.attributes:
        kind = str(mapping(resources.get(logical_id)).get("Type"))
        known = attributes(kind)
        if known is not None and attribute not in known:
            path = _path_of_attribute(logical_id, attribute, definition) or stack.origins.get(logical_id, ())
            text = f"unknown attribute {logical_id}.{attribute} of {kind}"
            near = closest(attribute, known)
            # A name that differs only in case is wrong; any other can be newer than the list.
            severity: Severity = "error" if near.lower() == attribute.lower() else "warning"
            fix = did_you_mean(near and f"{logical_id}.{near}") or _those(known)
            yield Problem("unknown-reference", path, text, fix, severity)


def _those(known: Collection[str]) -> str:
    return f"attributes are {', '.join(known) or 'none'}"


def _path_of_attribute(logical_id: str, attribute: str, definition: Definition) -> Path:
    """Return the path of the first expression with an attribute."""
    for path, leaf in walk(definition):
        if isinstance(leaf, Expression) and (logical_id, attribute) in uses_of(leaf.to_dict()).attributes:
            return path
    overridden = walk(definition.overrides, ("overrides",))
    return next((path for path, leaf in overridden if isinstance(leaf, str) and attribute in leaf), ())


def unknown_names(definition: StackSettings, stack: Stack, document: UsedDocument) -> Iterator[tuple[str, str]]:
    """Yield unknown names, each with the fix. Names in conditions are checked where these are declared."""
    known = {*stack.template.parameters, *stack.template.resources, *(f"AWS::{name}" for name in _PSEUDO)}
    for name in document.uses.names:
        if name in known:
            continue
        near = difflib.get_close_matches(name, {*definition.parameters, *known}, n=1)
        yield name, did_you_mean(*near[:1]) or declaration(name, definition)


def _path_of(name: str, definition: Definition) -> Path:
    """Return the path of the first expression with a name."""
    for path, leaf in walk(definition):
        if isinstance(leaf, Expression) and name in referred_names(leaf.to_dict()):
            return path
    overridden = walk(definition.overrides, ("overrides",))
    return next((path for path, leaf in overridden if isinstance(leaf, str) and name in leaf), ())
