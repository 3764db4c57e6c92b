"""The request to render a fleet, a listener for its progress, and the result."""

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
    """A request to render a fleet.

    root: the fleet's directory. out: the output directory; None to only validate. check: write nothing and render
    everything. changed: absolute paths that may differ from what the output was rendered from; None to compare digests.
    against: the revision whose templates the running stacks have. Default: the output. accept_unsafe: report changes
    that a running stack may not survive as warnings. agreed: whether the fleet's file sets the settings, so that they
    are the same for every run. shapes: whether the result includes the shapes of templates. severities: these take
    precedence over the fleet's.
    """

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
    """Is notified of progress, in the order of the files. Problems have their configured severities."""

    def begin(self, total: int) -> None:
        """Called before rendering, with the number of files."""

    def done(self) -> None:
        """Called when a file has been rendered."""

    def problems(self, problems: Sequence[Problem]) -> None:
        """Called with problems."""

    def error(self, text: str) -> None:
        """Called with the message of an error that has no location in a definition."""


@frozen(kw_only=True)
class FleetResult:
    """The result of rendering a fleet.

    files: the number of files. outputs: the paths of all output, relative to the output directory. rendered: the number
    of files that were rendered. failed: the files that failed. changes: the status and path of each output that
    changes. is_unsafe: whether a file failed because a running stack may not survive the change. stopped: whether
    nothing was written because a warning about the fleet itself counts as an error.
    """

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
