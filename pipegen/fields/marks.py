"""Marks for annotations: other forms in which a field can be written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from typing import Any

from pipegen.errors import Path
from pipegen.fields.base import Json, Reading, Schemas, Type
from pipegen.fields.containers import ChosenType, KindType, ListType
from pipegen.fields.words import is_expression
from pipegen.frozen import frozen


class Keyed:
    """Marks a union whose member is selected by a key: a mapping with the key `file` is read as the member `file=`, any
    other value as `otherwise`.

    Only that member is read, so that problems are about what was intended.
    """

    def __init__(self, *, otherwise: Any, **members: type) -> None:
        self.members = members
        self.otherwise = otherwise

    def type_of(self, resolve: Callable[[Any], Type], _plain: Any) -> Type:
        return ChosenType([resolve(each) for each in (*self.members.values(), self.otherwise)], self._index)

    def _index(self, data: Any) -> int:
        keys = data if isinstance(data, Mapping) else ()
        members = enumerate(self.members.items())
        indexes = (index for index, (key, member) in members if key in keys or isinstance(data, member))
        return next(indexes, self._similar(keys))

    def _similar(self, keys: Iterable[Any]) -> int:
        """The index of the member whose key is similar to one of the keys, else of `otherwise`."""
        if not keys:
            return len(self.members)
        from difflib import get_close_matches

        near = (index for index, key in enumerate(self.members) if get_close_matches(key, map(str, keys), 1, 0.8))
        return next(near, len(self.members))


class Mapped:
    """Marks a union in which every mapping that is not an expression is read as the member, so that problems with its
    keys are reported."""

    def __init__(self, member: type, *, otherwise: Any) -> None:
        self.member = member
        self.otherwise = otherwise

    def type_of(self, resolve: Callable[[Any], Type], _plain: Any) -> Type:
        return ChosenType([resolve(self.member), resolve(self.otherwise)], self._index)

    def _index(self, data: Any) -> int:
        is_member = isinstance(data, Mapping) and not is_expression(data)
        return 0 if is_member or isinstance(data, self.member) else 1


@frozen
class SomeType(ListType):
    """A list of objects, or in Python a single object."""

    model: type = object

    def read(self, data: Any, path: Path, reading: Reading) -> Any:
        if reading.is_python and isinstance(data, self.model):
            return ListType.read(self, (data,), path, reading)
        if reading.is_python and not isinstance(data, list | tuple):
            return reading.wrong_type(path, f"{self.model.__name__}(...) or a list of them", data)
        return ListType.read(self, data, path, reading)


class OneOrMore:
    """Marks a field whose value is a list of objects, or in Python a single object."""

    def __init__(self, model: type) -> None:
        self.model = model

    def type_of(self, resolve: Callable[[Any], Type], _plain: Any) -> Type:
        return SomeType(resolve(self.model), model=self.model)


@frozen
class NamedType:
    """A name, or in Python an object that has it."""

    inner: Type
    model: type
    field: str

    @property
    def expected(self) -> str:
        return self.inner.expected

    def fits(self, data: Any) -> bool:
        return isinstance(data, self.model) or self.inner.fits(data)

    def read(self, data: Any, path: Path, reading: Reading) -> Any:
        is_named = reading.is_python and isinstance(data, self.model)
        return self.inner.read(getattr(data, self.field) if is_named else data, path, reading)

    def schema(self, schemas: Schemas) -> Json:
        return self.inner.schema(schemas)


class NameOf:
    """Marks a field that takes a name, as `otherwise` does, or in Python the object that has it."""

    def __init__(self, model: type, field: str = "name", *, otherwise: Any = str) -> None:
        self.model = model
        self.field = field
        self.otherwise = otherwise

    def type_of(self, resolve: Callable[[Any], Type], _plain: Any) -> Type:
        return NamedType(resolve(self.otherwise), self.model, self.field)


class ByKind:
    """Marks a union whose member is selected by the key `kind`; without the key it is the first."""

    def __init__(self, *members: type) -> None:
        self.kinds = {_kind(member): member for member in members}

    def type_of(self, resolve: Callable[[Any], Type], _plain: Any) -> Type:
        return KindType(self.kinds, resolve, first=next(iter(self.kinds)))


def _kind(member: Any) -> str:
    return str(next(field.default for field in fields(member) if field.name == "kind"))
