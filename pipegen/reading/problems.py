"""What pydantic finds wrong, in words."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import is_dataclass, replace
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from pipegen.errors import LIMIT_NUMBER, Path, Problem, one_line, spell
from pipegen.model import alternatives, is_expression

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

UnknownKey = Callable[[Path, Any], Problem]
"""Says what is wrong with the key at the end of a path; the other argument is the mapping that has it."""
Advice = Callable[[Path, str, Any], str]
"""How to write what a path leads to, from what was expected and what was found."""


def problems_of(
    errors: Iterable[ErrorDetails],
    data: Any,
    unknown: UnknownKey | None = None,
    advice: Advice = lambda _path, _expected, _data: "",
) -> list[Problem]:
    """Pydantic's errors in `data` as problems, those of the members of a union as one."""
    problems: list[Problem] = []
    for problem in (_problem(error, data, unknown, advice) for error in errors):
        before = problems[-1] if problems else None
        if problem == before:
            continue  # an expression in place of a mapping lacks each of its keys
        if before is not None and before.code == problem.code == "wrong-type" and before.path == problem.path:
            problems[-1] = _either(before, problem)  # each member of a union has said what it expects
        else:
            problems.append(problem)
    return problems


def _either(one: Problem, other: Problem) -> Problem:
    expected = other.text.partition("expected ")[2].partition(",")[0]
    return replace(one, text=one.text.replace(", got", f" or {expected}, got", 1))


def _problem(error: ErrorDetails, data: Any, unknown: UnknownKey | None, advice: Advice) -> Problem:
    path, holder = _followed(error["loc"], data)
    if error["type"] in _KEYS and _function(error["input"]):  # in place of the mapping that the field takes
        return _wrong_type(path[:-1] if error["type"] == "missing" else path, "a mapping", error["input"], advice)
    if _function(holder) and path and path[-1] in holder:
        return _wrong_type(path[:-1], "a mapping", holder, advice)
    last = last_of(path)
    others = _alternatives(error["loc"]) if is_dataclass(data) else ""  # in a file they are written as mappings
    match error["type"]:
        case "unexpected_keyword_argument":
            return unknown(path, holder) if unknown else Problem("unknown-key", path, f"unknown key {last}")
        case "missing" | "union_tag_not_found":
            kind = error["type"] == "union_tag_not_found"
            return _missing("kind", path) if kind else _missing(str(error["loc"][-1]), path[:-1])
        case "union_tag_invalid":
            return _missing("kind", path) if error.get("ctx", {}).get("tag") == "None" else _unknown_kind(path, error)
        case "value":
            text = error["msg"].replace(", got", f"{others}, got", 1)
            return Problem("wrong-type", path, f"{last}: {text}", advice(path, error["msg"], error["input"]))
        case "literal_error":
            expected = str(error["ctx"]["expected"]) if "ctx" in error else ""
            text = f"{last} is {_function(error['input']) or _shown(error['input'])}"
            return Problem("wrong-value", path, text, f"expected {expected}")
        case _:
            return _wrong_type(path, _expected(error, others), error["input"], advice)


_KEYS = ("missing", "union_tag_not_found", "union_tag_invalid")
"""Errors about keys that a mapping should have."""


def _alternatives(location: Sequence[str | int]) -> str:
    """What else Python can give where a location ends in the tags of unions."""
    trailing = takewhile(bool, map(alternatives, reversed(location)))
    return "".join(f" or {name}(...)" for names in trailing for name in names)


def _wrong_type(path: Path, expected: str, data: Any, advice: Advice) -> Problem:
    fix = advice(path, expected, data)
    if not fix and (function := _function(data)):
        fix = _INSTEAD_OF_EXPRESSION.get(expected, "")
        if expected == "text" and not _SCRIPTS.isdisjoint(path):
            fix = f"commands take no expressions: give the build environment: {{NAME: {function} …}}, and use $NAME"
    if not fix and expected == "text" and type(data) in (int, float, bool):
        fix = "put it in quotes if text is meant"
    return Problem("wrong-type", path, f"{last_of(path)}: expected {expected}, got {got(data)}", fix)


_INSTEAD_OF_EXPRESSION = {
    "a mapping": "give the mapping itself; what is in it may be an expression",
    "a list": "write a list; if its items may be expressions, such as [!Select [0, …], !Select [1, …]]",
    **dict.fromkeys(
        ("a number", "a whole number", "text", "true or false"),
        "give the value itself: the field takes no expressions",
    ),
}


