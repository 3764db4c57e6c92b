"""Gaps: parts of texts that CloudFormation fills in at deployment, or CodePipeline during an execution."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeGuard

FIRST_GAP = 0xD800
"""Gaps are surrogates, which texts from files cannot contain, so that regular expressions can match texts
with gaps."""
LIMIT_GAPS = 0x7FF
GAP = "[\ud800-\udfff]"
LATER = "\udfff"
DYNAMIC = re.compile(r"\{\{resolve:[^{}]*\}\}")
VARIABLE = re.compile(r"#\{[^{}]*\}")


def is_known(value: object) -> TypeGuard[str]:
    """Whether a value is a string without gaps: neither an expression, nor with `{{resolve:…}}` or `#{…}` in it."""
    return isinstance(value, str) and not DYNAMIC.search(value) and not VARIABLE.search(value)


def with_gaps(text: str) -> str:
    """The text with a gap in place of each `{{resolve:…}}` and `#{…}`."""
    return VARIABLE.sub(LATER, DYNAMIC.sub(LATER, text))


def could_match(text: str, matches: Callable[[str], bool]) -> bool:
    """Whether a text with gaps can match: with a typical value in each gap, or because matching texts may contain each
    of its characters. For forms with fixed parts, such as ARNs, the answer is always yes."""
    if not re.search(GAP, text):
        return matches(text)
    if not matches("aaaaaaa"):
        return True
    with_typical_values = any(matches(re.sub(GAP, value, text)) for value in _TYPICAL)
    return with_typical_values or all(matches(f"aaa{letter}aaa") for letter in re.sub(GAP, "", text))


_TYPICAL = ("", "a", "1", "a/a", "https://a")
