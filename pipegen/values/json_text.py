"""JSON texts with expressions, for properties that contain JSON as a string."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pipegen.values.expression import Expression
from pipegen.values.value import Value, concat


def json_text(data: Any) -> Value:
    """The JSON text of data. Expressions stand in quotes between the literal parts; their values are not escaped.

    >>> json_text([{"name": "Branch", "value": "main"}])
    '[{"name":"Branch","value":"main"}]'
    """
    return concat(*_parts(data))


def _parts(data: Any) -> Iterator[Value]:
    if isinstance(data, Expression):
        yield from ('"', data, '"')
    elif isinstance(data, Mapping):
        yield from _joined("{", ([f"{json.dumps(key)}:", *_parts(value)] for key, value in data.items()), "}")
    elif isinstance(data, list | tuple):
        yield from _joined("[", ([*_parts(item)] for item in data), "]")
    else:
        yield json.dumps(data)


def _joined(start: str, items: Iterator[list[Value]], end: str) -> Iterator[Value]:
    yield start
    for index, item in enumerate(items):
        yield from ([",", *item] if index else item)
    yield end
