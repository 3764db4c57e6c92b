"""Checks of conditions and mappings: declared, used as declared, and without cycles.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/conditions-section-structure.html"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipegen.checks.values.parameter_type import declaration
from pipegen.errors import Path, Problem, did_you_mean
from pipegen.fields.model import walk
from pipegen.fields.words import tag_of
from pipegen.model.stack_settings import StackSettings
from pipegen.stacks.stack import Document, Stack, mapping, referred_names
from pipegen.stacks.uses import UsedDocument, uses_of
from pipegen.values.expression import Expression


def declarations(definition: StackSettings) -> Iterator[Problem]:
    """Find cycles and unknown names in conditions."""
    yield from _cycles(definition)
    yield from _references(definition)


def _references(definition: StackSettings) -> Iterator[Problem]:
    """Find unknown names in conditions."""
    known = {*definition.parameters, "AWS::AccountId", "AWS::NotificationARNs", "AWS::Partition", "AWS::Region"}
    known |= {"AWS::StackId", "AWS::StackName", "AWS::URLSuffix"}
    for condition, expression in definition.conditions.items():
        for name in referred_names(expression.to_dict()):
            if name not in known:
                text = f"{name} is not a parameter; conditions can only refer to parameters"
                fix = _near(name, definition.parameters) or declaration(name, definition)
                yield Problem("unknown-reference", ("conditions", condition), text, fix)


def _cycles(definition: StackSettings) -> Iterator[Problem]:
    needs = {name: list(uses_of(each.to_dict(), True).conditions) for name, each in definition.conditions.items()}
    for name in needs:
        seen, waiting = set[str](), list(needs[name])
        while waiting:
            each = waiting.pop()
            if each not in seen:
                seen.add(each)
                waiting += needs.get(each, ())
        if name in seen:
            text = f"the condition {name} depends on itself"
            yield Problem("template-condition", ("conditions", name), text, "use parameters instead")


def used_sections(definition: StackSettings, stack: Stack, document: UsedDocument) -> Iterator[Problem]:
    """Find conditions and mappings that are used but not declared."""
    return undeclared(definition, document)


def undeclared(definition: StackSettings, document: UsedDocument) -> Iterator[Problem]:
    """Find conditions and mappings that a template uses and the definition does not declare."""
    uses = document.uses
    for name in uses.conditions:
        if name not in mapping(document.get("Conditions")):
            fix = _near(name, definition.conditions) or f"declare it: conditions: {{{name}: !Equals [!Ref …, …]}}"
            yield Problem("unknown-reference", _path_of(definition, name), f"{name} is not a condition", fix)
    for function in uses.misplaced:
        text = f"{tag_of(function)} can only be used in conditions"
        fix = "declare a condition under conditions: and use it with !If"
        yield Problem("template-condition", _path_of(definition, function), text, fix)
    for arguments in uses.lookups:
        yield from _lookup_problems(definition, document, arguments)


def _lookup_problems(definition: StackSettings, document: Document, arguments: Sequence[Any]) -> Iterator[Problem]:
    """Find unknown mappings and keys in literal arguments of FindInMap."""
    here: Any = mapping(document.get("Mappings"))
    for position, name in enumerate(arguments[:3]):
        if not isinstance(name, str):
            return
        if not isinstance(here, Mapping) or name not in here:
            of = f"the mapping {'.'.join(map(str, arguments[:position]))} has no key {name}"
            text = of if position else f"{name} is not a mapping"
            known = definition.mappings if position == 0 else mapping(here)
            fix = _near(name, known) or (
                "declare it under mappings:" if position == 0 else f"keys are {', '.join(known)}"
            )
            yield Problem("unknown-reference", _path_of(definition, name), text, fix)
            return
        here = here[name]


def _near(name: str, known: Mapping[str, Any]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return did_you_mean(*near[:1])


def _path_of(definition: Any, name: str) -> Path:
    """Return the path of the first expression that contains a name, or of data with that name."""
    for path, leaf in walk(definition):
        if isinstance(leaf, Expression) and _contains(leaf.to_dict(), name):
            return path
        if leaf == name or name in path[-2:]:
            return path
    return ()


def _contains(data: Any, name: str) -> bool:
    if isinstance(data, Mapping):
        return any(key == name or _contains(item, name) for key, item in data.items())
    return any(_contains(item, name) for item in data) if isinstance(data, list | tuple) else bool(data == name)
