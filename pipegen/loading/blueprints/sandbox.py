"""The environment of expressions: Jinja's sandbox with StrictUndefined and limits on all results.
https://jinja.palletsprojects.com/en/stable/sandbox/"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from jinja2 import StrictUndefined, Undefined, pass_context
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from pipegen.errors import one_line

LIMIT_TEXT = 1_000_000
"""The maximum number of characters in a result, as in the file of a definition."""
LIMIT_VALUES = 20_000
"""The maximum number of values inside a list or mapping; repeated values count each time."""
LIMIT_COMPARED = 1_000
"""The same for lists and mappings that are compared or sorted."""
LIMIT_ROUNDS = 10_000
"""The maximum number of iterations of all loops in a file; inner loops count each time."""

OMIT: Any = type("Omit", (), {"__slots__": (), "__repr__": lambda _: "omit"})()
"""The value of `omit`, which removes the key or item that has it."""

_LOOP = frozenset({"index", "index0", "first", "last", "length"})

# fmt: off
FILTERS = (
    "capitalize", "default", "dictsort", "first", "int", "items", "join", "last", "length", "list", "lower", "replace",
    "sort", "string", "title", "tojson", "trim", "unique", "upper",
)
TESTS = (
    "boolean", "defined", "eq", "equalto", "even", "false", "float", "ge", "gt", "in", "integer", "le", "lt", "mapping",
    "ne", "none", "number", "odd", "sequence", "string", "true", "undefined",
)
# fmt: on


class ExpressionFailed(Exception):
    """An expression is invalid or has no value. line: its line in a file, as far as it is known."""

    def __init__(self, text: str, fix: str = "", line: int = 1) -> None:
        super().__init__(f"{text}; {fix}" if fix else text)
        self.text = text
        self.fix = fix
        self.line = line


def plain(value: Any, seen: list[int]) -> Any:
    """Convert a value to data, without keys and items that are `omit`. Raises ExpressionFailed for undefined values."""
    seen[0] += 1
    if seen[0] > LIMIT_VALUES:
        raise ExpressionFailed("has too many values within it")
    defined(value)
    if isinstance(value, Mapping):
        kept = {_key(key): each for key, each in value.items() if each is not OMIT}
        return {key: plain(each, seen) for key, each in kept.items()}
    if isinstance(value, list | tuple | Iterator):
        return [plain(each, seen) for each in value if each is not OMIT]
    if isinstance(value, float) and not math.isfinite(value):
        raise ExpressionFailed("is not a finite number")
    return value


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise ExpressionFailed("makes a mapping with a key that is not text")
    return key


def defined(value: Any) -> Any:
    if isinstance(value, Undefined):
        str(value)  # raises an error with the name
    return value


def _compared(value: Any) -> Any:
    """Return a value that is about to be compared. Raises ExpressionFailed if comparing it could be slow."""
    if isinstance(value, Mapping | list | tuple):
        seen = [LIMIT_VALUES - LIMIT_COMPARED]
        plain(value, seen)
    return value


class _Environment(ImmutableSandboxedEnvironment):
    """An environment in which expressions can access only keys of mappings and items of lists."""

    intercepted_binops = frozenset(["+", "-", "*", "//", "%"])

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, LoopContext) and attribute in _LOOP:
            return getattr(obj, attribute)
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        defined(obj)
        if isinstance(obj, Mapping) and isinstance(argument, str) and argument in obj:
            return obj[argument]
        if isinstance(obj, list | tuple) and type(argument) is int and -len(obj) <= argument < len(obj):
            return obj[argument]
        return self.undefined(f"there is no {one_line(argument, 60)} in {one_line(_kind(obj), 60)}")

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if _is_number(left) and _is_number(right):
            return super().call_binop(context, operator, left, right)
        if operator == "+" and isinstance(left, list | tuple) and isinstance(right, list | tuple):
            _bound(len(left) + len(right), LIMIT_ROUNDS)
            return [*left, *right]
        defined(left)
        defined(right)
        raise SecurityError(f"{operator} is for numbers{', and for lists' * (operator == '+')}; ~ joins texts")

    def is_safe_callable(self, obj: Any) -> bool:
        return getattr(obj, "pipegen_file", False) is True


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e18


def _kind(value: Any) -> str:
    if isinstance(value, int | float):
        return f"the value {shown(value)}"
    known: dict[type, str] = {dict: "the mapping", list: "the list", str: "the text"}
    return known.get(type(value), str(type(value).__name__))


def shown(value: Any) -> str:
    """A value as part of a text."""
    defined(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    what = "nothing" if value is None else "omit" if value is OMIT else _kind(value)
    raise ExpressionFailed(f"{what} cannot be part of a text", "write the expression without text around it")


def _joined(values: Iterable[Any], separator: str = "") -> str:
    texts = [shown(value) for value in _items(values)]
    _bound(sum(map(len, texts)) + len(texts) * len(separator), LIMIT_TEXT)
    return separator.join(texts)


def _items(values: Any) -> Iterable[Any]:
    defined(values)
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise ExpressionFailed(f"{_kind(values)} is not a list")
    return values


def _replace(text: str, old: str, new: str) -> str:
    _bound(len(shown(text)) + text.count(old) * len(new), LIMIT_TEXT)
    return text.replace(old, new)


def _json(value: Any, indent: int | None = None) -> str:
    parts, length = [], 0
    for part in json.JSONEncoder(ensure_ascii=False, indent=min(indent or 0, 8) or None).iterencode(value):
        length += len(part)
        _bound(length, LIMIT_TEXT)
        parts.append(part)
    return "".join(parts)


def _bound(size: int, limit: int) -> None:
    if size > limit:
        raise ExpressionFailed(f"makes more than {limit:,}")


@pass_context
def _bounded(context: Context, values: Any) -> Iterator[Any]:
    rounds = context["_rounds"]
    for value in list(_items(values)):
        rounds[0] += 1
        if rounds[0] > LIMIT_ROUNDS:
            raise ExpressionFailed(f"loops more than {LIMIT_ROUNDS:,} times")
        yield value


@cache
def environment() -> ImmutableSandboxedEnvironment:
    created = _Environment(
        undefined=StrictUndefined,
        finalize=shown,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # data and scripts, not HTML
    )
    created.globals = {"omit": OMIT}
    created.filters = {name: created.filters[name] for name in FILTERS}
    created.filters |= {"join": _joined, "replace": _replace, "tojson": _json, "string": shown}
    created.filters |= {"_bounded": _bounded, "_compared": _compared}
    created.tests = {name: created.tests[name] for name in TESTS}
    return created
