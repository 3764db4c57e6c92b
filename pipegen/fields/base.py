"""The contract of a type, and what is passed along while values are read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from pipegen.errors import Path, Problem, last_of
from pipegen.fields.words import found, function_of, shown

Json = dict[str, Any]

UnknownKey = Callable[[Path, Any], Problem]
"""Says what is wrong with the key at the end of a path; the other argument is the mapping that has it."""
Advice = Callable[[Path, str, Any], str]
"""How to write what a path leads to, from what was expected and what was found."""
Possible = Callable[[Any], Iterable[Any]]
"""The values that a value may have, which must meet the constraints of its field."""

INVALID: Any = type("Invalid", (), {"__repr__": lambda self: "INVALID"})()
"""Stands for a value that could not be read; a problem says why."""

_SCRIPTS = {"after", "before", "commands"}
"""Fields with commands."""
_INSTEAD_OF_EXPRESSION = {
    "a mapping": "give the mapping itself; what is in it may be an expression",
    "a list": "write a list; if its items may be expressions, such as [!Select [0, …], !Select [1, …]]",
    **dict.fromkeys(
        ("a number", "a whole number", "text", "true or false"),
        "give the value itself: the field takes no expressions",
    ),
}


_COMMENT = "put a text that begins with # or & in quotes"
"""What YAML may have taken for nothing."""


def unknown_key(path: Path, _holder: Any) -> Problem:
    """Says no more than that it is unknown."""
    return Problem("unknown-key", path, f"unknown key {last_of(path)}")


def nothing(_value: Any) -> Iterable[Any]:
    return ()


def no_advice(_path: Path, _expected: str, _data: Any) -> str:
    return ""


@dataclass(slots=True)
class Reading:
    """One reading of data, or one check of objects.

    is_python: whether objects of models are expected, and no mappings in their place.
    possible: none where only types are looked at. declared: parameters and mappings, in the form of a template, where
    what values refer to is looked at too.
    """

    is_python: bool = False
    possible: Possible = nothing
    declared: Mapping[str, Any] | None = None
    unknown: UnknownKey = unknown_key
    advice: Advice = no_advice
    problems: list[Problem] = field(default_factory=list)
    references: list[Any] = field(default_factory=list)
    """What was found that refers to something."""

    def add(self, code: str, path: Path, text: str, fix: str = "") -> Any:
        """Reports a problem; returns INVALID."""
        self.problems.append(Problem(code, path, text, fix))
        return INVALID

    def wrong_type(self, path: Path, expected: str, data: Any, fix: str = "") -> Any:
        fix = fix or self.advice(path, expected, data)
        if not fix and (function := function_of(data)):
            fix = _INSTEAD_OF_EXPRESSION.get(expected, "")
            if expected == "text" and not _SCRIPTS.isdisjoint(path):
                fix = f"commands take no expressions: give the build environment: {{NAME: {function} …}}, and use $NAME"
        if not fix and data is None and "text" in expected.split(" or "):
            fix = _COMMENT
        if not fix and "text" in expected.split(" or ") and type(data) in (int, float, bool):
            fix = "put it in quotes if text is meant"
        return self.add("wrong-type", path, f"{last_of(path)}: expected {expected}, got {found(data)}", fix)

    def wrong_value(self, path: Path, data: Any, expected: str) -> Any:
        return self.add(
            "wrong-value", path, f"{last_of(path)} is {function_of(data) or shown(data)}", f"expected {expected}"
        )

    def unreadable(self, path: Path, fault: str, data: Any) -> Any:
        """Of a value whose own reader says what is wrong."""
        fix = self.advice(path, fault, data) or (_COMMENT if data is None else "")
        return self.add("wrong-type", path, f"{last_of(path)}: {fault}", fix)


class Schemas(Protocol):
    """Where the schemas of models are collected, each under its name."""

    def reference(self, model: type, describe: Callable[[], Json]) -> Json: ...


class Type(Protocol):
    """What a field takes.

    expected: what a message says was expected.
    """

    @property
    def expected(self) -> str: ...

    def fits(self, data: Any, /) -> bool:
        """Whether data is meant to be of this type, right in itself or not."""
        ...

    def read(self, data: Any, path: Path, reading: Reading, /) -> Any:
        """The value, or INVALID after a problem was reported."""
        ...

    def schema(self, schemas: Schemas, /) -> Json:
        """Its JSON Schema."""
        ...


class Marker(Protocol):
    """In an `Annotated`, says how a field is read where its plain type does not."""

    def type_of(self, resolve: Callable[[Any], Type], plain: Any) -> Type:
        """The type; `resolve` makes one of an annotation, `plain` is the one that is annotated."""
        ...


def alternatives(*schemas: Json) -> Json:
    """The schema of what one of several describes."""
    flat = [part for each in schemas for part in (each["anyOf"] if each.keys() == {"anyOf"} else [each])]
    return {"anyOf": [each for index, each in enumerate(flat) if each not in flat[:index]]}


def mapping(data: Any) -> Mapping[str, Any]:
    """The data, or nothing where it is not a mapping."""
    return data if isinstance(data, Mapping) else {}
