"""What is asked for, who is told what happens, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pipegen.errors import Problem
from pipegen.fleet.inputs import Settings

if TYPE_CHECKING:
    from pipegen.fleet.git import Revision


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked for. root: the fleet's. out: none where it is only checked. changed: of absolute paths, those that
    may differ from what the output was made of; none where that is found out. check: nothing is written, and everything
    is rendered, whatever the manifest says. against: what a check takes for the templates of the running stacks, in
    place of the output. accept_unsafe: changes that a running stack may not survive are warnings, not errors. agreed:
    the settings are in the fleet's file, and not only this run's."""

    root: Path
    out: Path | None
    settings: Settings = field(default_factory=Settings)
    check: bool = False
    prune: bool = False
    jobs: int | None = None
    changed: frozenset[str] | None = None
    against: Revision | None = None
    accept_unsafe: bool = False
    agreed: bool = False


class Listener:
    """Who is told what happens, in the order of the files."""

    def begin(self, total: int) -> None:
        """So many files are to be rendered."""

    def done(self) -> None:
        """One of them is."""

    def problems(self, problems: Sequence[Problem]) -> None:
        """What was found."""

    def error(self, text: str) -> None:
        """What could not be done."""


@dataclass(slots=True)
class Outcome:
    """What became of a fleet. outputs: the paths of what its definitions make, below the output; changes: status and
    path of those that change; failed: files; refused: whether some of them failed because a running stack may not
    survive the change."""

    files: int = 0
    outputs: list[str] = field(default_factory=list)
    rendered: int = 0
    failed: list[str] = field(default_factory=list)
    changes: list[tuple[str, str]] = field(default_factory=list)
    refused: bool = False

    @property
    def kept(self) -> int:
        """Files whose output was up to date."""
        return self.files - self.rendered - len(self.failed)

    def count(self, status: str) -> int:
        return sum(found == status for found, _ in self.changes)
