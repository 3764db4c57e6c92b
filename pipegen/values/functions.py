"""Reading CloudFormation expressions from their long form: the functions and their arguments.

Expressions are troposphere's helper functions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from troposphere import Cidr, FindInMap, GetAtt, GetAZs, If, ImportValue, Join, Ref, Select, Split, Sub

from pipegen.errors import one_line
from pipegen.fields.base import Unreadable
from pipegen.fields.words import described, is_expression, tag_of, with_keys
from pipegen.values.data import is_data
from pipegen.values.expression import Expression

EXPECTED = "a string, or one of !Ref !Sub !GetAtt !ImportValue !Join !Select !If !FindInMap"
EXPECTED_LIST = "a list, or one of !Ref !GetAtt !Split !If !FindInMap that returns one"
LISTS_OF_AWS = ("Fn::Cidr", "Fn::GetAZs")
"""Functions that return lists, and that definitions can contain only inside other functions."""
ONLY_TEXTS = ("Fn::Base64", "Fn::Length", "Fn::ToJsonString")
"""Functions that are available only in Python and do not return lists.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html"""


def from_data(data: Any) -> str | Expression:
    """Read a value: a string, or the long form of an expression.

    Raises Unreadable.
    """
    if isinstance(data, str):
        return data
    value = _expression_from(data)
    if name := list_function(data):
        fix = "use one of its items with !Select, or join them with !Join"
        raise Unreadable(f"must be {EXPECTED}, got {tag_of(name)}, which returns a list", fix)
    return value


def _expression_from(data: Any) -> str | Expression:
    if isinstance(data, str | Expression):
        return data
    if not isinstance(data, Mapping):
        fix = "put it in quotes" if isinstance(data, bool | int | float) else ""
        raise Unreadable(f"must be {EXPECTED}, got {described(data)}", fix)
    name = next(iter(data), "")
    if len(data) != 1 or name not in FUNCTIONS:
        raise Unreadable(f"must be {EXPECTED}, got {with_keys(data)}")
    return _called(lambda: FUNCTIONS[name](data[name]), name)


def _called(make: Callable[[], Expression], name: str) -> Expression:
    try:
        return make()
    except _WrongArgument as wrong:
        raise Unreadable(f"must be {wrong}", function=f"the argument of {tag_of(name)}") from None


def list_from_data(data: Any) -> Expression:
    """Read an expression that returns a list. Raises Unreadable."""
    form = data.to_dict() if isinstance(data, Expression) else data
    name = next(iter(form), "") if isinstance(form, Mapping) else ""
    is_python_only = isinstance(data, Expression) and name not in (*FUNCTIONS, *ONLY_TEXTS)  # such as GetAZs
    if name not in _LIST_FUNCTIONS and not is_python_only:
        raise Unreadable(f"must be {EXPECTED_LIST}, got {with_keys(data)}")
    if name == "Fn::If" and not is_python_only:
        return _called(lambda: _list_if(form[name]), name)
    value = _expression_from(data)
    assert isinstance(value, Expression)
    return value


def any_expression(data: Any) -> str | Expression:
    """Read a value or an expression that returns a list, as the argument of a function that accepts lists."""
    name = list_function(data)
    if name in LISTS_OF_AWS:
        return _called(lambda: _list_of_aws(name, (data.data if isinstance(data, Expression) else data)[name]), name)
    return list_from_data(data) if name else from_data(data)


def _list_of_aws(name: str, argument: Any) -> Expression:
    if name == "Fn::GetAZs":
        return GetAZs(from_data(argument))
    _require(_is_list(argument) and 2 <= len(argument) <= 3, "a list of a range of addresses, a count and bits")
    return Cidr(*(each if isinstance(each, int) else from_data(each) for each in argument))


SUB_TEXT = r"^(?:[^$]|\$(?!\{)|\$\{[^}]*\})*$"
"""Matches texts in which every `${` is closed."""


class _WrongArgument(Exception):
    """The argument of a function does not have the required form."""


def _require(holds: bool, form: str) -> None:
    if not holds:
        raise _WrongArgument(form)


def _values(data: Any) -> list[str | Expression]:
    return [from_data(item) for item in data]


def _is_list(data: Any, length: int | None = None) -> bool:
    return isinstance(data, Sequence) and not isinstance(data, str) and (length is None or len(data) == length)


def _ref(data: Any) -> Expression:
    _require(isinstance(data, str) and bool(data), "the name of a parameter, a resource or a pseudo parameter")
    return Ref(data)


def _sub(data: Any) -> Expression:
    if isinstance(data, str):
        _require(re.search(SUB_TEXT, data) is not None, "a text whose every ${ is closed")
        return Sub(data)
    right = _is_list(data, 2) and isinstance(data[0], str) and isinstance(data[1], Mapping) and bool(data[1])
    _require(right, "a text, or a list of a text and a mapping of variables")
    _require(re.search(SUB_TEXT, data[0]) is not None, "a text whose every ${ is closed")
    return Sub(data[0], {str(name): from_data(value) for name, value in data[1].items()})


def _get_att(data: Any) -> Expression:
    if isinstance(data, str):
        data = data.split(".", 1)
    right = _is_list(data, 2) and all(isinstance(part, str) and part for part in data)
    _require(right, "Resource.Attribute")
    return GetAtt(data[0], data[1])


def _join(data: Any) -> Expression:
    # The values may be an expression that returns a list, such as !Ref of a list parameter.
    right = _is_list(data, 2) and isinstance(data[0], str) and not isinstance(data[1], str) and bool(data[1])
    _require(right, "a list of a delimiter and a list of values")
    return Join(data[0], _values(data[1]) if _is_list(data[1]) else any_expression(data[1]))


def _select(data: Any) -> Expression:
    right = _is_list(data, 2) and isinstance(data[0], int) and not isinstance(data[0], bool) and data[0] >= 0
    _require(right and (not _is_list(data[1]) or bool(data[1])), "a list of an index and a list")
    return Select(data[0], _values(data[1]) if _is_list(data[1]) else any_expression(data[1]))


def _split(data: Any) -> Expression:
    right = _is_list(data, 2) and isinstance(data[0], str) and bool(data[0])
    _require(right, "a list of a delimiter and a value")
    return Split(data[0], from_data(data[1]))


def _is_if(data: Any) -> bool:
    return _is_list(data, 3) and isinstance(data[0], str) and bool(data[0])


def _if(data: Any) -> Expression:
    _require(_is_if(data), "a list of a condition's name, the value if it is true and the value if it is false")
    return If(data[0], from_data(data[1]), from_data(data[2]))


def _list_if(data: Any) -> Expression:
    """A branch is a list of values or an expression that returns a list; `!Ref AWS::NoValue` removes the property."""
    _require(_is_if(data), "a list of a condition's name, the list if it is true and the list if it is false")
    return If(data[0], *(_values(branch) if _is_list(branch) else list_from_data(branch) for branch in data[1:]))


def _find_in_map(data: Any) -> Expression:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-findinmap.html
    (the functions that it can contain)"""
    _require(_is_list(data, 3), _OF_MAP)
    return FindInMap(*map(_map_key, data))