_SCRIPTS = {"after", "before", "commands"}


def _function(data: Any) -> str:
    """The function of an expression, if data is one."""
    form = getattr(data, "data", data)
    name = str(next(iter(form))) if isinstance(form, Mapping) and is_expression(form) else ""
    return f"!{name.removeprefix('Fn::')}" if name else ""


def _shown(data: Any) -> str:
    return got(data) if isinstance(data, int) and abs(data) >= LIMIT_NUMBER else one_line(repr(data), 60)


def last_of(path: Path) -> str:
    """How the last part of a path is called in a sentence."""
    named = next((index for index in reversed(range(len(path))) if isinstance(path[index], str)), None)
    return spell(path[named:]) if named is not None else "the definition"


def _missing(key: str, path: Path) -> Problem:
    return Problem("missing-key", path, f"{key} is missing", f"add {key}:")


def _followed(location: Sequence[str | int], data: Any) -> tuple[Path, Any]:
    """Pydantic's location without the names of union members that it puts in between, and what holds the last part."""
    path: list[str | int] = []
    here, holder = data, data
    for index, part in enumerate(location):
        is_last = index == len(location) - 1
        of_item = index > 0 and isinstance(location[index - 1], int)
        if part == _mapping(here).get("kind") and (of_item or (is_last and part not in here)):
            continue  # the kind of a member of a union, which may be called like one of its keys
        if _has(here, part):
            holder, here = here, _inside(here, part)
        elif is_last and isinstance(here, Mapping) and not str(part).startswith(("[", "<")):
            holder = here  # a key that is missing
        else:
            continue
        path.append(part)
    return tuple(path), holder


def _has(data: Any, part: str | int) -> bool:
    if isinstance(part, int):
        return isinstance(data, list | tuple) and part < len(data)
    return part in data if isinstance(data, Mapping) else is_dataclass(data) and hasattr(data, part)


def _inside(data: Any, part: str | int) -> Any:
    return getattr(data, str(part)) if is_dataclass(data) else data[part]


def _unknown_kind(path: Path, error: ErrorDetails) -> Problem:
    from pipegen import actions, rules

    named: dict[str, Iterable[str]] = {"actions": actions.KINDS, "rules": rules.KINDS}
    holder = next((part for part in reversed(path) if isinstance(part, str)), "")
    noun = holder.removesuffix("s") if holder in named else holder
    # Of actions and rules only those kinds are tried that are used; of all other unions the error knows the members.
    kinds = tuple(named.get(holder) or re.findall(r"'([^']+)'", str(error.get("ctx", {}).get("expected_tags", ""))))
    kinds = tuple(kind for kind in kinds if not alternatives(kind))
    said = str(error.get("ctx", {}).get("tag", ""))
    near = difflib.get_close_matches(said, kinds, n=1)
    fix = f"did you mean {near[0]}?" if near else f"there are {', '.join(kinds)}"
    return Problem("unknown-kind", (*path, "kind"), f"no {noun} kind {one_line(repr(said), 60)}", fix)


_EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "finite_number": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "list_type": "a list",
    "is_instance_of": "a list",
    "sequence_str": "a list",
    "string_unicode": "text",
    "dict_type": "a mapping",
    "mapping_type": "a mapping",
    "dataclass_type": "a mapping",
    "string_too_short": "text",
}


def _expected(error: ErrorDetails, others: str) -> str:
    """others: the alternatives in Python, each after an "or"."""
    name = error.get("ctx", {}).get("class_name")
    if error["type"] == "dataclass_exact_type":  # only in Python, where it is not written as a mapping
        return f"{name}(...){others}"
    if error["type"] == "dataclass_type" and others and not name:  # of no kind of a union
        return others.removeprefix(" or ")
    return f"{_EXPECTED.get(error['type'], one_line(error['msg']))}{others}"


def got(data: Any) -> str:
    """What was found, in words."""
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
    if function := _function(data):
        return f"the expression {one_line(function, 60)}"
    if isinstance(data, Mapping):
        return "a mapping"
    if isinstance(data, list | tuple):
        return "a list"
    name = type(data).__name__
    return one_line(f"{'an' if name[:1] in 'AEIOU' else 'a'} {name}")


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
