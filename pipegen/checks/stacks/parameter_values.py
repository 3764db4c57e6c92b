"""Checks of parameter values against the constraints of CloudFormation.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from pipegen.errors import quoted
from pipegen.model.stack_settings import Parameter
from pipegen.references.forms import Id

_NUMBER = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?")
_EC2 = ("AWS::EC2::", "List<AWS::EC2::")
_MOST_BYTES = 4_096
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"""


@cache
def _id_of(kind: str) -> Id | None:
    """Return the form of IDs for a parameter type. CloudFormation checks that the resource exists.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html"""
    from pipegen.references.others import every_form

    return next((each for each in every_form() if isinstance(each, Id) and each.parameter == kind), None)


def doubt(parameter: Parameter, value: str) -> str:
    """Describe an ID with the right prefix that no resource can have; return an empty text for any other value."""
    form = _id_of(_item_type(parameter)) if parameter.type.startswith(_EC2) else None
    items = _items(parameter, value) if form is not None else ()
    return next((found for item in items if form is not None and (found := form.fault(item))), "")


def invalid_value(parameter: Parameter, value: str) -> str:
    """Return why CloudFormation would reject a value for a parameter, and the fix; an empty text for a valid value."""
    if len(value.encode(errors="surrogatepass")) > _MOST_BYTES:
        return f"has more than {_MOST_BYTES:,} bytes"
    items = _items(parameter, value)
    if parameter.type == "List<AWS::EC2::Subnet::Id>" and (twice := [item for item in items if items.count(item) > 1]):
        return f"has {twice[0]} twice; list each subnet once"
    faults = ((item, reason) for item in items for reason in _faults(parameter, item))
    item, reason = next(faults, ("", ""))
    return f"contains {quoted(item, 60)}, which {reason}" if reason and is_list(parameter) else reason


def with_value(parameter: Parameter, words: str, value: str | None) -> str:
    """Return words with the value that they are about; a reason about a list quotes the item instead."""
    return words if is_list(parameter) else f"{words} {quoted(value, 60)}"


def is_list(parameter: Parameter) -> bool:
    return parameter.type.startswith(("CommaDelimitedList", "List<"))


def _items(parameter: Parameter, value: str) -> Sequence[str]:
    return [item.strip() for item in value.split(",")] if is_list(parameter) else [value]


def _item_type(parameter: Parameter) -> str:
    return parameter.type.removeprefix("List<").removesuffix(">")


def _faults(parameter: Parameter, item: str) -> Iterator[str]:
    """Yield faults of an item. The type comes first, since later checks rely on it."""
    kind = _item_type(parameter)
    form = _id_of(kind) if kind.startswith("AWS::EC2::") else None
    if kind == "Number" and not _NUMBER.fullmatch(item):
        yield "is not a number"
    elif form is not None and not form.matches(item):
        yield f"is not {form.words}; use one {form.hint}"
    if parameter.allowed_values and item not in parameter.allowed_values:
        yield f"is not an allowed value; use {' or '.join(parameter.allowed_values)}"
    if parameter.allowed_pattern is not None and not _matches(parameter.allowed_pattern, item):
        yield parameter.constraint_description or f"does not match the pattern {parameter.allowed_pattern}"
    if kind == "Number":
        yield from _outside(float(item), parameter.min_value, parameter.max_value, "is {} than {}")
    elif not is_list(parameter):
        yield from _outside(len(item), parameter.min_length, parameter.max_length, "has {} than {} characters")


def _outside(number: float, low: int | None, high: int | None, words: str) -> Iterator[str]:
    if low is not None and number < low:
        yield words.format("less", low)
    if high is not None and number > high:
        yield words.format("more", high)


def _matches(pattern: str, text: str) -> bool:
    try:
        return re.fullmatch(pattern, text) is not None
    except re.error:  # CloudFormation uses Java's regular expressions
        return True
