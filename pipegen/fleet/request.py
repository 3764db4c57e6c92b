"""What a run of a fleet is asked to do, who hears what happens, and its outcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING

from pipegen.errors import Problem
from pipegen.fleet.inputs import Settings
from pipegen.frozen import frozen
from pipegen.problems.severity import Severities

if TYPE_CHECKING:
    from pipegen.fleet.git import Revision


@frozen(kw_only=True)
class Request:
    """What to do. root: the fleet's directory. out: None to check only. changed: the absolute paths that may differ
    from what the output was rendered from; None to find out by digests. check: write nothing, and render everything.
    against: the revision whose templates are those of the running stacks; default: the output. accept_unsafe: report
    changes that a running stack may not survive as warnings. agreed: the settings are in the fleet's file, so every run
    has them. shapes: tell the shapes of the templates. severities: those that take precedence over the fleet's."""

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
    shapes: bool = False
    severities: Severities = field(default_factory=Severities)


class Listener:
    """Hears what happens, in the order of the files. Problems have the severities that are set for them."""

    def begin(self, total: int) -> None:
        """This many files will be rendered."""

    def done(self) -> None:
        """One of them has been rendered."""

    def problems(self, problems: Sequence[Problem]) -> None:
        """Problems were found."""

    def error(self, text: str) -> None:
        """Something could not be done."""


@frozen(kw_only=True)
class FleetResult:
    """The result of a run. files: their number. outputs: the paths of all output of the fleet, below the output
    directory. rendered: the number of files. failed: files. changes: status and path of each output that changes.
    refused: a file failed because a running stack may not survive the change. stopped: nothing was written, as a
    warning about the fleet itself is an error."""

    files: int
    outputs: Sequence[str]
    rendered: int
    failed: Sequence[str]
    changes: Sequence[tuple[str, str]]
    is_unsafe: bool
    stopped: bool = False
    shapes: Mapping[Path, Sequence[str]] = field(default_factory=dict)

    @property
    def kept(self) -> int:
        """The number of files whose output was up to date."""
        return self.files - self.rendered - len(self.failed)

    def count(self, status: str) -> int:
        return sum(found == status for found, _ in self.changes)
