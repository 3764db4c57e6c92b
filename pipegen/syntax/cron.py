"""AWS cron expressions, which have years, and `?` for a day that the other day field determines.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html#eb-cron-expressions"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pipegen.errors import quoted

Field = tuple[str, re.Pattern[str]]


def _field(value: str, *others: str) -> re.Pattern[str]:
    """Matches values, ranges, steps, lists of them, and other values that only this field allows."""
    item = rf"(?:(?:\*|(?:{value})(?:-(?:{value}))?)(?:/\d+)?{''.join(f'|{other}' for other in others)})"
    return re.compile(rf"{item}(?:,{item})*", re.ASCII | re.IGNORECASE)


_SIXTY, _HOUR, _DAY = r"[0-5]?\d", r"[01]?\d|2[0-3]", r"0?[1-9]|[12]\d|3[01]"
_MONTH = r"0?[1-9]|1[0-2]|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC"
_WEEKDAY = r"[1-7]|SUN|MON|TUE|WED|THU|FRI|SAT"

FIELDS: Sequence[Field] = (
    ("seconds", _field(_SIXTY)),
    ("minutes", _field(_SIXTY)),
    ("hours", _field(_HOUR)),
    ("day of the month", _field(_DAY, r"\?", r"LW?", r"L-\d+", rf"(?:{_DAY})W")),
    ("month", _field(_MONTH)),
    ("day of the week", _field(_WEEKDAY, r"\?", "L", rf"(?:{_WEEKDAY})L", rf"(?:{_WEEKDAY})#[1-5]")),
    ("year", _field(r"19[7-9]\d|2[01]\d\d")),
)


EVENTBRIDGE = "write six fields, minutes first, such as cron(0 8 ? * MON-FRI *)"
"""The fix for an expression of EventBridge or Application Auto Scaling."""


def faults(expression: str, most: int) -> Iterator[str]:
    """Describe what is wrong with an expression of six fields, or up to `most`, without seconds if there are six."""
    parts = expression.split()
    if not 6 <= len(parts) <= most:
        yield f"a cron expression must have six fields, got {len(parts)}"
        return
    wrong = [*wrong_parts(parts, FIELDS[-len(parts) :])]
    for part, name in wrong:
        yield f"the {name} of a cron expression cannot be {quoted(part, 60)}"
    if not wrong and (parts[-4] == "?") == (parts[-2] == "?"):
        yield "exactly one of the day of the month and the day of the week must be ?"


def wrong_parts(parts: Sequence[str], fields: Sequence[Field] = FIELDS) -> Iterator[tuple[str, str]]:
    """The invalid parts of an expression, with the names of their fields."""
    for part, (name, pattern) in zip(parts, fields, strict=False):
        if not pattern.fullmatch(part):
            yield part, name
