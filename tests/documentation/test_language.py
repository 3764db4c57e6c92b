"""Phrases that are not written: each has a plainer form that readers know from other documentation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.examples import ROOT

INSTEAD = {
    r"\b(?:is|are|was|were|be|been) (?:never )?told\b": "is reported",
    r"\bunless (?:given|told|said)\b": "default: X",
    r"\blikewise\b": "repeat what applies",
    r"\ba sort of\b|\bsorts of\b": "a type of",
    r"\b(?:mend|mends|mended)\b": "fix",
    r"\bverdicts?\b": "result",
    r"\bwhat [a-z ]{1,30} (?:is|are) made of\b": "the parts of X",
}
"""Regular expressions of phrases, and what to write."""
TEXTS = ("pipegen/**/*.py", "docs/**/*.md", "*.md", "blueprints/**/*", "tests/rejects/*.yaml", "scripts/*", "examples/**/*")
QUOTED = {"CONTRIBUTING.md", "CHANGELOG.md"}
"""Lists the phrases; quotes what earlier versions printed."""


def texts() -> Iterator[Path]:
    for pattern in TEXTS:
        yield from (path for path in ROOT.glob(pattern) if path.is_file() and path.suffix in {".py", ".md", ".yaml", ""})


@pytest.mark.parametrize(("phrase", "instead"), INSTEAD.items())
def test_a_plainer_phrase_is_written(phrase: str, instead: str) -> None:
    pattern = re.compile(phrase, re.MULTILINE)
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in texts()
        if path.name not in QUOTED
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if pattern.search(line)
    ]
    assert not found, f"write {instead!r}:\n" + "\n".join(found)
