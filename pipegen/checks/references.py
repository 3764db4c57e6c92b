"""Names that expressions refer to."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from pipegen.checks.sections import undeclared
from pipegen.definition import Definition
from pipegen.errors import Path, Problem
from pipegen.governed import Governed
from pipegen.model import walk
from pipegen.stack import Stack, referred_names
from pipegen.uses import UsedDocument
from pipegen.values import Expression

_PSEUDO = {"AccountId", "NotificationARNs", "NoValue", "Partition", "Region", "StackId", "StackName", "URLSuffix"}


def known_names(definition: Definition, stack: Stack, document: UsedDocument) -> Iterator[Problem]:
    """Every Ref, GetAtt and Sub leads to a parameter, a pseudo parameter or a resource of the stack."""
    for name, fix in unknown_names(definition, stack, document):
        text = f"{name} is neither a parameter nor a resource"
        yield Problem("unknown-reference", _place_of(name, definition), text, fix)


def sections_used(definition: Definition, stack: Stack, document: UsedDocument) -> Iterator[Problem]:
    """Every condition and mapping that is used is declared."""
    return undeclared(definition, document)


def unknown_names(definition: Governed, stack: Stack, document: UsedDocument) -> Iterator[tuple[str, str]]:
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
