"""What a report has: problems with their locations, and the summary."""

from __future__ import annotations

from collections.abc import Sequence

from pipegen.errors import Problem, split_location
from pipegen.frozen import frozen


@frozen
class Location:
    """A position in a file. line and column: from 1, in characters; 0 if unknown."""

    file: str
    line: int = 0
    column: int = 0


def location(text: str) -> Location | None:
    """Read `file:line:column`, of which the end may be missing."""
    return Location(*split_location(text)) if text else None


@frozen
class Report:
    """What a command found. definitions: how many were checked."""

    problems: Sequence[Problem]
    definitions: int

    @property
    def summary(self) -> str:
        """Such as `checked 12 definitions: 2 errors, 1 warning in 1 file`."""
        counts = [_counted(count, name) for name, count in self.counts.items() if count]
        checked = f"checked {_counted(self.definitions, 'definition')}"
        if not counts:
            return f"{checked}: no problems"
        files = {where.file for problem in self.problems if (where := location(problem.location)) is not None}
        among = f" in {_counted(len(files), 'file')}" if self.definitions > 1 and files else ""
        return f"{checked}: {', '.join(counts)}{among}"

    @property
    def counts(self) -> dict[str, int]:
        """The number of problems by severity."""
        severities = [problem.severity for problem in self.problems]
        return {name: severities.count(name) for name in ("error", "warning", "note")}


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
