"""The base class of models: dataclasses that are immutable, including their lists and mappings.

Troposphere's expressions are kept as they are."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from operator import is_
from typing import Any, ClassVar, NoReturn

from pipegen.errors import InvalidDefinition, Path, Problem, quoted


class FrozenMapping(dict[Any, Any]):
    """An immutable dict: as fast to read as a dict, and equal to any dict with the same items."""

    __slots__ = ()

    def _immutable(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("definitions are immutable: create a copy with dataclasses.replace")

    __setitem__ = __delitem__ = __ior__ = _immutable
    clear = pop = popitem = _immutable
    setdefault: Any = _immutable
    update: Any = _immutable

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[type[FrozenMapping], tuple[dict[Any, Any]]]:
        return FrozenMapping, (dict(self),)

    def __copy__(self) -> FrozenMapping:
        return self


NOTHING = FrozenMapping()
"""The default for arguments that are mappings."""


class Model:
    """The base class of models. Lists are stored as tuples, mappings as frozen copies."""

    __slots__ = ("_created", "_loaded")
    """The location in code outside pipegen that created the object; what `pipegen.load` knows about a definition."""

    named_by: ClassVar[str] = ""
    """The field that is the key of the model in a file, where files have a mapping of such models."""
    declared_in: ClassVar[str] = ""
    """The field of a definition that lists such models, and to which those are added that the definition uses."""

    @classmethod
    def key_of(cls, field: str) -> str:
        """The key of a field in a file."""
        return field

    def __post_init__(self) -> None:
        self._freeze()

    def _freeze(self) -> None:
        """Freeze the values of fields, and store the location that created the object: the caller of `__init__`."""
        model: Any = type(self)
        for name in field_names(model):
            value = getattr(self, name)
            kind = value.__class__
            if kind not in _ATOMS and _form(kind) and (frozen := _frozen_field(name, value)) is not value:
                object.__setattr__(self, name, frozen)
        object.__setattr__(self, "_created", _caller())

    def _fill(self, **values: Any) -> None:
        """Set all fields: the body of a custom `__init__` that accepts any number of arguments."""
        for name, value in values.items():
            object.__setattr__(self, name, value)
        self._freeze()

    @property
    def created(self) -> tuple[str, int] | None:
        """The file and line of the code outside pipegen that created the object."""
        return getattr(self, "_created", None)


def _caller() -> tuple[str, int] | None:
    """The file and line outside pipegen that called the `__init__` of a model, or `dataclasses.replace`."""
    frame = sys._getframe(4)  # _caller, _freeze, __post_init__ or _fill, __init__
    while frame.f_globals.get("__name__") == "dataclasses" and frame.f_back is not None:
        frame = frame.f_back
    is_own = str(frame.f_globals.get("__name__")).startswith("pipegen.")
    return None if is_own else (frame.f_code.co_filename, frame.f_lineno)


_ATOMS = frozenset({str, int, bool, float, type(None), FrozenMapping})
"""Types of immutable values; only this module creates a `FrozenMapping`, from frozen values."""


_LEAVES = _ATOMS - {FrozenMapping}
_NUMBERS = _LEAVES - {str}


@cache
def field_names(model: Any) -> tuple[str, ...]:
    """The names of a model's fields, in their order."""
    return tuple(field.name for field in fields(model))


@cache
def keyed_fields(model: Any) -> Mapping[str, str]:
    """The names of a model's fields, by their keys in files."""
    named_by, key_of = getattr(model, "named_by", ""), getattr(model, "key_of", str)
    return {key_of(name): name for name in field_names(model) if name != named_by}


def step(value: Any, part: str | int) -> Any:
    """The value at a part of a path; None if it does not exist."""
    if isinstance(value, Model):
        if part == 0:
            return value  # a single object where a list is allowed
        model: Any = type(value)
        return getattr(value, keyed_fields(model).get(str(part), ""), None)
    if isinstance(value, Mapping):
        return value.get(part)
    return value[part] if isinstance(value, list | tuple) and isinstance(part, int) and part < len(value) else None


def _frozen_field(name: str, value: Any) -> Any:
    try:
        return _frozen(value)
    except RecursionError:
        text = f"{name} is nested too deep, or inside itself"
        raise InvalidDefinition([Problem("wrong-type", (name,), text, "flatten it")]) from None


def _frozen(value: Any) -> Any:
    form = _form(value.__class__)
    if form is Mapping:
        return FrozenMapping([(key, _frozen(item)) for key, item in value.items()])
    if form is Sequence:
        items = tuple([each if each.__class__ in _ATOMS else _frozen(each) for each in value])
        return value if value.__class__ is tuple and all(map(is_, items, value)) else items
    return value


@cache
def _form(kind: type) -> type | None:
    """Mapping or Sequence for types whose values must be frozen, else None."""
    if issubclass(kind, Mapping):
        return Mapping if kind is not FrozenMapping else None
    is_list = issubclass(kind, Sequence) and not issubclass(kind, str | bytes | bytearray | memoryview)
    return Sequence if is_list else None


def walk(value: object, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """The texts and expressions in a value with their paths, in field order."""
    found: list[tuple[Path, Any]] = []
    _add_leaves(found, value, path)
    return iter(found)


def _add_leaves(found: list[tuple[Path, Any]], value: Any, path: Path) -> None:
    """Add the texts and expressions in a value to a list, which is twice as fast as nested generators."""
    parts = _parts(value)
    if parts is None:
        if not isinstance(value, int | float | None):
            found.append((path, value))
        return
    for key, item in parts:
        if item.__class__ is str:  # a call for each takes longer than the rest
            found.append(((*path, key), item))
        elif item.__class__ not in _NUMBERS:
            _add_leaves(found, item, (*path, key))


def _parts(value: Any) -> Iterable[tuple[str | int, Any]] | None:
    """The parts of a value by their keys or indexes; None for a leaf."""
    kind = value.__class__
    if kind in _LEAVES:
        return None
    if _is_model(kind):
        return [(key, getattr(value, name)) for key, name in keyed_fields(kind).items()]
    if (form := _form(kind)) is Mapping or kind is FrozenMapping:
        return [(str(key), item) for key, item in value.items()]
    return enumerate(value) if form is Sequence else None


@cache
def _is_model(kind: type) -> bool:
    """Whether a type is a dataclass."""
    return is_dataclass(kind)


def joined(positional: Sequence[Any], keyword: Any) -> Any:
    """Positional arguments and the value of a keyword argument as one sequence. A value that is not a list is returned
    as it is, and reported when the definition is checked."""
    return (*positional, *keyword) if isinstance(keyword, list | tuple) else keyword


def by_name(models: Any) -> Any:
    """Models by their names, from a list or a mapping. Other values are returned as they are, and reported when the
    definition is checked."""
    if not isinstance(models, list | tuple) or not all(isinstance(each, Model) and each.named_by for each in models):
        return models
    named: dict[str, Model] = {}
    for each in models:
        name = getattr(each, each.named_by)
        if named.setdefault(name, each) is not each:
            raise ValueError(f"there are two objects with the name {quoted(name)}")
    return named
