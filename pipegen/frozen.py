"""`@frozen`, a decorator for dataclasses that are frozen and have slots, four times as fast as the standard one.

`@dataclass(frozen=True, slots=True)` compiles six methods for every class, which takes half a millisecond; a process
that renders one definition imports 150 classes and creates objects of half of them. `@frozen` compiles `__init__`, when
it is first needed, and gives all classes the same other methods.

The result is a dataclass to everybody else: `fields`, `replace`, `asdict`, `match`, `help`, `pickle` and type checkers
know it. Subclasses need the same decorator. Fields with `init=False` and `InitVar` are not supported.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields
from operator import attrgetter
from reprlib import recursive_repr
from types import FunctionType
from typing import Any, NoReturn, TypeVar, dataclass_transform, overload

from pipegen.signatures import PlainSignature

T = TypeVar("T")


class _Factory:
    """The default of a parameter whose value is created for each object. Signatures show its `repr`."""

    def __repr__(self) -> str:
        return "<factory>"


_FACTORY = _Factory()


@overload
def frozen(cls: type[T], /) -> type[T]: ...
@overload
def frozen(*, kw_only: bool = False, eq: bool = True) -> Callable[[type[T]], type[T]]: ...
@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: type[Any] | None = None, /, *, kw_only: bool = False, eq: bool = True) -> Any:
    """Create a frozen dataclass with slots. With `eq=False`, objects are compared by identity."""
    if cls is None:
        return lambda cls: _frozen(cls, kw_only, eq)
    return _frozen(cls, kw_only, eq)


def _frozen(cls: type, kw_only: bool, eq: bool) -> Any:
    created: Any = dataclass(init=False, repr=False, eq=False, slots=True, kw_only=kw_only)(cls)
    created.__dataclass_values__ = _values([each.name for each in fields(created) if each.compare])
    methods = _METHODS | _COMPARISON if eq else _METHODS
    for name, method in {**methods, "__init__": _Initializer(created)}.items():
        if vars(cls).get(name) is None:
            setattr(created, name, method)
    if isinstance(own := vars(cls).get("__init__"), FunctionType):
        _sign(own, created)
    return created


def _sign(init: Any, cls: Any) -> None:
    """Let `help()` and editors show plain types."""
    init.__signature__ = PlainSignature(cls, init)


class _Initializer:
    """The `__init__` of a class, compiled when it is first looked up: most classes are imported and never created."""

    def __init__(self, cls: Any) -> None:
        self.cls = cls

    def __get__(self, instance: object, owner: type) -> Any:
        function = _init(self.cls)
        self.cls.__init__ = function
        return function.__get__(instance, owner)


def _init(cls: Any) -> Any:
    """Compile the `__init__` that sets the fields of a class and then calls its `__post_init__`, if there is one."""
    constants: dict[str, Any] = {"_set": object.__setattr__, "_factory": _FACTORY}
    parameters = ["self"]
    body = []
    # Sorting keeps the order of the fields among those that are passed in the same way.
    for each in sorted(fields(cls), key=attrgetter("kw_only")):
        if each.kw_only and "*" not in parameters:
            parameters.append("*")
        default, value = _default(each, constants)
        parameters.append(each.name + default)
        body.append(f"_set(self, {each.name!r}, {value})")
    if hasattr(cls, "__post_init__"):
        body.append("self.__post_init__()")
    function = f"def __init__({', '.join(parameters)}):\n  " + "\n  ".join(body or ["pass"])
    init = _compiled(function, constants, cls.__module__)
    init.__qualname__ = f"{cls.__qualname__}.__init__"
    init.__annotations__ = {each.name: each.type for each in fields(cls)} | {"return": None}
    _sign(init, cls)
    return init


def _default(field: Field[Any], constants: dict[str, Any]) -> tuple[str, str]:
    """The default of a field's parameter and the expression for its value, as source. Adds what they refer to."""
    name, constant = field.name, f"_default_{field.name}"
    if field.default is not MISSING:
        constants[constant] = field.default
        return f"={constant}", name
    if field.default_factory is not MISSING:
        constants[constant] = field.default_factory
        return "=_factory", f"{constant}() if {name} is _factory else {name}"
    return "", name


def _compiled(function: str, constants: dict[str, Any], module: str) -> Any:
    """Compile a function inside another, whose parameters are the constants: globals stay those of the module."""
    created: dict[str, Any] = {}
    scope = vars(sys.modules[module]) if module in sys.modules else {}
    exec(f"def create({', '.join(constants)}):\n {function}\n return __init__", scope, created)
    return created["create"](**constants)


def _values(names: list[str]) -> staticmethod[[Any], Any]:
    """The function that returns the values of these fields."""
    return staticmethod(attrgetter(*names) if names else lambda _: ())


def _eq(self: Any, other: Any) -> Any:
    if other.__class__ is not self.__class__:
        return NotImplemented
    return self.__dataclass_values__(self) == other.__dataclass_values__(other)


def _hash(self: Any) -> int:
    return hash(self.__dataclass_values__(self))


@recursive_repr()
def _repr(self: Any) -> str:
    shown = [f"{each.name}={getattr(self, each.name)!r}" for each in fields(self) if each.repr]
    return f"{self.__class__.__qualname__}({', '.join(shown)})"


def _setattr(self: Any, name: str, value: object) -> NoReturn:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _delattr(self: Any, name: str) -> NoReturn:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _getstate(self: Any) -> list[Any]:
    return [getattr(self, each.name) for each in fields(self)]


def _setstate(self: Any, state: list[Any]) -> None:
    for each, value in zip(fields(self), state, strict=True):
        object.__setattr__(self, each.name, value)


_METHODS = {
    "__repr__": _repr,
    "__setattr__": _setattr,
    "__delattr__": _delattr,
    "__getstate__": _getstate,  # without these, pickle and copy would assign to the fields
    "__setstate__": _setstate,
}
_COMPARISON = {"__eq__": _eq, "__hash__": _hash}
