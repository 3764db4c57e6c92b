"""The constraints of all fields that data has, and values at their bounds and beyond."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pipegen.errors import Path
from pipegen.fields.base import Type
from pipegen.fields.constraints import Between, ConstrainedType, Length, Matches, OneOf
from pipegen.fields.containers import ChosenType, KindType, ListType, MappingType, ModelType, UnionType


def constrained(kind: Any, data: Any, path: Path) -> Iterator[tuple[Any, str, Path, Any]]:
    """Each constraint of the fields of all models in the data: its model and field, where it is, and the constraint.
    That of a list, a mapping or a key needs an item."""
    if isinstance(kind, ModelType) and isinstance(data, Mapping):
        yield from _of_model(kind, data, path)
    elif isinstance(kind, ListType) and isinstance(data, list):
        for index, item in enumerate(data):
            yield from constrained(kind.item, item, (*path, index))
    elif isinstance(kind, MappingType) and isinstance(data, Mapping):
        for key, item in data.items():
            yield from constrained(kind.item, item, (*path, key))
    else:
        for inside in types_meant(kind, data):
            yield from constrained(inside, data, path)


def _of_model(kind: ModelType, data: Any, path: Path) -> Iterator[tuple[Any, str, Path, Any]]:
    for name in kind.names:
        for where, each in _constraints_at(kind.type(name), data.get(name), (*path, name)):
            if value_at(data, where[len(path) :]) or not isinstance(each, Length) or each.noun == "characters":
                yield kind.model, name, where, each
        if name in data:
            yield from constrained(kind.type(name), data[name], (*path, name))


def types_meant(kind: Any, data: Any) -> Iterator[Type]:
    """The types that may be meant."""
    if isinstance(kind, UnionType):
        yield from kind.members
    elif isinstance(kind, ChosenType):
        yield kind.members[kind.choose(data)]
    elif isinstance(kind, KindType) and isinstance(data, Mapping):
        yield kind.resolve(kind.kinds[data.get("kind", kind.first)])
    elif hasattr(kind, "inner"):
        yield kind.inner


@dataclass(frozen=True)
class OfKey:
    """A constraint of the key at the end of a path."""

    constraint: Any


def _constraints_at(kind: Any, data: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Those of a field's value, and of the items of a list or mapping and its keys."""
    if isinstance(kind, ConstrainedType):
        yield path, kind.constraint
    if isinstance(kind, MappingType):
        yield from (((*path, key), OfKey(each)) for each in kind.keys for key in data or ())
    if isinstance(kind, ListType | MappingType):
        for key, item in data.items() if isinstance(data, Mapping) else enumerate(data or ()):
            yield from _constraints_at(kind.item, item, (*path, key))
    elif not isinstance(kind, KindType):
        for inside in types_meant(kind, data):
            yield from _constraints_at(inside, data, path)


def values(constraint: Any, given: Any) -> Iterator[tuple[Any, bool]]:
    """Values at the bounds and beyond, and whether they are right."""
    if isinstance(constraint, Between):
        yield from _around(constraint)
    elif isinstance(constraint, Length):
        for bound, beyond in ((constraint.low, -1), (constraint.high, 1)):
            for number, right in ((bound, True), (None if bound is None else bound + beyond, False)):
                if number is not None and number >= 0:
                    yield _of_length(number, given if constraint.noun != "characters" else ""), right
    elif isinstance(constraint, OneOf):
        yield from ((each, True) for each in constraint.values)
        yield from ((each, False) for each in (min(constraint.values) - 1, max(constraint.values) + 1))
    elif isinstance(constraint, Matches):
        if isinstance(given, str):
            yield given, True
        yield "\x01 ä{}\n\nä", False


def _around(constraint: Between) -> Iterator[tuple[Any, bool]]:
    for bound, beyond in ((constraint.low, -1), (constraint.high, 1)):
        if bound is not None:
            yield from ((bound, True), (bound + beyond, False))
    if constraint.or_zero:
        yield from ((0, True), (1, False), (-1, False))


def _of_length(number: int, given: Any) -> Any:
    if isinstance(given, Mapping):
        return {f"key{index}": next(iter(given.values())) for index in range(number)}
    return [given[0]] * number if isinstance(given, list) else "a" * number


def value_at(data: Any, path: Path) -> Any:
    for part in path:
        data = data.get(part) if isinstance(data, Mapping) else data[part]
    return data
