"""Checks that list parameters are used where lists are required, and others where strings are.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pipegen.values.expression import Expression
from pipegen.values.functions import sub_names

Declared = Mapping[str, Any]
"""The parameters of a template, in CloudFormation's form."""
A_LIST = "a list"


def is_list_type(kind: str) -> bool:
    """Whether the values of a parameter type are lists."""
    return kind == "CommaDelimitedList" or "List<" in kind or kind == "AWS::SSM::Parameter::Value<CommaDelimitedList>"


def list_faults(uses: Iterable[tuple[str, str]], declared: Declared) -> Iterator[tuple[str, str]]:
    """Faults of uses of parameters that are lists instead of single values, or the reverse, with their fixes."""
    for name, expected in uses:
        kind = str(declared[name].get("Type")) if name in declared else ""
        if kind and is_list_type(kind) != (expected == A_LIST):
            yield f"must be {expected}, got !Ref {name}, a parameter of the type {kind}", _fix(name, kind, expected)


def parameter_uses(value: Any, expected: str = "a string") -> Iterator[tuple[str, str]]:
    """The names that an expression refers to, each with what it has to be. expected: what the expression has to be."""
    form = value.data if isinstance(value, Expression) else value
    if not isinstance(form, Mapping) or len(form) != 1:
        return
    [(function, argument)] = form.items()
    if function == "Ref":
        yield str(argument), expected
    elif function == "Fn::If":
        for branch in argument[1:]:
            yield from _uses_in_branch(branch, expected)
    elif function in ("Fn::Join", "Fn::Select"):
        yield from _uses_in_branch(argument[1], A_LIST)
    elif function == "Fn::Split":
        yield from parameter_uses(argument[1])
    elif function == "Fn::Sub":
        text, own = (argument, {}) if isinstance(argument, str) else argument
        yield from ((name, "a string") for name in sub_names(text) if name not in own)
        for each in own.values():
            yield from parameter_uses(each)


def _uses_in_branch(value: Any, expected: str) -> Iterator[tuple[str, str]]:
    """The uses in a value, or in each item of a literal list."""
    if not isinstance(value, list | tuple):
        yield from parameter_uses(value, expected)
        return
    for item in value:
        yield from parameter_uses(item)


def _fix(name: str, kind: str, expected: str) -> str:
    if expected != A_LIST:
        item = f"use one of its items, !Select [0, !Ref {name}]"
        return f"{item}, or join them, !Join [',', !Ref {name}]" if expected == "a string" else item
    of_list = {
        "String": "CommaDelimitedList",
        "AWS::SSM::Parameter::Value<String>": "AWS::SSM::Parameter::Value<List<String>>",
    }
    return f"set the type of the parameter to {of_list.get(kind, f'List<{kind}>')}, or write a list, [!Ref {name}]"
