"""cfn-lint's messages: with expressions as definitions write them, and without the long lists in some of them."""

from __future__ import annotations

import ast
import re

_CHOICES = re.compile(r"(?P<value>.+?) is not one of (?P<choices>\[.*?\])(?P<rest>.*)", re.DOTALL)
_FEW = 6
_REF = re.compile(r"\{'Ref': '([\w:]+)'\}")


def readable(message: str) -> tuple[str, str]:
    """The message, and how to mend what it is about, where that shows."""
    message = _REF.sub(r"!Ref \1", message).rstrip(".")
    found = _CHOICES.fullmatch(message)
    try:
        choices = ast.literal_eval(found["choices"]) if found is not None else []
    except (SyntaxError, ValueError):
        choices = []
    if found is None or len(choices) <= _FEW:
        return message, ""
    return f"{found['value']} is not one of {len(choices)} values{found['rest']}", _nearest(found["value"], choices)


def _nearest(value: str, choices: list[object]) -> str:
    from difflib import get_close_matches

    by_letters = {str(each).lower(): str(each) for each in choices}
    near = get_close_matches(value.strip("'\"").lower(), by_letters, n=1)
    return f"did you mean {by_letters[near[0]]}?" if near else ""
