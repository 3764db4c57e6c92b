"""Make messages of cfn-lint readable: expressions as in definitions, and no long lists."""

from __future__ import annotations

import ast
import re

from pipegen.errors import did_you_mean

_CHOICES = re.compile(r"(?P<value>.+?) is not one of (?P<choices>\[.*?\])(?P<rest>.*)", re.DOTALL)
_FEW = 6
_REF = re.compile(r"\{'Ref': '([\w:]+)'\}")


def readable(message: str) -> tuple[str, str]:
    """Return the message, and a fix if there is one."""
    message = _REF.sub(r"!Ref \1", message).rstrip(".")
    match = _CHOICES.fullmatch(message)
    try:
        choices = ast.literal_eval(match["choices"]) if match is not None else []
    except (SyntaxError, ValueError):
        choices = []
    if match is None or len(choices) <= _FEW:
        return message, ""
    return f"{match['value']} is not one of {len(choices)} values{match['rest']}", _nearest(match["value"], choices)


def _nearest(value: str, choices: list[object]) -> str:
    from difflib import get_close_matches

    by_letters = {str(each).lower(): str(each) for each in choices}
    near = get_close_matches(value.strip("'\"").lower(), by_letters, n=1)
    return did_you_mean(*(by_letters[each] for each in near[:1]))
