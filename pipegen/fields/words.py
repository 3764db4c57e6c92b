"""Values and places in the words of messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipegen.errors import LIMIT_NUMBER, one_line


def is_expression(data: Mapping[str, Any]) -> bool:
    """Whether a mapping is a CloudFormation function: its one key says so."""
    return len(data) == 1 and any(str(key) == "Ref" or str(key).startswith("Fn::") for key in data)


def function_of(data: Any) -> str:
    """The function of an expression, if data is one."""
    form = getattr(data, "data", data)
    name = str(next(iter(form))) if isinstance(form, Mapping) and is_expression(form) else ""
    return f"!{name.removeprefix('Fn::')}" if name else ""


def shown(data: Any) -> str:
    """A value as a sentence shows it."""
    if isinstance(data, int) and abs(data) >= LIMIT_NUMBER:
        return found(data)
    try:
        return one_line(repr(_as_written(data)), 60)
    except Exception:  # of a class of the user's
        return found(data)


def _as_written(data: Any) -> Any:
    """Lists, which the model keeps as tuples, as lists again."""
    return [_as_written(item) for item in data] if isinstance(data, tuple) else data


def found(data: Any) -> str:
    """What was found in place of something else."""
    if data is None:
        return "nothing"
    if isinstance(data, bool):
        return "true" if data else "false"
    if isinstance(data, int) and abs(data) >= LIMIT_NUMBER:
        return "a number of more than 18 digits"
    if isinstance(data, int | float):
        return f"the number {one_line(data, 60)}"
    if isinstance(data, str):
        return f"the text {one_line(repr(data), 60)}"
    if function := function_of(data):
        return f"the expression {one_line(function, 60)}"
    if isinstance(data, Mapping):
        return "a mapping"
    if isinstance(data, list | tuple):
        return "a list"
    # A class of the user's may say anything about itself.
    of_library = type(data).__module__.split(".")[0] in ("awacs", "troposphere")  # with classes called like ours
    name = f"troposphere.{type(data).__name__}" if of_library else type(data).__name__
    return one_line(f"{'an' if name[:1] in 'AEIOU' else 'a'} {name}")
