"""What every value of the model has in common: it is frozen, with the lists and mappings in it, and it is read
strictly. Troposphere's expressions are kept as they are."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from operator import is_
from typing import Any, ClassVar, NoReturn

from pipegen.errors import InvalidDefinition, Path, Problem
from pipegen.fields.base import Json, Reading, Schemas, Type
from pipegen.fields.containers import ChosenType, KindType, ListType
from pipegen.fields.words import is_expression
from pipegen.frozen import frozen


class FrozenMapping(dict[Any, Any]):
    """A mapping that cannot be changed. It is a dict, which is as fast to read and equal to any dict of its items."""

    __slots__ = ()

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("definitions do not change: make another with dataclasses.replace")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = _refuse
    setdefault: Any = _refuse
    update: Any = _refuse

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[type[FrozenMapping], tuple[dict[Any, Any]]]:
        return FrozenMapping, (dict(self),)

    def __copy__(self) -> FrozenMapping:
        return self


NOTHING = FrozenMapping()
"""The default of arguments that are mappings."""


class Model:
    """Base of the model's dataclasses. Lists given by a caller are kept as tuples, mappings as frozen copies."""

    __slots__ = ("_created",)
    """Where, if it was by code outside of pipegen."""

    named_by: ClassVar[str] = ""
    """The field that is the key of the model in a file, where files have a mapping of such models."""
    declared_in: ClassVar[str] = ""
    """The field of a definition that lists such models, and to which those are added that the definition uses."""

    @classmethod
    def key_of(cls, field: str) -> str:
        """The key of a field in a file."""
        return field

    def __post_init__(self) -> None:
        self._settle()

    def _settle(self) -> None:
        """Freezes the values of fields, and keeps where the model was created: who called the caller's `__init__`."""
        model: Any = type(self)
        for name in field_names(model):
            value = getattr(self, name)
            if value.__class__ not in _ATOMS and (frozen := _frozen_field(name, value)) is not value:
                object.__setattr__(self, name, frozen)
        object.__setattr__(self, "_created", _caller())

    def _fill(self, **values: Any) -> None:
        """Sets all fields: the body of an `__init__` that is written out because it takes any number of arguments."""
        for name, value in values.items():
            object.__setattr__(self, name, value)
        self._settle()

    @property
    def created(self) -> tuple[str, int] | None:
        """The file and line of the code outside of pipegen that created it."""
        return getattr(self, "_created", None)


def _caller() -> tuple[str, int] | None:
    """The file and line outside of pipegen that called the `__init__` of a model, or `dataclasses.replace`."""
    frame = sys._getframe(4)  # here, _settle, __post_init__ or _fill, __init__
    while frame.f_globals.get("__name__") == "dataclasses" and frame.f_back is not None:
        frame = frame.f_back
    is_own = str(frame.f_globals.get("__name__")).startswith("pipegen.")
    return None if is_own else (frame.f_code.co_filename, frame.f_lineno)


_ATOMS = frozenset({str, int, bool, float, type(None), FrozenMapping})
"""Types of values that are frozen already: nothing else makes a `FrozenMapping`."""


_LEAVES = _ATOMS - {FrozenMapping}


@cache
def field_names(model: Any) -> tuple[str, ...]:
    """The names of a model's fields, in their order."""
    return tuple(field.name for field in fields(model))


@cache
def keyed_fields(model: Any) -> Mapping[str, str]:
    """The names of a model's fields by the keys that they have in a file."""
    named_by, key_of = getattr(model, "named_by", ""), getattr(model, "key_of", str)
    return {key_of(name): name for name in field_names(model) if name != named_by}


def step(value: Any, part: str | int) -> Any:
    """What a part of a path leads to, or None where it leads nowhere."""
    if isinstance(value, Model):
        if part == 0:
            return value  # a single object that stands for a list of one
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
    """Whether values of a type are mappings or lists, which are frozen, or neither."""
    if issubclass(kind, Mapping):
        return Mapping if kind is not FrozenMapping else None
    is_list = issubclass(kind, Sequence) and not issubclass(kind, str | bytes | bytearray | memoryview)
    return Sequence if is_list else None


