"""Free data, which becomes part of a template unchanged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import is_
from typing import Annotated, Any

from troposphere import Ref

from pipegen.errors import LIMIT_NUMBER, Path
from pipegen.fields.base import Json, Reading, Schemas, Type, Unreadable
from pipegen.fields.model import Model
from pipegen.fields.scalars import is_encodable
from pipegen.frozen import frozen
from pipegen.values.expression import Expression


@frozen
class DataType:
    """Any data that a template can contain."""

    expected: str = "data that a template can contain"

    def fits(self, data: Any) -> bool:
        return is_data(data)

    def read(self, data: Any, path: Path, reading: Reading) -> Any:
        if not is_data(data):
            return reading.unreadable(path, Unreadable(f"must be {self.expected}"), data)
        return _referring(data) if reading.is_python else _plain(data)

    def schema(self, _schemas: Schemas) -> Json:
        return {"$ref": "#/$defs/Data"}


class _IsData:
    """Marks a field whose value is free data."""

    @staticmethod
    def type_of(_resolve: Callable[[Any], Type], _plain: Any) -> Type:
        return DataType()


Data = Annotated[Any, _IsData]
"""Free data: strings, numbers, lists, mappings, expressions."""


def as_reference(value: Any) -> Any:
    """A reference to a parameter or other model that is an expression; other values unchanged."""
    return Ref(value.data["Ref"]) if isinstance(value, Model) and isinstance(value, Expression) else value


def _referring(data: Any) -> Any:
    """Data with parameters replaced by references to them."""
    if isinstance(data, Mapping):
        items = {key: _referring(item) for key, item in data.items()}
        return data if all(map(is_, items.values(), data.values())) else items
    if isinstance(data, list | tuple):
        listed = tuple(map(_referring, data))
        return data if all(map(is_, listed, data)) else listed
    return as_reference(data)


def _plain(data: Any) -> Any:
    """Data with ambiguous numbers replaced by plain ones."""
    if isinstance(data, dict):
        return {key: _plain(item) for key, item in data.items()}
    if isinstance(data, list | tuple):
        return [_plain(item) for item in data]
    return float(data) if isinstance(data, float) else data


def is_data(data: Any) -> bool:
    """Whether a template can contain the data."""
    if isinstance(data, Mapping):
        return all(isinstance(key, str) and is_encodable(key) and is_data(value) for key, value in data.items())
    if isinstance(data, list | tuple):
        return all(map(is_data, data))
    if isinstance(data, str):
        return is_encodable(data)
    if isinstance(data, int | float):
        return abs(data) < LIMIT_NUMBER  # false for infinity and NaN
    return data is None or isinstance(data, Expression)
