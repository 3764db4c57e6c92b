"""Texts of which a part is filled in later: by CloudFormation, or by CodePipeline when it runs."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeGuard

FIRST_GAP = 0xD800
"""Gaps are surrogates, which no text that was read has: a regular expression sees a text in which nothing is lost."""
MOST_GAPS = 0x7FF
GAP = "[\ud800-\udfff]"
LATER = "\udfff"
DYNAMIC = re.compile(r"\{\{resolve:[^{}]*\}\}")
VARIABLE = re.compile(r"#\{[^{}]*\}")


def is_known(value: object) -> TypeGuard[str]:
    """Whether a value is a text that nothing replaces later: no expression, no `{{resolve:…}}`, no `#{…}`."""
    return isinstance(value, str) and not DYNAMIC.search(value) and not VARIABLE.search(value)


def with_gaps(text: str) -> str:
    """The text with a gap for each part that is filled in later."""
    return VARIABLE.sub(LATER, DYNAMIC.sub(LATER, text))


def could_match(text: str, matches: Callable[[str], bool]) -> bool:
    """Whether a text with gaps can have a form: with a likely value in each gap, or because each of its characters may
    be in such a text. Where the form has fixed parts, such as that of an ARN, nothing is known before the gaps are
    filled."""
    if not re.search(GAP, text):
        return matches(text)
    if not matches("aaaaaaa"):
        return True
    likely = any(matches(re.sub(GAP, value, text)) for value in _LIKELY)
    return likely or all(matches(f"aaa{letter}aaa") for letter in re.sub(GAP, "", text))


_LIKELY = ("", "a", "1", "a/a", "https://a")
