"""Values as messages show them."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from typing import Any

from pipegen.errors import LIMIT_NUMBER, one_line, quoted


def is_expression(data: Mapping[str, Any]) -> bool:
    """Whether a mapping is a CloudFormation function: its only key is the name of one."""
    return len(data) == 1 and any(str(key) == "Ref" or str(key).startswith("Fn::") for key in data)


def function_of(data: Any) -> str:
    """The short tag of an expression's function; empty if data is not an expression."""
    form = getattr(data, "data", data)
    name = str(next(iter(form))) if isinstance(form, Mapping) and is_expression(form) else ""
    return tag_of(name) if name else ""


def tag_of(function: str) -> str:
    """The short tag of a function, such as `!Sub` for `Fn::Sub`."""
    return f"!{function.removeprefix('Fn::')}"


def shown(data: Any) -> str:
    """A value as messages quote it."""
    if isinstance(data, int) and abs(data) >= LIMIT_NUMBER:
        return described(data)
    try:
        return quoted(_as_written(data), 60)
    except Exception:  # of a user's class
        return described(data)


def _as_written(data: Any) -> Any:
    """Tuples, as which models store lists, as lists."""
    return [_as_written(item) for item in data] if isinstance(data, tuple) else data


def described(data: Any) -> str:
    """The type of a value, and the value if it is short."""
    if data is None:
        return "nothing"
    if isinstance(data, bool):
        return "true" if data else "false"
    if isinstance(data, int) and abs(data) >= LIMIT_NUMBER:
        return "a number of more than 18 digits"
    if isinstance(data, int | float):
        return f"the number {one_line(data, 60)}"
    if isinstance(data, str):
        return quoted(data, 60)
    if function := function_of(data):
        return one_line(function, 60)
    if isinstance(data, Mapping):
        return "a mapping"
    if isinstance(data, list | tuple):
        return "a list"
    return one_line(_object(data))  # the names of classes may contain any characters


def with_keys(data: Any) -> str:
    """The type of a value, and the keys of a mapping that is not an expression."""
    if not isinstance(data, Mapping) or is_expression(data):
        return described(data)
    return f"a mapping with {one_line(', '.join(map(str, data))) or 'no keys'}"


def _object(data: Any) -> str:
    """Name a Python object that a definition cannot contain."""
    if isinstance(data, bytes):
        return "bytes"
    if isinstance(data, PathLike):
        return "a path"
    if isinstance(data, type):
        return f"the class {data.__name__}"
    if callable(data) and hasattr(data, "__qualname__"):
        return f"the function {data.__name__}"
    of_library = type(data).__module__.split(".")[0] in ("awacs", "troposphere")  # some have the names of our classes
    name = f"troposphere.{type(data).__name__}" if of_library else type(data).__name__
    return f"{'an' if name[:1] in 'AEIOUaeiou' else 'a'} {name}"
