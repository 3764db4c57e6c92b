"""Create objects of troposphere and awacs without their checks.

Both libraries check the type of every property when it is set, which takes ten times as long as the rest. The fields of
models have been checked already, and a test creates the objects of many templates once more with the checks.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar

from troposphere import BaseAWSObject

T = TypeVar("T")


def create(kind: type[T], title: str | None = None, /, **values: Any) -> T:
    """Create an object with these properties and attributes."""
    a_class: Any = kind  # mypy doubts that types are hashable
    common, empty, attributes = _common(a_class)
    resource = properties = values
    if empty:
        own = [name for name in values if name in attributes]
        resource = {**empty, "Properties": properties, **{name: values.pop(name) for name in own}}
    created = kind.__new__(kind)
    vars(created).update(common, properties=properties, resource=resource)
    if title is not None:
        vars(created)["title"] = title
    return created


def create_from(kind: type[T], title: str | None, data: Mapping[str, Any]) -> T:
    """Create an object from its properties as data, with an object for each part that has a class."""
    a_class: Any = kind
    return create(kind, title, **{name: _part(a_class.props[name][0], value) for name, value in data.items()})


def _part(expected: Any, value: Any) -> Any:
    """Return a value of a property. expected: its type in troposphere: in a list, if the property is one."""
    kind = expected[0] if isinstance(expected, list) else expected
    if not isinstance(kind, type) or not issubclass(kind, BaseAWSObject):
        return value
    if isinstance(value, list):
        return [_part(kind, each) for each in value]
    return create_from(kind, None, value) if isinstance(value, dict) else value


@cache
def _common(kind: Any) -> tuple[dict[str, Any], dict[str, Any], frozenset[str]]:
    """Return what all objects of a class have in common: their variables, the data of a resource without properties,
    and the names of attributes."""
    common = vars(kind(None) if issubclass(kind, BaseAWSObject) else kind())
    resource = common.pop("resource")
    has_section = common.pop("properties") is not resource
    return common, resource if has_section else {}, frozenset(common.get("attributes", ()))
