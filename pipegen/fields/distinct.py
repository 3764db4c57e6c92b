"""Lists in which nothing may be listed twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from troposphere import AWSHelperFn

from pipegen.errors import Path, last_of
from pipegen.fields.base import Json, Reading, Schemas, Type
from pipegen.fields.words import function_of, shown
from pipegen.frozen import frozen


@frozen
class Distinct:
    """Marks a list whose items differ. key: what must differ of an item; default: the item itself."""

    noun: str
    key: Callable[[Any], Any] | None = None

    def type_of(self, resolve: Callable[[Any], Type], plain: Any) -> Type:
        return DistinctType(resolve(plain), self)


@frozen
class DistinctType:
    """The type of such a list. The same expression twice is the same item twice."""

    inner: Type
    mark: Distinct

    @property
    def expected(self) -> str:
        return self.inner.expected

    def fits(self, data: Any) -> bool:
        return self.inner.fits(data)

    def read(self, data: Any, path: Path, reading: Reading) -> Any:
        value = self.inner.read(data, path, reading)
        if isinstance(value, list | tuple) and reading.is_python:  # data of files is checked again, as objects
            self._check(value, path, reading)
        return value

    def _check(self, items: Any, path: Path, reading: Reading) -> None:
        seen: list[Any] = []
        for index, item in enumerate(items):
            key = _plain(item if self.mark.key is None else self.mark.key(item))
            if key is not None and key in seen:
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
    """An expression as its short tag, where it is simple."""
    function = function_of(key)
    argument = next(iter(key.values())) if function else ""
    return f"{function} {argument}".strip() if function and isinstance(argument, str) else function or shown(key)


def _plain(value: Any) -> Any:
    return value.to_dict() if isinstance(value, AWSHelperFn) else value
