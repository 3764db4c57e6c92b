"""Create objects of troposphere and awacs without their checks.

Both libraries check the type of every property when it is set, which takes ten times as long as the rest. The fields of
models have been checked already, and a test creates the objects of many templates once more with the checks.
"""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

from troposphere import BaseAWSObject

T = TypeVar("T")


def create(kind: type[T], title: str | None = None, /, **given: Any) -> T:
    """Create an object with these properties and attributes."""
    a_class: Any = kind  # mypy doubts that types are hashable
    common, empty, attributes = _common(a_class)
    resource = properties = given
    if empty:
        own = [name for name in given if name in attributes]
        resource = {**empty, "Properties": properties, **{name: given.pop(name) for name in own}}
    made = kind.__new__(kind)
    vars(made).update(common, properties=properties, resource=resource)
    if title is not None:
        vars(made)["title"] = title
    return made


@cache
def _common(kind: Any) -> tuple[dict[str, Any], dict[str, Any], frozenset[str]]:
    """Return what all objects of a class have in common: their variables, the data of a resource without properties,
    and the names of attributes."""
    common = vars(kind(None) if issubclass(kind, BaseAWSObject) else kind())
    resource = common.pop("resource")
    has_section = common.pop("properties") is not resource
    return common, resource if has_section else {}, frozenset(common.get("attributes", ()))
