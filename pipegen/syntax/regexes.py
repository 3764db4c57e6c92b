"""Java regular expressions: whether a string is valid, and whether it looks like one.
https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/util/regex/Pattern.html"""

from __future__ import annotations

import re

_JAVA_ONLY = re.compile(r"\\[pP](?:\{[^}]*\}|[A-Z])|\\[hHvVRXGzZ]|\\k<\w+>|\(\?[a-zA-Z-]+\)|&&")
"""Syntax that Java supports, but not all supported Python versions."""
_CERTAIN = re.compile(
    r"unterminated character set|unterminated subpattern|unbalanced parenthesis|nothing to repeat|multiple repeat"
    r"|bad character range|bad escape \(end of pattern\)"
)
"""Python's messages about faults that Java reports too."""


def fault(text: str) -> str:
    """The fault of an invalid regular expression; empty if it is valid, or if only Java can tell."""
    if r"\Q" in text:
        return ""
    if match := re.search(r"\(\?P[<=>]\w*", text):
        return f"{match[0]} is Python's spelling; Java's is (?<name>…)"
    try:
        re.compile(re.sub(r"\(\?<(?=[A-Za-z])", "(?P<", _JAVA_ONLY.sub("x", text)))
    except re.error as error:
        return error.msg if _CERTAIN.search(error.msg) else ""
    except (OverflowError, RecursionError):
        return ""
    return ""


def has_anchor(text: str) -> bool:
    """Whether a string begins with ^ or ends with $."""
    return len(text) > 1 and (text.startswith("^") or re.search(r"(?<!\\)\$$", text) is not None)


def looks_like_regex(text: str) -> bool:
    """Whether a string contains syntax that is typical of regular expressions."""
    return bool(has_anchor(text) or re.search(r"\.[*+]|\\[dDsSwWb.]|\[[^\]]+\][*+?{]|\(\?|\w\|\w", text))


def finds(expression: str, text: str) -> bool | None:
    """Whether an expression is found in a string; None if only Java can tell."""
    if _JAVA_ONLY.search(expression) or r"\Q" in expression:
        return None
    try:
        return re.search(re.sub(r"\(\?<(?=[A-Za-z])", "(?P<", expression), text) is not None
    except re.error:
        return None
