"""A class with `@frozen` behaves like a standard frozen dataclass with slots."""

from __future__ import annotations

import copy
import inspect
import pickle
import re
from collections.abc import Callable, Sequence
from dataclasses import FrozenInstanceError, asdict, dataclass, field, fields, replace
from typing import Any

import pytest

from pipegen.frozen import frozen


@frozen
class Point:
    """A point."""

    x: int
    y: int = 0
    labels: Sequence[str] = field(default_factory=list)
    note: str = field(default="", compare=False, repr=False)

    def __post_init__(self) -> None:
        if self.x < 0:
            raise ValueError("x must not be negative")


@dataclass(frozen=True, slots=True)
class StandardPoint:
    """A point."""

    x: int
    y: int = 0
    labels: Sequence[str] = field(default_factory=list)
    note: str = field(default="", compare=False, repr=False)


@frozen(kw_only=True)
class Named(Point):
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardNamed(StandardPoint):
    name: str


@frozen(eq=False)
class Token:
    text: str


@frozen
class Empty:
    pass


@frozen
class Shouting:
    text: str

    def __repr__(self) -> str:
        return self.text.upper()


PAIRS = [(Point, StandardPoint), (Named, StandardNamed)]
CALLS: list[Callable[[Any], Any]] = [
    lambda cls: cls(1),
    lambda cls: cls(1, 2, ["a"], "seen"),
    lambda cls: cls(1, y=2, name="p"),
    lambda cls: cls(1, labels=[], name="p"),
    lambda cls: cls(),
    lambda cls: cls(1, 2, ["a"], "seen", "too many"),
    lambda cls: cls(1, z=3),
    lambda cls: cls(1, x=2),
]


def outcome(call: Callable[[Any], Any], cls: Any) -> str:
    """What a call returns or raises, without the name of the class."""
    try:
        made = call(cls)
        return f"{made!r} {asdict(made)}".replace("Standard", "")
    except TypeError as error:
        return str(error).replace("Standard", "")


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(("cls", "standard"), PAIRS)
def test_it_takes_the_arguments_of_a_standard_dataclass(call: Callable[[Any], Any], cls: Any, standard: Any) -> None:
    assert outcome(call, cls) == outcome(call, standard)


@pytest.mark.parametrize(("cls", "standard"), PAIRS)
def test_it_declares_what_a_standard_dataclass_declares(cls: Any, standard: Any) -> None:
    def declared(cls: Any) -> Any:
        return [(each.name, each.type, each.default, each.default_factory, each.kw_only) for each in fields(cls)]

    assert declared(cls) == declared(standard)
    assert cls.__match_args__ == standard.__match_args__
    assert cls.__slots__ == standard.__slots__
    plain = re.sub(r": '([^']*)'", r": \1", str(inspect.signature(standard)))
    assert str(inspect.signature(cls)) == plain.replace("<factory>", "list()")
    assert inspect.get_annotations(cls.__init__) == inspect.get_annotations(standard.__init__)


def test_fields_are_neither_assigned_nor_deleted() -> None:
    point: Any = Point(1)
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'x'"):
        point.x = 2
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'z'"):
        point.z = 2
    with pytest.raises(FrozenInstanceError, match="cannot delete field 'x'"):
        del point.x
    assert point == Point(1)


def test_objects_of_one_class_with_equal_fields_are_equal() -> None:
    point = Point(1, 2, ())
    assert point == Point(1, 2, (), "a note does not count")
    assert hash(point) == hash(Point(1, 2, (), "a note does not count"))
    assert point != Point(1, 3, ())
    assert point != Named(1, 2, (), name="p")
    assert Shouting("a") == Shouting("a") != Shouting("b")
    assert Empty() == Empty()
    assert len({Empty(), Empty()}) == 1


def test_an_object_without_equality_is_equal_to_itself_only() -> None:
    token = Token("a")
    assert token == token
    assert token != Token("a")
    assert len({token, Token("a")}) == 2


def test_what_a_class_defines_itself_is_kept() -> None:
    assert repr(Shouting("a")) == "A"


def test_a_copy_has_the_values_of_the_original() -> None:
    named = Named(1, 2, ["a"], "seen", name="p")
    for made in (pickle.loads(pickle.dumps(named)), copy.copy(named), copy.deepcopy(named)):
        assert asdict(made) == asdict(named)
        assert type(made) is Named
    assert replace(named, x=5) == Named(5, 2, ["a"], name="p")
    with pytest.raises(ValueError, match="negative"):
        replace(named, x=-1)


def test_a_default_that_is_created_belongs_to_one_object() -> None:
    assert Point(1).labels is not Point(1).labels


def test_an_object_that_contains_itself_has_a_representation() -> None:
    labels: list[Any] = []
    point = Point(1, labels=labels)
    labels.append(point)
    assert repr(point) == "Point(x=1, y=0, labels=[...])"


def test_positional_fields_are_matched() -> None:
    match Named(1, 2, name="p"):
        case Point(x, y):
            assert (x, y) == (1, 2)
        case _:
            pytest.fail("a point has x and y")
