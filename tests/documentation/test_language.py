"""Phrases that are not written: each has a plainer form that readers know from other documentation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.examples import ROOT

INSTEAD = {
    r"\b(?:is|are|was|were|be|been) (?:never )?told\b": "is reported",
    r"(?<![Tt]here )\b(?:is|are|was|were) no "
    r"(?!longer\b|more\b|less\b|different\b|fewer\b|match\b|later\b)[a-z]": "is not a valid X",
    r"(?<!leave )(?<!leaves )(?<!left )\balone\b": "only",
    r"\bunless (?:given|told|said)\b": "default: X",
    r"\b(?:what|that|which) (?:is|are) there\b": "existing",
    r"\bof (?:one's|its|their|his|our) own\b": "your own, separate, custom",
    r"\b(?:file|configuration|definition|blueprint|template|fleet|field|pipeline|stack)s? says?\b": "sets, defines",
    r"\bwa(?:y|ys) out\b": "fix",
    r"\blikewise\b": "repeat what applies",
    r"\bby hand\b": "manually",
    r"\b(?:whoever|whichever|whatever)\b": "anyone who, any",
    r"\ba sort of\b|\bsorts of\b": "a type of",
    r"\b(?:mend|mends|mended)\b": "fix",
    r"\brefus(?:e|es|ed|al|als|ing)\b": "reject",
    r"\bverdicts?\b": "result",
    r"\bstand(?:s)? for\b": "represents",
    r"(?:^|[.!?] |\"\"\"|\| )Of (?!course\b)[a-z`]": "a sentence that does not begin with its object",
    r"\bwhat [a-z ]{1,30} (?:is|are) made of\b": "the parts of X",
}
"""Regular expressions of phrases, and what to write."""
TEXTS = (
    "pipegen/**/*.py",
    "docs/**/*.md",
    "*.md",
    "blueprints/**/*",
    "tests/rejects/*.yaml",
    "scripts/*",
    "examples/**/*",
)
QUOTED = {"CONTRIBUTING.md", "CHANGELOG.md"}
"""Lists the phrases; quotes what earlier versions printed."""


def texts() -> Iterator[Path]:
    for pattern in TEXTS:
        found = (path for path in ROOT.glob(pattern) if path.is_file())
        yield from (path for path in found if path.suffix in {".py", ".md", ".yaml", ""})


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
