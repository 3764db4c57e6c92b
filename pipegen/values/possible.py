"""The texts that a value may have at deployment, as far as the template itself gives them: by the defaults and allowed
values of its parameters, and by its mappings."""

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

_MOST = 256
"""Texts looked at of one value: several lookups in long mappings would multiply."""
NAME_OF_A_PARAMETER = "name-of-a-parameter"
"""Stands for the value of a parameter of the type AWS::SSM::Parameter::Name: a name, never an ARN.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html"""


def possible_texts(value: Value, document: Document) -> Iterator[str]:
    """Texts with a surrogate for each gap that nothing in the template fills."""
    return islice((text for each in shapes(value) for text in _filled(each, document)), _MOST)


def texts_in(data: Any, document: Document) -> list[str]:
    """The same of a value in a template's data; none of a function that definitions do not take, as overrides may."""
    try:
        return [*possible_texts(from_data(data), document)]
    except ValueError:
        return []


def _filled(each: Shape, document: Document) -> Iterator[str]:
    texts = [[*_texts(gap, document)] for gap in each.gaps]
    if not any(texts):
        yield each.text
        return
    marks = re.findall(GAP, each.text)
    for found in product(*(texts[ord(mark) - FIRST_GAP] or [mark] for mark in marks)):
        chosen = iter(found)
        yield re.sub(GAP, lambda _gap, chosen=chosen: next(chosen), each.text)  # type: ignore[misc]


def _texts(gap: Value, document: Document) -> Iterator[str]:
    """What may fill one gap; nothing where only the deployment knows."""
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
    """What a list may be that an expression yields."""
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
    [(function, argument)] = data.items() if isinstance(data, Mapping) and len(data) == 1 else [("", None)]
    return function, argument


def _defaults(name: str, document: Document) -> Iterator[str]:
    parameter = document.get("Parameters", {}).get(name)
    if not isinstance(parameter, Mapping):
        return
    kind = str(parameter.get("Type"))
    if kind.startswith("AWS::SSM::Parameter::Value<"):
        return  # the default names a parameter of Systems Manager, whose value is taken
    if kind == "AWS::SSM::Parameter::Name":
        yield NAME_OF_A_PARAMETER
        return
    for text in dict.fromkeys((parameter.get("Default"), *parameter.get("AllowedValues", ()))):
        if text not in (None, ""):  # an empty text is how a parameter is left out
            yield str(text)


def _looked_up(keys: Sequence[Any], document: Document) -> Iterator[Any]:
    """The entries of a mapping that its keys, of which an expression may be any, find."""
    tables = document.get("Mappings", {})
    name, *rest = keys
    found = [tables.get(name)] if isinstance(name, str) else []
    for key in rest:
        rows = [row for row in found if isinstance(row, Mapping)]
        found = (
            [row[key] for row in rows if key in row]
            if isinstance(key, str)
            else [item for row in rows for item in row.values()]
        )
    yield from found
