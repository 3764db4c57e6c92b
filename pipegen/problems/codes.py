"""The codes of problems, with what each means: read from codes.json, which the tests of rejected definitions write."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any

from pipegen.errors import Severity
from pipegen.frozen import frozen

RENAMED: Mapping[str, str] = {"wrong-place": "wrong-account-or-region"}
"""Codes that had another name before."""


@frozen(kw_only=True)
class Code:
    """What `pipegen explain CODE` and the documentation say about a code.

    severities: those that problems with this code have. source: the address of the documentation that the reason comes
    from. wrong: an example. output: what is printed about it. right: the same without the problem. wrong and output are
    empty if no definition shows the problem.
    """

    name: str
    family: str
    meaning: str
    why: str
    source: str = ""
    fix: str
    severities: Sequence[Severity]
    wrong: str = ""
    output: str = ""
    right: str

    @property
    def page(self) -> str:
        """The page of the documentation, below docs/, with the anchor of the code."""
        return f"checks/{self.family.replace('_', '-')}.md#{self.name}"


def explained(name: str) -> Code | None:
    """Return a code by its name."""
    entry = _all().get(name)
    return None if entry is None else Code(name=name, **entry)


def names() -> list[str]:
    """Return all codes, sorted."""
    return sorted(_all())


def closest_code(name: str) -> str:
    """Return the code that a name is likely to mean: one that was renamed, or a similar one; empty if there is none."""
    return RENAMED.get(name) or next(iter(get_close_matches(name, _all(), n=1)), "")


@cache
def _all() -> Mapping[str, dict[str, Any]]:
    entries: dict[str, dict[str, Any]] = json.loads(files("pipegen.problems").joinpath("codes.json").read_text("utf-8"))
    return entries