def walk(value: object, path: Path = ()) -> Iterator[tuple[Path, object]]:
    """Every leaf of a model value with its path, in the order of the fields."""
    found: list[tuple[Path, object]] = []
    _add_leaves(found, value, path)
    return iter(found)


def _add_leaves(found: list[tuple[Path, object]], value: Any, path: Path) -> None:
    """A list that grows, as generators inside generators take twice the time."""
    kind = value.__class__
    if kind in _LEAVES:
        found.append((path, value))
    elif _is_model(kind):
        for key, name in keyed_fields(kind).items():
            _add_leaves(found, getattr(value, name), (*path, key))
    elif (form := _form(kind)) is Mapping or kind is FrozenMapping:
        for key, item in value.items():
            _add_leaves(found, item, (*path, str(key)))
    elif form is Sequence:
        for index, item in enumerate(value):
            _add_leaves(found, item, (*path, index))
    else:
        found.append((path, value))


@cache
def _is_model(kind: type) -> bool:
    """Whether values of a type are walked by their fields."""
    return is_dataclass(kind)


def joined(given: Sequence[Any], more: Any) -> Any:
    """Positional arguments and those of a keyword as one list. A keyword's value that is not a list is kept, and
    reported when the definition is checked."""
    return (*given, *more) if isinstance(more, list | tuple) else more


def by_name(given: Any) -> Any:
    """Models by their names, from a list or a mapping. Anything else is kept, and reported when the definition is
    checked."""
    if not isinstance(given, list | tuple) or not all(isinstance(each, Model) and each.named_by for each in given):
        return given
    found: dict[str, Model] = {}
    for each in given:
        name = getattr(each, each.named_by)
        if found.setdefault(name, each) is not each:
            raise ValueError(f"there are two objects with the name {name!r}")
    return found


class Keyed:
    """Marks a union whose members are told apart by a key: a mapping with the key `file` is what `file=` says, all else
    `otherwise`.

    One member is tried, so there is one error, about what was meant.
    """

    def __init__(self, *, otherwise: Any, **members: type) -> None:
        self.members = members
        self.otherwise = otherwise

    def type_of(self, resolve: Callable[[Any], Type], _plain: Any) -> Type:
        return ChosenType([resolve(each) for each in (*self.members.values(), self.otherwise)], self._index)

    def _index(self, data: Any) -> int:
        keys = data if isinstance(data, Mapping) else ()
        members = enumerate(self.members.items())
        found = (index for index, (key, member) in members if key in keys or isinstance(data, member))
        return next(found, self._misspelt(keys))

    def _misspelt(self, keys: Iterable[Any]) -> int:
        """The member whose key was nearly written; the others where none was."""
        if not keys:
            return len(self.members)
        from difflib import get_close_matches

        near = (index for index, key in enumerate(self.members) if get_close_matches(key, map(str, keys), 1, 0.8))
        return next(near, len(self.members))


class Mapped:
    """Marks a union where any mapping but an expression is the member, so that a message about a wrong or missing key
    is about that."""

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
    """A list of objects, or in Python a single one."""

    model: type = object

    def read(self, data: Any, path: Path, reading: Reading) -> Any:
        is_one = reading.is_python and isinstance(data, self.model)
        return ListType.read(self, (data,) if is_one else data, path, reading)


class OneOrMore:
    """Marks a field that takes objects of a model: a list, or in Python a single one."""

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
    """Marks a union: `kind` says which member a mapping is; without it, the first."""

    def __init__(self, *members: type) -> None:
        self.kinds = {_kind(member): member for member in members}

    def type_of(self, resolve: Callable[[Any], Type], _plain: Any) -> Type:
        return KindType(self.kinds, resolve, first=next(iter(self.kinds)))


def _kind(member: Any) -> str:
    return str(next(field.default for field in fields(member) if field.name == "kind"))
