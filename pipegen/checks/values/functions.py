"""Checks of functions in expressions, as far as the definition determines their results.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipegen.errors import Path, Problem, Severity, did_you_mean, one_line, quoted
from pipegen.facts import closest, regions, unlisted
from pipegen.graph.outline import Outline
from pipegen.model.stack_settings import StackSettings
from pipegen.values.expression import Expression
from pipegen.values.functions import sub_names

_SCRIPTS = {"after", "before", "command", "commands", "description", "entry_point", "health_check"}
"""Fields whose texts contain other languages."""
_EXPORT = re.compile("[A-Za-z0-9:-]+")
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/outputs-section-structure.html"""


def expressions(written: Outline) -> Iterator[Problem]:
    """Find problems in expressions, and texts that look like expressions."""
    definition = written.definition
    for path, leaf in written.leaves:
        if isinstance(leaf, str):
            if ("${" in leaf or leaf[:1] == "!") and _SCRIPTS.isdisjoint(path):
                yield from _text_problems(leaf, path, definition)
        elif isinstance(leaf, Expression):
            yield from _problems(leaf.data, path, definition)


_FUNCTION = re.compile(r"!(?:Ref|Sub|GetAtt|ImportValue|Join|Select|Split|If|FindInMap)\s+\S")


def _text_problems(text: str, path: Path, definition: StackSettings) -> Iterator[Problem]:
    """Find quoted texts that look like expressions, and variables that need `!Sub`."""
    shown = quoted(text)
    if _FUNCTION.match(text):
        found = f"{shown} is a text, not an expression"
        yield Problem("wrong-expression", path, found, f"write {one_line(text, 80)} without quotes", "warning")
        return
    names = [name for name in sub_names(text) if name.startswith("AWS::") or name in definition.parameters]
    if names and path[:1] not in (("overrides",), ("mappings",)):
        found = f"${{{names[0]}}} is not replaced in {shown}, which is plain text"
        yield Problem("wrong-expression", path, found, "use !Sub", "warning")


def _problems(data: Any, path: Path, definition: StackSettings) -> Iterator[Problem]:
    if isinstance(data, Expression):
        data = data.data
    if isinstance(data, Mapping):
        for function, argument in data.items():
            if check := _CHECKS.get(str(function)):
                yield from check(argument, path, definition)
            yield from _problems(argument, path, definition)
    elif isinstance(data, list | tuple):
        for item in data:
            yield from _problems(item, path, definition)


def _select(argument: Any, path: Path, definition: StackSettings) -> Iterator[Problem]:
    """Find an index after the end of the list; indices start at 0."""
    if not str(argument[0]).isdecimal():
        return
    index = int(argument[0])
    for length, of, is_certain in _lengths(argument[1], definition):
        if index >= length:
            text = f"!Select has index {index}, but {of} has {length} {'item' if length == 1 else 'items'}"
            fix = f"use 0 to {length - 1}; indices start at 0" if length > 1 else "use 0, the first index"
            yield Problem("wrong-expression", path, text, fix, "error" if is_certain else "warning")
            return


def _lengths(values: Any, definition: StackSettings) -> Iterator[tuple[int, str, bool]]:
    """Yield the possible lengths of a list, with a description and whether the length cannot change at deployment."""
    if isinstance(values, list | tuple):
        yield len(values), "the list", True
        return
    form: Any = values.data if isinstance(values, Expression) else values
    items: list[tuple[str, Any]] = [*form.items()] if isinstance(form, Mapping) else []
    function, argument = (*items, ("", ""))[0]
    if function == "Fn::Split" and isinstance(argument[1], str) and "{{resolve:" not in argument[1]:
        yield len(argument[1].split(argument[0])), quoted(argument[1], 60), True
    elif function == "Ref" and argument in definition.parameters:
        parameter = definition.parameters[argument]
        is_list = parameter.type.startswith(("CommaDelimitedList", "List<"))
        if is_list and parameter.default:
            yield len(parameter.default.split(",")), f"the default of {argument}", False
    elif function == "Fn::FindInMap" and all(isinstance(each, str) for each in argument):
        found: Any = definition.mappings.get(argument[0], {}).get(argument[1], {}).get(argument[2])
        if isinstance(found, list | tuple):
            yield len(found), ".".join(argument), True


def _find_in_map(argument: Any, path: Path, definition: StackSettings) -> Iterator[Problem]:
    """Find keys from parameters whose values are not keys of the mapping."""
    table: Any = definition.mappings.get(argument[0]) if isinstance(argument[0], str) else None
    if table is None or len(argument) > 3:  # with a default value
        return
    rows = [*table.values()]
    for position, known in ((1, list(table)), (2, [key for row in rows for key in row])):
        key = argument[position].data if isinstance(argument[position], Expression) else argument[position]
        if isinstance(key, Mapping) and isinstance(key.get("Ref"), str):
            yield from _key_problems(key["Ref"], known, argument[0], path, definition)
        elif isinstance(key, str) and position == 2 and not isinstance(argument[1], str):
            yield from _column_problems(key, table, argument[0], path)


