"""Suppressions: accepted findings of security scanners, with the reasons in the metadata of the resource.
https://www.checkov.io/2.Basics/Suppressing%20and%20Skipping%20Policies.html"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def suppressed(**reasons: str) -> dict[str, Any]:
    """Metadata that suppresses checkov's checks. reasons: by the IDs of the checks."""
    return {"checkov": {"skip": [{"id": check, "comment": reason} for check, reason in sorted(reasons.items())]}}


def unsuppressed(metadata: Mapping[str, Any], check: str) -> dict[str, Any]:
    """The attribute `Metadata` without the suppression of a check; empty if nothing else is left."""
    skipped = metadata.get("checkov", {}).get("skip", [])
    left = [each for each in skipped if each["id"] != check]
    others = {name: value for name, value in metadata.items() if name != "checkov"}
    kept = {"checkov": {"skip": left}, **others} if left else others
    return {"Metadata": kept} if kept else {}
