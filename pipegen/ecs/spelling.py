"""How a model value is spelled in AWS's two ways: a request's members (camelCase), and CloudFormation's properties.

Names are made from the fields' own; where AWS's word or form is another, the field says so in its metadata with `aws`.
What is absent (None, no items, no keys) is left out; keys of a mapping are the user's, and stay as they are.

A class says with `spelled_as` which type in a template it is spelled as; classes inside it follow from there.
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
class Spelling:
    member: str
    property_name: str
    form: Callable[[Any], Any] | None


def aws(member: str = "", property_name: str = "", form: Callable[[Any], Any] | None = None) -> dict[str, Any]:
    """Metadata of a field: AWS's word for it, CloudFormation's where that differs by more than its first letter, and
    what makes AWS's form of the value."""
    return {_METADATA: Spelling(member, property_name, form)}


def members(value: Model) -> dict[str, Any]:
    """As a request of the API has it."""
    return _spelled(value, in_cloudformation=False)


def properties(value: Model) -> dict[str, Any]:
    """As CloudFormation's properties have it."""
    return _spelled(value, in_cloudformation=True)


def _spelled(value: Model, *, in_cloudformation: bool) -> dict[str, Any]:
    spelled: dict[str, Any] = {}
    for name, spelling in spellings(type(value)):  # type: ignore[arg-type]
        held = getattr(value, name)
        if held is None or (isinstance(held, tuple | list | Mapping) and not held):
            continue
        made = spelling.form(held) if spelling.form else held
        key = spelling.property_name if in_cloudformation else spelling.member
        spelled[key] = _data(made, in_cloudformation=in_cloudformation)
    return spelled


def _data(value: Any, *, in_cloudformation: bool) -> Any:
    if isinstance(value, Model):
        return _spelled(value, in_cloudformation=in_cloudformation)
    if isinstance(value, tuple | list):
        return [_data(item, in_cloudformation=in_cloudformation) for item in value]
    if isinstance(value, Mapping):
        return {key: _data(item, in_cloudformation=in_cloudformation) for key, item in value.items()}
    return value


@cache
def spellings(model: type[Model]) -> tuple[tuple[str, Spelling], ...]:
    """Every field of a class with how AWS spells it."""
    found = fields(model)  # type: ignore[arg-type]
    return tuple((field.name, _spelling(field.name, field.metadata.get(_METADATA))) for field in found)


def _spelling(name: str, given: Spelling | None) -> Spelling:
    first, *others = name.split("_")
    member = given.member if given and given.member else first + "".join(map(str.capitalize, others))
    property_name = given.property_name if given and given.property_name else member[0].upper() + member[1:]
    return Spelling(member, property_name, given.form if given else None)


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