def _column_problems(key: str, table: Mapping[str, Mapping[str, Any]], name: str, path: Path) -> Iterator[Problem]:
    """Find a second key that some first keys do not have."""
    missing = [f"{name}.{row}" for row, items in table.items() if key not in items]
    if missing:
        known = [*dict.fromkeys(each for items in table.values() for each in items)]
        near = closest(key, known)
        fix = did_you_mean(near if near != key else "") or f"keys are {', '.join(known)}"
        severity: Severity = "error" if len(missing) == len(table) else "warning"
        yield Problem("unknown-reference", path, f"the mapping {missing[0]} has no key {key}", fix, severity)


def _key_problems(
    name: str, known: Sequence[str], table: str, path: Path, definition: StackSettings
) -> Iterator[Problem]:
    if name in _PSEUDO:
        for key in dict.fromkeys(known):
            yield from _pseudo_problems(name, key, ("mappings", table, key))
        return
    parameter = definition.parameters.get(name)
    if parameter is None or parameter.type.startswith("AWS::SSM::"):
        return
    is_allowed = not parameter.allowed_values or parameter.default in parameter.allowed_values
    if parameter.default and parameter.default not in known and is_allowed:
        text = f"the mapping {table} has no key {quoted(parameter.default, 60)}, the default of {name}"
        yield Problem("unknown-reference", path, text, f"keys are {', '.join(dict.fromkeys(known))}")
        return
    missing = [value for value in parameter.allowed_values if value not in known]
    if missing:
        text = f"the mapping {table} has no key {quoted(missing[0], 60)}, an allowed value of {name}"
        yield Problem("unknown-reference", path, text, f"add it to the mapping, or remove it from {name}", "warning")


def _pseudo_problems(name: str, value: str, path: Path) -> Iterator[Problem]:
    """Find texts that a pseudo parameter is never equal to."""
    if name == "AWS::Region":
        known = [each for names in regions().values() for each in names]
        if value not in known:
            yield unlisted("unknown-name", path, value, known, "region", is_field=False)
    elif name == "AWS::Partition":
        if value not in regions():
            yield unlisted("unknown-name", path, value, regions(), "partition", is_field=False)
    elif not re.fullmatch(r"\d{12}", value):
        text = f"an account must be 12 digits, got {quoted(value, 60)}"
        yield Problem("wrong-expression", path, text, "correct it, and write it in quotes", "warning")


_PSEUDO = ("AWS::AccountId", "AWS::Partition", "AWS::Region")


def _equals(argument: Any, path: Path, definition: StackSettings) -> Iterator[Problem]:
    """Find comparisons with a text that the other side is never equal to."""
    sides = [each.data if isinstance(each, Expression) else each for each in argument]
    texts = [each for each in sides if isinstance(each, str)]
    names = [each["Ref"] for each in sides if isinstance(each, Mapping) and isinstance(each.get("Ref"), str)]
    for name, value in zip(names, texts, strict=False):
        if name in _PSEUDO:
            yield from _pseudo_problems(name, value, path)
        elif name in definition.parameters:
            allowed = definition.parameters[name].allowed_values
            if allowed and value not in allowed:
                yield unlisted("wrong-expression", path, value, allowed, f"value of {name}", is_field=False)


def _import_value(argument: Any, path: Path, _definition: StackSettings) -> Iterator[Problem]:
    if isinstance(argument, str) and "{{resolve:" not in argument and not _EXPORT.fullmatch(argument):
        text = f"the name of an export must be letters, digits, : or -, got {quoted(argument, 60)}"
        yield Problem("wrong-expression", path, text)


def _sub(argument: Any, path: Path, definition: StackSettings) -> Iterator[Problem]:
    if isinstance(argument, list | tuple) and isinstance(argument[1], Mapping):
        used = sub_names(argument[0])
        known = {*argument[1], *definition.parameters}
        if any(name not in known and "." not in name and "::" not in name for name in used):
            return  # one of them is misspelled, or the name of a resource
        for name in argument[1]:
            if name not in used:
                text = f"!Sub defines the variable {quoted(name, 60)}, but its text does not use it"
                yield Problem("wrong-expression", path, text, f"write ${{{name}}} in the text, or remove it", "warning")


_CHECKS: Mapping[str, Any] = {
    "Fn::Equals": _equals,
    "Fn::FindInMap": _find_in_map,
    "Fn::ImportValue": _import_value,
    "Fn::Select": _select,
    "Fn::Sub": _sub,
}
