"""Parts of a template as CloudFormation writes them: data with any function in any place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from troposphere import BaseAWSObject

from pipegen.errors import Path
from pipegen.fields.base import INVALID, Json, Reading, Schemas, Type, Unreadable
from pipegen.fields.model import Model
from pipegen.fields.words import is_expression
from pipegen.frozen import frozen
from pipegen.values.data import DataType, as_reference
from pipegen.values.expression import Expression
from pipegen.values.functions import FUNCTIONS, LISTS_OF_AWS, any_expression

_ANY = DataType()


@frozen
class TemplateDataType:
    """Data of a template, whose functions are read as expressions, so that checks find what they refer to."""

    expected: str = "data that a template can contain"

    def fits(self, data: Any) -> bool:
        return _ANY.fits(data)

    def read(self, data: Any, path: Path, reading: Reading) -> Any:
        if data is None:
            return reading.unreadable(path, Unreadable("must be a value, got nothing"), data)
        if isinstance(data, Expression):
            return self._expression(data, path, reading)
        if isinstance(data, Mapping) and is_expression(data):
            return self._expression(data, path, reading)
        if isinstance(data, Mapping):
            return self._mapping(data, path, reading)
        if isinstance(data, list | tuple):
            items = [self.read(item, (*path, index), reading) for index, item in enumerate(data)]
            return INVALID if any(item is INVALID for item in items) else tuple(items)
        return _ANY.read(data, path, reading)

    def _mapping(self, data: Mapping[Any, Any], path: Path, reading: Reading) -> Any:
        if not all(isinstance(key, str) for key in data):
            return reading.unreadable(path, Unreadable("must have strings as keys"), data)
        items = {key: self.read(item, (*path, key), reading) for key, item in data.items()}
        return INVALID if any(item is INVALID for item in items.values()) else items

    def _expression(self, data: Any, path: Path, reading: Reading) -> Any:
        """Return an expression. A function that fields cannot contain stays a mapping, and an `Fn::If` of mappings."""
        form = data.data if isinstance(data, Expression) else data
        function = next(iter(form), "") if isinstance(form, Mapping) else ""
        if isinstance(data, Model):
            return as_reference(data)
        if function not in (*FUNCTIONS, *LISTS_OF_AWS):
            return (
                self._mapping(form, path, reading)
                if function
                else reading.unreadable(path, Unreadable(f"must be {self.expected}"), data)
            )
        try:
            return any_expression(form if function == "Fn::If" else data)
        except Unreadable as fault:
            is_block = function == "Fn::If" and isinstance(form[function], list | tuple)
            return self._mapping(form, path, reading) if is_block else reading.unreadable(path, fault, data)

    def schema(self, _schemas: Schemas) -> Json:
        return {"$ref": "#/$defs/TemplateData"}


class _IsTemplateData:
    """Marks a field whose value is a part of a template."""

    @staticmethod
    def type_of(_resolve: Callable[[Any], Type], _plain: Any) -> Type:
        return TemplateDataType()


TemplateData = Annotated[Any, _IsTemplateData]
"""A part of a template in CloudFormation's syntax."""


def plain(value: Any) -> Any:
    """Return an object of troposphere or awacs as data. Expressions remain, since they can contain parameters."""
    if isinstance(value, Model):
        return value
    if isinstance(value, BaseAWSObject):
        return plain(value.resource)
    if isinstance(value, Expression):
        return _of_helper(value, getattr(value, "data", None))
    if hasattr(value, "JSONrepr"):  # awacs
        return plain(value.JSONrepr())
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def _of_helper(value: Any, form: Any) -> Any:
    """Return an expression. `Fn::If` becomes data, since its branches can be objects, as do helpers that are not
    functions, such as `Tags` and `Export`."""
    if not isinstance(form, Mapping):
        return plain(getattr(value, "tags", None) or value.to_dict())
    return plain(form) if "Fn::If" in form or not is_expression(form) else value
