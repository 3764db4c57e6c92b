"""How long a deployment may take, in words."""

from __future__ import annotations

from collections.abc import Mapping


def spelled_minutes(parts: Mapping[str, int]) -> str:
    """The sum of what takes time, and what it is made of: `95 minutes (bake 60, hooks 35)`."""
    taking = ", ".join(f"{name} {minutes:,}" for name, minutes in parts.items() if minutes)
    return f"{sum(parts.values()):,} minutes ({taking})"
