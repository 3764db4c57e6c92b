"""The possible values of an expression, according to the template's mappings, and to the defaults and allowed values of
its parameters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product
from typing import Any

from pipegen.fields.gaps import FIRST_GAP, GAP
from pipegen.values.expression import Expression
from pipegen.values.functions import from_data, list_from_data
from pipegen.values.shape import Shape, shapes
from pipegen.values.value import Value

Document = Mapping[str, Any]
"""A template as data. `Given` has the values of parameters and pseudo parameters that are known, by name."""

_LIMIT = 256
"""The maximum number of possible texts of a value, as several lookups in long mappings multiply."""
NAME_OF_A_PARAMETER = "name-of-a-parameter"
"""Represents the value of a parameter of the type AWS::SSM::Parameter::Name, which is a name and not an ARN.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html"""


def possible_texts(value: Value, document: Document) -> Iterator[str]:
    """The possible texts of a value, with a surrogate for each gap whose value the template does not determine."""
    return islice((text for each in shapes(value) for text in _filled(each, document)), _LIMIT)


def texts_in(data: Any, document: Document) -> list[str]:
    """The possible texts of data in a template; empty for functions that only overrides can contain."""
    try:
        return [*possible_texts(from_data(data), document)]
    except ValueError:
        return []


def _filled(shape: Shape, document: Document) -> Iterator[str]:
    texts = [[*_texts(gap, document)] for gap in shape.gaps]
    if not any(texts):
        yield shape.text
        return
    marks = re.findall(GAP, shape.text)
    for found in product(*(texts[ord(mark) - FIRST_GAP] or [mark] for mark in marks)):
        chosen = iter(found)
        yield re.sub(GAP, lambda _gap, chosen=chosen: next(chosen), shape.text)  # type: ignore[misc]


def _texts(gap: Value, document: Document) -> Iterator[str]:
    """The possible texts of a gap; empty if they are known only at deployment."""
    function, argument = _form(gap)
    if function == "Ref":
        yield from _defaults(argument, document)
    elif function == "Fn::FindInMap":
        yield from (found for found in _looked_up(argument, document) if isinstance(found, str))
    elif function == "Fn::Join":
        for items in possible_lists(argument[1], document):
            yield str(argument[0]).join(items)
    elif function == "Fn::Select" and str(argument[0]).isdecimal():
        for items in possible_lists(argument[1], document):
            yield from items[int(argument[0]) : int(argument[0]) + 1]


def possible_lists(values: Any, document: Document) -> Iterator[Sequence[str]]:
    """The possible lists that an expression returns."""
    function, argument = _form(values)
    if function == "Ref":
        yield from (text.split(",") for text in _defaults(argument, document))
    elif function == "Fn::Split":
        yield from (text.split(argument[0]) for text in possible_texts(from_data(argument[1]), document))
    elif function == "Fn::FindInMap":
        yield from (found for found in _looked_up(argument, document) if isinstance(found, list | tuple))
    elif function == "Fn::If":
        for branch in argument[1:]:
            yield from possible_lists(list_from_data(branch), document) if isinstance(branch, Mapping) else ()


def _form(expression: Any) -> tuple[str, Any]:
    data = expression.data if isinstance(expression, Expression) else expression
    [(function, argument)] = data.items() if isinstance(data, dict) and len(data) == 1 else [("", None)]
    return function, argument


def _defaults(name: str, document: Document) -> Iterator[str]:
    parameter = document.get("Parameters", {}).get(name)
    if not isinstance(parameter, dict):
        return
    kind = str(parameter.get("Type"))
    if kind.startswith("AWS::SSM::Parameter::Value<"):
        return  # the default is the name of an SSM parameter, whose value is used
    if kind == "AWS::SSM::Parameter::Name":
        yield NAME_OF_A_PARAMETER
        return
    if (default := document.get("Given", {}).get(name)) is not None:
        yield default
        return
    for text in dict.fromkeys((parameter.get("Default"), *parameter.get("AllowedValues", ()))):
        if text not in (None, ""):  # an empty string represents an omitted parameter
            yield str(text)


def _looked_up(keys: Sequence[Any], document: Document) -> Iterator[Any]:
    """The entries of a mapping at keys; an expression matches any key, unless its value is given."""
    tables = document.get("Mappings", {})
    name, *rest = keys
    found = [tables.get(name)] if isinstance(name, str) else []
    for key in (_key(each, document) for each in rest):
        rows = [row for row in found if isinstance(row, Mapping)]
        found = (
            [row[key] for row in rows if key in row]
            if isinstance(key, str)
            else [item for row in rows for item in row.values()]
        )
    yield from found


def _key(key: Any, document: Document) -> Any:
    """The key that an expression is, if its value is given."""
    function, argument = _form(key)
    return document.get("Given", {}).get(argument, key) if function == "Ref" else key
