"""The partition, region and account in ARNs."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Literal

from pipegen import facts
from pipegen.errors import quoted
from pipegen.fields.gaps import GAP, is_known
from pipegen.references.forms import ACCOUNT, REGION

ArnPart = Literal["region", "account"]
REGION_ONLY: tuple[ArnPart, ...] = ("region",)
ACCOUNT_ONLY: tuple[ArnPart, ...] = ("account",)
BOTH: tuple[ArnPart, ...] = ("region", "account")

_ARN = re.compile(rf"arn:([^:]+):[^:]+:({REGION}|):({ACCOUNT}|):.+", re.DOTALL)
_HEAD = re.compile(rf"arn:([a-z-]+):[^:]+:({REGION}):")


def part_in(text: str, part: ArnPart) -> str:
    """Return the region or account in an ARN; an empty text for an ARN without one and for any other text."""
    match = _ARN.fullmatch(text) if is_known(text) else None
    return match[2 if part == "region" else 3] if match else ""


def partition_in(text: str) -> str:
    """Return the partition of an ARN."""
    return text.split(":")[1] if text.startswith("arn:") else ""


def unknown_region(text: str) -> str:
    """Return the region of an ARN if no known partition has it."""
    region = part_in(text, "region")
    return region if region and not facts.partition_of(region) else ""


def known_regions() -> Collection[str]:
    return [region for regions in facts.regions().values() for region in regions]


def conflict_in(text: str) -> str:
    """Describe an ARN, or the beginning of one, whose region is in another partition."""
    match = _HEAD.match(text)
    partition = facts.partition_of(match[2]) if match else ""
    if match is None or partition in ("", match[1]):
        return ""
    shown = quoted(re.sub(GAP, "…", text), 120)
    return f"{shown} with the partition {match[1]}, but the region {match[2]} is in the partition {partition}"
