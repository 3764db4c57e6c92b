"""Findings of security scanners that are accepted on purpose: kept with the reason in the resource's own metadata.
https://www.checkov.io/2.Basics/Suppressing%20and%20Skipping%20Policies.html"""

from __future__ import annotations

from typing import Any


def accepted(**reasons: str) -> dict[str, Any]:
    """Metadata for a resource: checkov's check id -> why what it finds is meant."""
    return {"checkov": {"skip": [{"id": check, "comment": reason} for check, reason in sorted(reasons.items())]}}
