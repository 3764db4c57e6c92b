"""Convert model values to the two forms that AWS reads: the members of API requests (camelCase) and the properties of
CloudFormation templates (PascalCase).

AWS's names are derived from the names of the fields. A field whose AWS name or form differs has them in its metadata:
`field(metadata=aws(…))`. Empty values (None, sequences and mappings without items) are left out. The keys of
mappings belong to the user and are kept.

A class names its type in templates in `serialized_as`; the types of the models in its fields follow from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import cache
from typing import Any

from pipegen.fields.model import Model
from pipegen.frozen import frozen

_METADATA = "aws"


@frozen
class AwsName:
    """The names that AWS has for a field, and the function that converts its value."""

    member: str
    property_name: str
    convert: Callable[[Any], Any] | None


def aws(member: str = "", property_name: str = "", convert: Callable[[Any], Any] | None = None) -> dict[str, Any]:
    """Build the metadata of a field that AWS names differently.

    property_name: only where it differs from `member` by more than its first letter.
    """
    return {_METADATA: AwsName(member, property_name, convert)}


def members(value: Model) -> dict[str, Any]:
    """Convert a model to the members of an API request."""
    return _serialized(value, in_cloudformation=False)


def properties(value: Model) -> dict[str, Any]:
    """Convert a model to the properties of a CloudFormation template."""
    return _serialized(value, in_cloudformation=True)


def _serialized(model: Model, *, in_cloudformation: bool) -> dict[str, Any]:
    serialized: dict[str, Any] = {}
    for name, aws_name in aws_names(type(model)):  # type: ignore[arg-type]
        value = getattr(model, name)
        if value is None or (not value and isinstance(value, (tuple, list, dict))):
            continue
        converted = aws_name.convert(value) if aws_name.convert else value
        key = aws_name.property_name if in_cloudformation else aws_name.member
        serialized[key] = _data(converted, in_cloudformation=in_cloudformation)
    return serialized


def _data(value: Any, *, in_cloudformation: bool) -> Any:
    if isinstance(value, Model):
        return _serialized(value, in_cloudformation=in_cloudformation)
    if isinstance(value, (tuple, list)):
        return [_data(item, in_cloudformation=in_cloudformation) for item in value]
    if isinstance(value, dict):
        return {key: _data(item, in_cloudformation=in_cloudformation) for key, item in value.items()}
    return value


@cache
def aws_names(model: type[Model]) -> tuple[tuple[str, AwsName], ...]:
    """List the fields of a class with their AWS names."""
    return tuple((each.name, _aws_name(each.name, each.metadata.get(_METADATA))) for each in fields(model))  # type: ignore[arg-type]


def _aws_name(field: str, custom: AwsName | None) -> AwsName:
    first, *others = field.split("_")
    member = custom.member if custom and custom.member else first + "".join(map(str.capitalize, others))
    property_name = custom.property_name if custom and custom.property_name else member[0].upper() + member[1:]
    return AwsName(member, property_name, custom.convert if custom else None)


@frozen(kw_only=True)
class NameAndValue(Model):
    name: Any
    value: Any


@frozen(kw_only=True)
class NameAndSource(Model):
    name: Any
    value_from: Any


@frozen(kw_only=True)
class KeyAndValue(Model):
    key: Any
    value: Any


def named_values(mapping: Mapping[str, Any]) -> list[NameAndValue]:
    return [NameAndValue(name=name, value=value) for name, value in mapping.items()]


def named_sources(mapping: Mapping[str, Any]) -> list[NameAndSource]:
    return [NameAndSource(name=name, value_from=value) for name, value in mapping.items()]


def keyed_values(mapping: Mapping[str, Any]) -> list[KeyAndValue]:
    return [KeyAndValue(key=key, value=value) for key, value in mapping.items()]
