"""Names that expressions refer to."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator

from pipegen.checks.stacks.sections import undeclared
from pipegen.definition import Definition
from pipegen.errors import Path, Problem, Severity
from pipegen.facts import attributes, closest
from pipegen.fields.model import walk
from pipegen.model.stack_settings import StackSettings
from pipegen.stacks.stack import Stack, mapping, referred_names
from pipegen.stacks.uses import UsedDocument, uses_of
from pipegen.values.expression import Expression

_PSEUDO = {"AccountId", "NotificationARNs", "NoValue", "Partition", "Region", "StackId", "StackName", "URLSuffix"}


def known_names(definition: Definition, stack: Stack, document: UsedDocument) -> Iterator[Problem]:
    """Every Ref, GetAtt and Sub leads to a parameter, a pseudo parameter or a resource of the stack."""
    for name, fix in unknown_names(definition, stack, document):
        text = f"{name} is neither a parameter nor a resource"
        yield Problem("unknown-reference", _place_of(name, definition), text, fix)


def known_attributes(definition: Definition, stack: Stack, document: UsedDocument) -> Iterator[Problem]:
    """Every GetAtt takes an attribute that its resource has."""
    resources = mapping(document.get("Resources"))
    for logical_id, attribute in document.uses.attributes:
        kind = str(mapping(resources.get(logical_id)).get("Type"))
        known = attributes(kind)
        if known is not None and attribute not in known:
            path = _place_of_attribute(logical_id, attribute, definition) or stack.origins.get(logical_id, ())
            text = f"{logical_id}.{attribute} is not known: {logical_id} is of the type {kind}"
            near = closest(attribute, known)
            # Names differ in more than their case, and the list is older than AWS.
            severity: Severity = "error" if near.lower() == attribute.lower() else "warning"
            fix = f"did you mean {logical_id}.{near}?" if near else _those(known)
            yield Problem("unknown-reference", path, text, fix, severity)


def _those(known: Collection[str]) -> str:
    return f"it has {', '.join(known)}" if known else "it has none"


def _place_of_attribute(logical_id: str, attribute: str, definition: Definition) -> Path:
    """Where the definition takes an attribute."""
    for path, leaf in walk(definition):
        if isinstance(leaf, Expression) and (logical_id, attribute) in uses_of(leaf.to_dict()).attributes:
            return path
    overridden = walk(definition.overrides, ("overrides",))
    return next((path for path, leaf in overridden if isinstance(leaf, str) and attribute in leaf), ())


def sections_used(definition: Definition, stack: Stack, document: UsedDocument) -> Iterator[Problem]:
    """Every condition and mapping that is used is declared."""
    return undeclared(definition, document)


def unknown_names(definition: StackSettings, stack: Stack, document: UsedDocument) -> Iterator[tuple[str, str]]:
    """The names that lead nowhere, each with the fix. What conditions refer to is checked where they are declared."""
    known = {*stack.template.parameters, *stack.template.resources, *(f"AWS::{name}" for name in _PSEUDO)}
    for name in document.uses.names:
        if name in known:
            continue
        near = difflib.get_close_matches(name, {*definition.parameters, *known}, n=1)
        fix = f"did you mean {near[0]}?" if near else f"declare it: parameters: {{{name}: {{Type: String}}}}"
        yield name, fix


def _place_of(name: str, definition: Definition) -> Path:
    """Where the definition says that name."""
    for path, leaf in walk(definition):
        if isinstance(leaf, Expression) and name in referred_names(leaf.to_dict()):
            return path
    overridden = walk(definition.overrides, ("overrides",))
    return next((path for path, leaf in overridden if isinstance(leaf, str) and name in leaf), ())
