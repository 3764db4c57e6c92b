"""Fixes for values of the wrong type, from the schema of the location and the value."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from pipegen.errors import Path, one_line
from pipegen.fields.words import is_expression

_MANY_KEYS = 8
_PLAIN = re.compile(r"[A-Za-z_./](?:[\w ./@=+~-]|:(?=\S))*")
"""Strings that do not need quotes in a YAML flow sequence, except for `_KEYWORDS`."""
_KEYWORDS = {"true", "false", "yes", "no", "on", "off", "y", "n", "null"}
_WORDS = {"yes": "true", "on": "true", "no": "false", "off": "false"}


def advice(path: Path, expected: str, data: Any, model: type | None = None) -> str:
    """The fix for a value at a path of a definition or another model; empty if unknown."""
    if "a string" in expected and isinstance(data, Mapping):
        return _quoted(data, only_text=expected == "a string")
    if "a list" in expected:
        return _as_list(_keys((*path, 0), model), data)
    if expected == "a mapping":
        return _as_mapping(path, data, model)
    if isinstance(data, str):
        return _unquoted(expected, data)
    return ""


def _quoted(data: Mapping[str, Any], only_text: bool) -> str:
    """The fix for an unquoted string with a colon, which YAML reads as a mapping: `- npm test: ok`."""
    if len(data) != 1 or is_expression(data):
        return ""
    [(key, value)] = data.items()
    if isinstance(value, Mapping | list) or not (" " in key or only_text):
        return ""
    text = f"{key}: {'' if value is None else value}".strip()
    quote = "'" if '"' in text else '"'
    return f"the ': ' makes a mapping of it: put the text in quotes: {quote}{one_line(text, 80)}{quote}"


def _as_list(keys: Sequence[str], data: Any) -> str:
    if isinstance(data, Mapping) and not is_expression(data):
        return "write '- ' before each item" if keys else "write a list: [one, two]"
    if isinstance(data, str | int | float) and not isinstance(data, bool):
        if keys:
            return f"write a list of mappings, such as - {keys[0]}: {_as_item(data, 40)}"
        return f"write [{_as_item(data, 60)}]"
    return ""


def _as_item(data: str | float, limit: int) -> str:
    """A scalar as an item of a YAML list, in quotes if necessary."""
    text = one_line(data, limit)
    if not isinstance(data, str) or (_PLAIN.fullmatch(text) and text.lower() not in _KEYWORDS):
        return text
    quote = "'" if '"' in text or "\\" in text else '"'
    return f"{quote}{text}{quote}"


def _as_mapping(path: Path, data: Any, model: type | None) -> str:
    keys = _keys(path, model)
    if data is None:
        return "indent what belongs to it below it"
    if isinstance(data, str) and model is None and (kind := _kind(data, path)):
        return f"write {{kind: {kind}}}"
    if keys:
        listed = ", ".join(keys[:_MANY_KEYS]) + (", …" if len(keys) > _MANY_KEYS else "")
        said = "write its keys without '- ':" if isinstance(data, list) else "it has the keys"
        return f"{said} {listed}"
    return "write NAME: before each instead of '- '" if isinstance(data, list) else "write NAME: before its value"


def _kind(data: str, path: Path) -> str:
    """The kind of the models at a path that a text is, or is a misspelling of."""
    kinds = _kinds(path)
    return data if data in kinds else next(iter(difflib.get_close_matches(data, kinds, n=1)), "")


def _kinds(path: Path) -> Mapping[str, Any]:
    from pipegen.loading.schemas.schema import kinds_at

    return kinds_at(path)


def _keys(path: Path, model: type | None) -> list[str]:
    """The keys at a path; empty if the path allows an expression."""
    from pipegen.loading.schemas.schema import keys_at, schema_of

    keys = keys_at(path, None, None if model is None else schema_of(model))
    return [] if "Ref" in keys else keys


def _unquoted(expected: str, data: str) -> str:
    if expected == "true or false":
        word = _WORDS.get(data.lower(), data.lower())
        return f"write {word}" if word in ("true", "false") else ""
    if expected in ("an integer", "a number") and data.strip().lstrip("-").replace(".", "", 1).isdecimal():
        return "write it without quotes"
    return ""
