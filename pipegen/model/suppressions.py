"""Suppressions: accepted findings of security scanners, with the reasons in the metadata of the resource.
https://www.checkov.io/2.Basics/Suppressing%20and%20Skipping%20Policies.html"""

from __future__ import annotations

from typing import Any


def suppressed(**reasons: str) -> dict[str, Any]:
    """Metadata that suppresses checkov's checks. reasons: by the IDs of the checks."""
    return {"checkov": {"skip": [{"id": check, "comment": reason} for check, reason in sorted(reasons.items())]}}
