"""The pages of the documentation that people write, and the headings and links in them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.examples import ROOT

DOCS = ROOT / "docs"
GENERATED = ("reference", "checks")
"""The directories in docs/ whose pages are made from the code."""
WRITTEN = sorted(
    [
        ROOT / "README.md",
        *(ROOT / "blueprints").rglob("*.md"),
        *(page for page in DOCS.rglob("*.md") if page.parent.name not in GENERATED),
    ]
)
EVERY = sorted({*WRITTEN, *DOCS.rglob("*.md"), *ROOT.glob("*.md")})
_FENCED = re.compile(r"^( *)(```+|~~~+).*?^\1\2$", re.MULTILINE | re.DOTALL)


def prose(page: Path) -> str:
    """A page without its blocks of code."""
    return _FENCED.sub("", page.read_text())


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub and the site give to the headings of a page."""
    seen: Counter[str] = Counter()
    found = set()
    for heading in re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE):
        text = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", text).strip().lower().replace(" ", "-")
        found.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
        seen[slug] += 1
    return found


def links(page: Path) -> Iterator[tuple[str, str]]:
    """The links of a page into the repository: the path as it is written, and the anchor."""
    for target in re.findall(r"\]\((?!https?:|mailto:)([^)\s]+)\)", prose(page)):
        path, _, anchor = target.partition("#")
        yield path, anchor
