"""A mutant, and what `pipegen validate` finds about it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from tests.support.command import run, without_summary

DIRECTORY = Path(__file__).parent
DEFINITIONS = DIRECTORY / "definitions"
FLEET_FILE = "pipegen.yaml"
LINE = re.compile(
    r"(?:(?P<file>[^ :]+):(?P<line>\d+)(?::\d+)?: |(?P<other>[^ :]+): )?(?P<severity>error|warning|note): (?P<text>.*)"
)

Verdict = Literal["caught", "silent", "wrong place", "vague", "leak"]


@dataclass(frozen=True, slots=True)
class Base:
    """A correct definition, or a fleet: its files, and what is validated."""

    name: str
    files: Mapping[str, str]
    main: str

    @property
    def file(self) -> str:
        """The only file, if there is one."""
        return self.main if self.main in self.files else ""


@dataclass(frozen=True, slots=True)
class Region:
    """Lines of a file, first and last."""

    file: str
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A definition with one mistake.

    regions: where the finding may be. words: what it must say, each of these or one of those.
    """

    name: str
    family: str
    files: Mapping[str, str]
    main: str
    regions: tuple[Region, ...]
    words: tuple[tuple[str, ...], ...]
    hides: str = ""
    severity: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """A line of output."""

    file: str
    line: int
    severity: str
    text: str


@cache
def bases() -> Mapping[str, Base]:
    """All correct definitions by name."""
    return {base.name: base for base in map(_base, sorted(DEFINITIONS.iterdir())) if base.files}


def _base(path: Path) -> Base:
    if path.is_dir():
        files = {str(each.relative_to(path)): each.read_text() for each in sorted(path.rglob("*.yaml"))}
        return Base(path.name, files, ".")
    return Base(path.stem, {path.name: path.read_text()}, path.name)


def findings(files: Mapping[str, str], main: str, directory: Path, lint: str = "--no-lint") -> list[Finding]:
    """What is printed about files that are written into a directory."""
    for name, text in files.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(text)
    result = run("validate", directory if main == "." else directory / main, lint)
    printed = without_summary(result.stderr).replace(f"{directory}/", "").splitlines()
    return [_finding(line) for line in printed if not line.endswith(": note: related location")]


def _finding(line: str) -> Finding:
    match = LINE.fullmatch(line)
    assert match is not None, line
    file = match["file"] or match["other"] or ""
    return Finding(file, int(match["line"] or 0), match["severity"], match["text"])


def judge(mutant: Mutant, findings: list[Finding]) -> Verdict:
    """Whether a mistake was found, at the right place and in words that name it."""
    wanted = ("error",) if mutant.severity == "error" else ("error", "warning")
    counted = [each for each in findings if each.severity in wanted]
    if mutant.hides and any(mutant.hides in each.text for each in findings):
        return "leak"
    if not counted:
        return "silent"
    placed = [each for each in counted if _is_there(each, mutant.regions)]
    if not placed:
        return "wrong place"
    return "caught" if any(_says(each.text, mutant.words) for each in placed) else "vague"


def _is_there(finding: Finding, regions: tuple[Region, ...]) -> bool:
    return any(each.file == finding.file and each.first <= finding.line <= each.last for each in regions)


def _says(text: str, words: tuple[tuple[str, ...], ...]) -> bool:
    return all(any(_plain(word) in _plain(text) for word in options) for options in words)


def _plain(text: str) -> str:
    """`health_check` and `health check` are the same name."""
    return re.sub(r"[\s_-]", "", text.lower())
