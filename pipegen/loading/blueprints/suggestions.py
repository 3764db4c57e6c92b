"""Fixes for names that do not exist."""

from __future__ import annotations

import difflib
from collections.abc import Collection

from pipegen.errors import did_you_mean

_FEW = 12
"""The maximum number of names that a message lists."""


def suggestion(name: object, known: Collection[str]) -> str:
    """The fix for an unknown name: the names that it is likely to be short for or a misspelling of, or else the known
    names, as many as a message can list."""
    longer = [each for each in known if len(str(name)) > 1 and each.startswith(str(name))]
    # More names are proposed where they cannot all be listed.
    near = difflib.get_close_matches(str(name), known, n=1, cutoff=0.6 if len(known) <= _FEW else 0.5)
    if likely := [*dict.fromkeys([*longer, *near])][:3]:
        return did_you_mean(*likely)
    names = [*known]
    rest = f" or {len(names) - _FEW} others" if len(names) > _FEW else ""
    return f"use one of {', '.join(names[:_FEW])}{rest}" if names else "remove it"
