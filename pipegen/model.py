"""What every value of the model has in common: it is frozen all the way down, and it is read strictly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, ClassVar, NoReturn

from pipegen.errors import InvalidDefinition, Path, Problem


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


class Model:
    """Base of the model's dataclasses. Lists given by a caller are kept as tuples, mappings as frozen copies."""

    __slots__ = ("_types_are_right",)
    """Set once the types of everything inside have been checked, which nothing can change afterwards."""

    # Read by pydantic alone: unknown keys and wrong types are errors.
    # https://docs.pydantic.dev/latest/concepts/config/
    __pydantic_config__: ClassVar[Any] = {
        "extra": "forbid",
        "strict": True,
        "revalidate_instances": "always",
        "defer_build": True,
    }

    def __post_init__(self) -> None:
        model: Any = type(self)
        for name in _field_names(model):
            value = getattr(self, name)
            if value.__class__ not in _ATOMS and (frozen := _frozen_field(name, value)) is not value:
                object.__setattr__(self, name, frozen)


_ATOMS = frozenset({str, int, bool, float, type(None), FrozenMapping})
"""Types of values that are frozen already: nothing else makes a `FrozenMapping`."""


@cache
def _field_names(model: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(model))


def _frozen_field(name: str, value: Any) -> Any:
    try:
        return _frozen(value)
    except RecursionError:
        text = f"{name} is nested too deep, or inside itself"
        raise InvalidDefinition([Problem("wrong-type", (name,), text, "flatten it")]) from None


def _frozen(value: Any) -> Any:
    if value.__class__ in _ATOMS:
        return value
    if isinstance(value, Mapping):
        return FrozenMapping((key, _frozen(item)) for key, item in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray | memoryview):
        return tuple(map(_frozen, value))
    return value


def walk(value: object, path: Path = ()) -> Iterator[tuple[Path, object]]:
    """Every leaf of a model value with its path, in the order of the fields."""
    if is_dataclass(value) and not isinstance(value, type):
        for name in _field_names(type(value)):
            yield from walk(getattr(value, name), (*path, name))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from walk(item, (*path, str(key)))
    elif isinstance(value, tuple | list):
        for index, item in enumerate(value):
            yield from walk(item, (*path, index))
    else:
        yield path, value


class Keyed:
    """Marks a union for pydantic: a mapping with a member's first field as key is that member, all else `otherwise`.

    One member is tried, so there is one error, about what was meant.
    """

    def __init__(self, *members: type, otherwise: Any) -> None:
        self.members = {fields(member)[0].name: member for member in members}
        self.otherwise = otherwise

    def __get_pydantic_core_schema__(self, _source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        choices = {_tag(key): handler.generate_schema(member) for key, member in self.members.items()}
        choices[self._otherwise] = handler.generate_schema(self.otherwise)
        return core_schema.tagged_union_schema(choices, discriminator=self._member_of)

    @property
    def _otherwise(self) -> str:
        return alternatives_tag(self.members.values())

    def _member_of(self, data: Any) -> str:
        keys = data if isinstance(data, Mapping) else ()
        found = (key for key, member in self.members.items() if key in keys or isinstance(data, member))
        key = next(found, None)
        return self._otherwise if key is None else _tag(key)


class Mapped(Keyed):
    """The same for a union where any mapping but an expression is the one member: a wrong or missing key of it is told
    as that."""

    def __init__(self, member: type, *, otherwise: Any) -> None:
        super().__init__(member, otherwise=otherwise)

    def _member_of(self, data: Any) -> str:
        [(key, member)] = self.members.items()
        is_member = isinstance(data, member) or (isinstance(data, Mapping) and not is_expression(data))
        return _tag(key) if is_member else self._otherwise


def is_expression(data: Mapping[str, Any]) -> bool:
    """Whether a mapping is a CloudFormation function: its one key says so."""
    return len(data) == 1 and any(str(key) == "Ref" or str(key).startswith("Fn::") for key in data)


class ByKind:
    """Marks a union for pydantic: `kind` says which member a mapping is; without it, the first."""

    firsts: ClassVar[set[str]] = set()
    """The names of the members that need no `kind`."""

    def __init__(self, *members: type) -> None:
        self.members = {str(_kind(member)): member for member in members}
        self.firsts.add(members[0].__name__)

    def __get_pydantic_core_schema__(self, _source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        choices = {kind: handler.generate_schema(member) for kind, member in self.members.items()}
        choices[self._none] = core_schema.no_info_plain_validator_function(_refuse_as_member)
        return core_schema.tagged_union_schema(choices, discriminator=self._kind_of)

    @property
    def _none(self) -> str:
        return alternatives_tag(self.members.values())

    def _kind_of(self, data: Any) -> str:
        if isinstance(data, Mapping):
            return str(data.get("kind", next(iter(self.members))))
        kind = str(_kind(type(data)))
        return kind if isinstance(data, self.members.get(kind, ())) else self._none


def _refuse_as_member(_data: Any) -> Any:
    from pydantic_core import PydanticKnownError

    raise PydanticKnownError("dataclass_type", {"class_name": ""})


def _kind(member: type) -> Any:
    return next((field.default for field in fields(member) if field.name == "kind"), "") if is_dataclass(member) else ""


def _tag(key: str) -> str:
    """Names a member in the location of an error, where no key of the data can be meant."""
    return f"<{key}>"


def alternatives_tag(members: Iterable[type]) -> str:
    """Names what is none of these in the location of an error, with them, so that the message can offer them."""
    return f"<|{'|'.join(member.__name__ for member in members)}>"


def alternatives(tag: object) -> list[str]:
    """The names of the members in such a tag."""
    return tag[2:-1].split("|") if isinstance(tag, str) and tag.startswith("<|") else []