def _map_key(data: Any) -> str | Expression:
    form = data.to_dict() if isinstance(data, Expression) else data
    is_right = isinstance(form, Mapping) and next(iter(form), "") in ("Ref", "Fn::FindInMap")
    _require(is_right or (isinstance(form, str) and bool(form)), _OF_MAP)
    return from_data(data)


_OF_MAP = "a list of a mapping's name and two keys, each a text, !Ref or !FindInMap"

FUNCTIONS: Mapping[str, Callable[[Any], Expression]] = {
    "Ref": _ref,
    "Fn::Sub": _sub,
    "Fn::GetAtt": _get_att,
    "Fn::ImportValue": lambda data: ImportValue(from_data(data)),
    "Fn::Join": _join,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::If": _if,
    "Fn::FindInMap": _find_in_map,
}


_LIST_FUNCTIONS = ("Ref", "Fn::GetAtt", "Fn::Split", "Fn::If", "Fn::FindInMap")
"""Functions that can return a list."""


def list_function(data: Any) -> str:
    """The function of an expression that always returns a list; empty for other data."""
    form = getattr(data, "data", data)
    if not isinstance(form, dict) or len(form) != 1:
        return ""
    [(name, argument)] = form.items()
    if name == "Fn::If" and isinstance(argument, list | tuple):
        return name if any(isinstance(each, list | tuple) or list_function(each) for each in argument[1:]) else ""
    return name if name in ("Fn::Split", *LISTS_OF_AWS) else ""


def expression_fault(expression: Expression) -> Unreadable | None:
    """The fault of an expression that was created in Python, where troposphere does not check its argument."""
    try:
        form = expression.to_dict()
        if not is_data(form):
            return Unreadable("contains data that a template cannot contain")
        if not isinstance(form, Mapping) or not is_expression(form):
            return Unreadable(f"is a {type(expression).__name__}, which is not a function of CloudFormation")
        if next(iter(form)) in FUNCTIONS:
            any_expression(form)
    except Unreadable as error:
        return error
    except Exception as error:  # any exception of objects in the argument
        return Unreadable(f"cannot be written: {one_line(error) or type(error).__name__}")
    return None


def sub_names(text: str) -> tuple[str, ...]:
    """The names that a `!Sub` text substitutes."""
    return tuple(re.findall(r"\$\{([^!}][^}]*)\}", text))
