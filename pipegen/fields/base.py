"""The interface of field types, and the state of reading values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from pipegen.errors import Path, Problem, last_of, quoted
from pipegen.fields.gaps import GAP
from pipegen.fields.words import described, function_of, shown

Json = dict[str, Any]

UnknownKey = Callable[[Path, Any], Problem]
"""Returns the problem with the key at the end of a path. The second argument is the mapping that contains the key."""
Advice = Callable[[Path, str, Any], str]
"""Returns the fix for the value at a path, from what was expected and the value that was found."""
Possible = Callable[[Any], Iterable[Any]]
"""Returns the possible values of a value, which must meet the constraints of its field."""

INVALID: Any = type("Invalid", (), {"__repr__": lambda self: "INVALID"})()
"""The result of reading an invalid value, after its problem was reported."""

_COMMANDS = {"after", "before", "commands"}
"""Fields that contain commands."""
_INSTEAD_OF_EXPRESSION = {
    "a mapping": "write the mapping itself; its values may be expressions",
    "a list": "write a list; if its items may be expressions, such as [!Select [0, …], !Select [1, …]]",
    **dict.fromkeys(
        ("a number", "an integer", "a string", "true or false"),
        "write the value itself; the field does not support expressions",
    ),
}


class Unreadable(ValueError):
    """A value does not have the form that is required.

    text: what is wrong, which follows the name of the field; or if function is set, that of the function in the field.
    """

    def __init__(self, text: str, fix: str = "", function: str = "") -> None:
        super().__init__(f"{function} {text}" if function else text)
        self.text, self.fix, self.function = text, fix, function

    def about(self, field: str) -> str:
        """Return what is wrong with a field."""
        return f"{self.function} in {field} {self.text}" if self.function else f"{field} {self.text}"


def unknown_key(path: Path, _holder: Any) -> Problem:
    """Report an unknown key without a fix."""
    return Problem("unknown-key", path, f"unknown key {quoted(path[-1])}")


def no_values(_value: Any) -> Iterable[Any]:
    return ()


def no_advice(_path: Path, _expected: str, _data: Any) -> str:
    return ""


@dataclass(slots=True)
class Reading:
    """The state of reading data, or of checking objects.

    is_python: whether models must be objects; in files they are mappings.
    possible: returns the possible values of a value; none if only types are checked.
    declared: the parameters and mappings of the template, if references to them are checked too.
    resolves: whether expressions with a single possible number are replaced by it.
    """

    is_python: bool = False
    possible: Possible = no_values
    declared: Mapping[str, Any] | None = None
    resolves: bool = False
    unknown: UnknownKey = unknown_key
    advice: Advice = no_advice
    problems: list[Problem] = field(default_factory=list)
    references: list[Any] = field(default_factory=list)
    """The references that were found."""
    expressions: list[Path] = field(default_factory=list)
    """The paths of expressions whose values must meet constraints or be numbers."""
    parameters: list[tuple[str, str]] = field(default_factory=list)
    """The names that expressions refer to, each with what the field expects, such as a list."""

    def resolved(self, value: Any) -> Any:
        """Return the only possible text of an expression if the values of parameters are known, else the expression."""
        texts = {*self.possible(value)} if self.resolves else ()
        [text] = texts if len(texts) == 1 else [value]
        return value if isinstance(text, str) and re.search(GAP, text) else text

    def add(self, code: str, path: Path, text: str, fix: str = "") -> Any:
        """Report a problem and return INVALID."""
        self.problems.append(Problem(code, path, text, fix))
        return INVALID

    def wrong_type(self, path: Path, expected: str, data: Any, fix: str = "") -> Any:
        fix = fix or self.advice(path, expected, data)
        if data is None and not self.is_python:
            return self.missing(path, expected, fix)
        if not fix and (function := function_of(data)):
            fix = _INSTEAD_OF_EXPRESSION.get(expected, "")
            if expected == "a string" and not _COMMANDS.isdisjoint(path):
                fix = f"commands do not support expressions: set environment: {{NAME: {function} …}}, and use $NAME"
        if not fix and "a string" in expected.split(" or ") and type(data) in (int, float, bool):
            fix = "put it in quotes to write a string"
        return self.add("wrong-type", path, f"{last_of(path)} must be {expected}, got {described(data)}", fix)

    def missing(self, path: Path, expected: str, fix: str = "") -> Any:
        """Report a key or an item without a value. YAML reads what follows # or & as a comment or an anchor."""
        if not fix:
            fix = "write it, in quotes if it begins with # or &" if "a string" in expected else f"write {expected}"
        return self.add("wrong-type", path, f"the value of {last_of(path)} is missing", fix)

    def wrong_value(self, path: Path, data: Any, expected: str, fix: str = "") -> Any:
        if data is None and not self.is_python:
            return self.missing(path, expected, fix)
        text = f"{last_of(path)} must be {expected}, got {function_of(data) or shown(data)}"
        return self.add("wrong-value", path, text, fix)

    def unreadable(self, path: Path, fault: Unreadable, data: Any) -> Any:
        """Report a value that does not have the form that its field requires."""
        fix = fault.fix or self.advice(path, str(fault), data)
        if data is None and not self.is_python:
            return self.missing(path, "a string" if "a string" in str(fault) else "a value", fix)
        return self.add("wrong-type", path, fault.about(last_of(path)), fix)


class Schemas(Protocol):
    """Collects the schemas of models by name."""

    def reference(self, model: type, describe: Callable[[], Json]) -> Json: ...


class Type(Protocol):
    """The type of a field.

    expected: its name in messages.
    """

    @property
    def expected(self) -> str: ...

    def fits(self, data: Any, /) -> bool:
        """Whether data is intended to be of this type, valid or not."""
        ...

    def read(self, data: Any, path: Path, reading: Reading, /) -> Any:
        """Return the value; if it is invalid, report a problem and return INVALID."""
        ...

    def schema(self, schemas: Schemas, /) -> Json:
        """Return the JSON Schema."""
        ...


class Marker(Protocol):
    """Metadata in an `Annotated` that determines or refines the type of a field."""

    def type_of(self, resolve: Callable[[Any], Type], plain: Any) -> Type:
        """Return the type. resolve: returns the type of an annotation. plain: the annotated type."""
        ...


def alternatives(*schemas: Json) -> Json:
    """The schema of data that one of several schemas describes."""
    flat = [part for each in schemas for part in (each["anyOf"] if each.keys() == {"anyOf"} else [each])]
    return {"anyOf": [each for index, each in enumerate(flat) if each not in flat[:index]]}


def mapping(data: Any) -> Mapping[str, Any]:
    """The data if it is a mapping, else an empty one."""
    return data if isinstance(data, Mapping) else {}
