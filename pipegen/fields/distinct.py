"""Lists whose items must differ."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from troposphere import AWSHelperFn

from pipegen.errors import Path, last_of
from pipegen.fields.base import Json, Reading, Schemas, Type
from pipegen.fields.refined import RefinedType
from pipegen.fields.words import function_of, shown
from pipegen.frozen import frozen


@frozen
class Distinct:
    """Marks a list whose items must differ. key: returns the value that must differ. Default: the item itself."""

    noun: str
    key: Callable[[Any], Any] | None = None

    def type_of(self, resolve: Callable[[Any], Type], plain: Any) -> Type:
        return DistinctType(resolve(plain), self)


@frozen
class DistinctType(RefinedType):
    """The type of a list whose items must differ. Equal expressions are equal items."""

    mark: Distinct

    def check(self, value: Any, path: Path, reading: Reading) -> None:
        if not isinstance(value, list | tuple) or not reading.is_python:  # data from files is checked later, as objects
            return
        seen: list[Any] = []
        for index, item in enumerate(value):
            key = _plain(item if self.mark.key is None else self.mark.key(item))
            if key not in (None, _NO_VALUE) and key in seen:
                text = f"{last_of(path)} lists {_shown(key)} twice"
                reading.add("duplicate-item", (*path, index), text, f"list each {self.mark.noun} once")
            seen.append(key)

    def schema(self, schemas: Schemas) -> Json:
        described = self.inner.schema(schemas)
        return _unique(described) if self.mark.key is None else described


def _unique(described: Json) -> Json:
    if "anyOf" in described:
        return {**described, "anyOf": [_unique(each) for each in described["anyOf"]]}
    return {**described, "uniqueItems": True} if described.get("type") == "array" else described


def _shown(key: Any) -> str:
    """The value as messages show it: an expression with a string argument as its short tag."""
    function = function_of(key)
    argument = next(iter(key.values())) if function else ""
    return f"{function} {argument}".strip() if function and isinstance(argument, str) else function or shown(key)


_NO_VALUE = {"Ref": "AWS::NoValue"}
"""CloudFormation removes these items from lists."""


def _plain(value: Any) -> Any:
    return value.to_dict() if isinstance(value, AWSHelperFn) else value
