"""AWS names of the fields of models: from the markers in annotations, and from `serialized_as`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from functools import cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from pipegen.ecs.serialization import aws_names
from pipegen.fields.aws import ConfigurationKey, Property
from pipegen.fields.model import Model
from pipegen.pipeline.action import Action
from pipegen.pipeline.notification import Notification
from pipegen.pipeline.requirement import Input
from pipegen.pipeline.rule import Rule
from pipegen.services.service import EcsService

AwsName = Property | ConfigurationKey
_LATE = {"Action": Action, "EcsService": EcsService, "Input": Input, "Notification": Notification, "Rule": Rule}
"""What modules import for type checkers only."""


@cache
def names_of(model: Any) -> Mapping[str, tuple[AwsName, ...]]:
    """By field."""
    aws_type = _serialized_as().get(model)
    found = (
        {name: (Property(f"{aws_type}.{each.property_name}"),) for name, each in aws_names(model)} if aws_type else {}
    )
    marked = {name: marks for name in _hints(model) if (marks := marks_of(model, name))}
    return {**found, **marked}


def marks_of(model: Any, field: str) -> tuple[AwsName, ...]:
    """The names in the annotation of a field."""
    return tuple(_absolute(mark, model, field) for mark in _marks(_hints(model)[field]))


def home_of(model: Any, field: str) -> str:
    """The class that declares a field."""
    return str(home_class(model, field).__name__)


def home_class(model: Any, field: str) -> Any:
    return next(each for each in model.__mro__ if field in vars(each).get("__annotations__", {}))


@cache
def _hints(model: Any) -> Mapping[str, Any]:
    return get_type_hints(model, localns=_LATE, include_extras=True)


def _marks(hint: Any) -> Iterator[AwsName]:
    if get_origin(hint) is Annotated:
        plain, *marks = get_args(hint)
        yield from _marks(plain)
        yield from (mark for mark in marks if isinstance(mark, AwsName))
    elif get_origin(hint) in (Union, UnionType):
        for each in get_args(hint):
            yield from _marks(each)


def _absolute(mark: AwsName, model: Any, field: str) -> AwsName:
    if isinstance(mark, ConfigurationKey) or mark.startswith("AWS::"):
        return mark
    return Property(f"{home_class(model, field).aws_type}.{mark}")


@cache
def _serialized_as() -> Mapping[Any, str]:
    """The types in templates that classes are serialized as."""
    found: dict[Any, str] = {}
    waiting = [(model, model.serialized_as) for model in subclasses(Model) if "serialized_as" in vars(model)]
    while waiting:
        model, aws_type = waiting.pop(0)
        if model in found:
            continue
        found[model] = aws_type
        for name, aws_name in aws_names(model):
            inside = type_inside(aws_type, aws_name.property_name)
            if inside is not None and aws_name.property_name in properties(aws_type):
                waiting += [(each, inside) for each in _models(_hints(model)[name])]
    return found


def subclasses(model: Any) -> Iterator[Any]:
    """Without the classes that `dataclass(slots=True)` has made others of."""
    for each in model.__subclasses__():
        if getattr(sys.modules[each.__module__], each.__name__, None) is each:
            yield each
        yield from subclasses(each)


def _models(hint: Any) -> Iterator[Any]:
    if isinstance(hint, type) and issubclass(hint, Model):
        yield hint
    for each in get_args(hint):
        yield from _models(each)


@cache
def properties(aws_type: str) -> Mapping[str, Any]:
    """The properties of a resource or of a type inside one, by cfn-lint's schemas."""
    resource, *inside = aws_type.split(".")
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", resource).schema
    return dict((schema["definitions"][inside[0]] if inside else schema).get("properties", {}))


def type_inside(aws_type: str, name: str) -> str | None:
    """The type of a property, or of its items, where it is a type of its own."""
    schema = properties(aws_type).get(name, {})
    reference = schema.get("$ref") or schema.get("items", {}).get("$ref")
    return f"{aws_type.split('.')[0]}.{reference.removeprefix('#/definitions/')}" if reference else None
