"""Regular expressions as Java reads them: whether a text is one, and whether it looks like one.
https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/util/regex/Pattern.html"""

from __future__ import annotations

import re

_OTHERWISE_SPELLED = re.compile(r"\\[pP](?:\{[^}]*\}|[A-Z])|\\[hHvVRXGzZ]|\\k<\w+>|\(\?[a-zA-Z-]+\)|&&")
"""What Java has and Python's module does not, or not everywhere."""
_CERTAIN = re.compile(
    r"unterminated character set|unterminated subpattern|unbalanced parenthesis|nothing to repeat|multiple repeat"
    r"|bad character range|bad escape \(end of pattern\)"
)
"""Faults that are faults in both."""


def fault(text: str) -> str:
    """What keeps a text from being a regular expression; nothing where it is one, or where only Java knows."""
    if r"\Q" in text:
        return ""
    if found := re.search(r"\(\?P[<=>]\w*", text):
        return f"{found[0]} is Python's spelling; Java's is (?<name>…)"
    try:
        re.compile(re.sub(r"\(\?<(?=[A-Za-z])", "(?P<", _OTHERWISE_SPELLED.sub("x", text)))
    except re.error as error:
        return error.msg if _CERTAIN.search(error.msg) else ""
    except (OverflowError, RecursionError):
        return ""
    return ""


def has_anchor(text: str) -> bool:
    """Whether a text begins or ends as only regular expressions do."""
    return len(text) > 1 and (text.startswith("^") or re.search(r"(?<!\\)\$$", text) is not None)


def seems_one(text: str) -> bool:
    """Whether a text has what hardly any other has."""
    return bool(has_anchor(text) or re.search(r"\.[*+]|\\[dDsSwWb.]|\[[^\]]+\][*+?{]|\(\?|\w\|\w", text))


def finds(expression: str, text: str) -> bool | None:
    """Whether a text matches an expression; None where only Java knows."""
    if _OTHERWISE_SPELLED.search(expression) or r"\Q" in expression:
        return None
    try:
        return re.search(re.sub(r"\(\?<(?=[A-Za-z])", "(?P<", expression), text) is not None
    except re.error:
        return None
