"""Checks that list parameters are used where lists are required, and others where strings are.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pipegen.values.expression import Expression
from pipegen.values.functions import sub_names

Declared = Mapping[str, Any]
"""The parameters and mappings of a template, in CloudFormation's form."""


def is_list_type(kind: str) -> bool:
    """Whether the values of a parameter type are lists."""
    return kind == "CommaDelimitedList" or "List<" in kind or kind == "AWS::SSM::Parameter::Value<CommaDelimitedList>"


def list_faults(
    value: Any, declared: Declared, wants_list: bool, single: str = "a string"
) -> Iterator[tuple[str, str]]:
    """Faults of an expression that contains a list instead of a single value, or the reverse, with their fixes.

    single: what the value is if it is not a list.
    """
    form = value.data if isinstance(value, Expression) else value
    if not isinstance(form, Mapping) or len(form) != 1:
        return
    [(function, argument)] = form.items()
    if function == "Ref":
        yield from _parameter_faults(argument, declared, "a list" if wants_list else single)
    elif function == "Fn::If":
        for branch in argument[1:]:
            yield from _branch_faults(branch, declared, wants_list, single)
    elif function in ("Fn::Join", "Fn::Select"):
        yield from _branch_faults(argument[1], declared, True)
    elif function == "Fn::Split":
        yield from list_faults(argument[1], declared, False)
    elif function == "Fn::Sub":
        text, own = (argument, {}) if isinstance(argument, str) else argument
        for name in sub_names(text):
            yield from _parameter_faults(name, declared) if name not in own else ()
        for each in own.values():
            yield from list_faults(each, declared, False)


def _branch_faults(
    value: Any, declared: Declared, wants_list: bool, single: str = "a string"
) -> Iterator[tuple[str, str]]:
    """Faults of a value, or of each item of a literal list."""
    if not isinstance(value, list | tuple):
        yield from list_faults(value, declared, wants_list, single)
        return
    for item in value:
        yield from list_faults(item, declared, False)


def _parameter_faults(name: Any, declared: Declared, expected: str = "a string") -> Iterator[tuple[str, str]]:
    parameter = declared.get("Parameters", {}).get(name)
    if parameter is None:
        return
    kind = str(parameter.get("Type"))
    if is_list_type(kind) != (expected == "a list"):
        yield f"must be {expected}, got !Ref {name}, a parameter of the type {kind}", _fix(name, kind, expected)


def _fix(name: str, kind: str, expected: str) -> str:
    if expected != "a list":
        item = f"use one of its items, !Select [0, !Ref {name}]"
        return f"{item}, or join them, !Join [',', !Ref {name}]" if expected == "a string" else item
    of_list = {
        "String": "CommaDelimitedList",
        "AWS::SSM::Parameter::Value<String>": "AWS::SSM::Parameter::Value<List<String>>",
    }
    return f"set the type of the parameter to {of_list.get(kind, f'List<{kind}>')}, or write a list, [!Ref {name}]"
