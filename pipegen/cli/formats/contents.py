"""What a report has: problems with their locations, and the summary."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipegen.errors import Problem
from pipegen.frozen import frozen

_LOCATION = re.compile(r"(?P<file>.*?)(?::(?P<line>\d+))?(?::(?P<column>\d+))?", re.DOTALL)


@frozen
class Location:
    """A position in a file. line and column: from 1, in characters; 0 if unknown."""

    file: str
    line: int = 0
    column: int = 0


def location(place: str) -> Location | None:
    """Read `file:line:column`, of which the end may be missing."""
    found = _LOCATION.fullmatch(place)
    if not place or found is None:
        return None
    return Location(found["file"], int(found["line"] or 0), int(found["column"] or 0))


@frozen
class Report:
    """What a command found. definitions: how many were checked."""

    problems: Sequence[Problem]
    definitions: int

    @property
    def summary(self) -> str:
        """Such as `checked 12 definitions: 2 errors, 1 warning in 1 file`."""
        found = [_counted(count, name) for name, count in self.counts.items() if count]
        checked = f"checked {_counted(self.definitions, 'definition')}"
        if not found:
            return f"{checked}: no problems"
        files = {where.file for problem in self.problems if (where := location(problem.location)) is not None}
        among = f" in {_counted(len(files), 'file')}" if self.definitions > 1 and files else ""
        return f"{checked}: {', '.join(found)}{among}"

    @property
    def counts(self) -> dict[str, int]:
        """The number of problems by severity."""
        severities = [problem.severity for problem in self.problems]
        return {name: severities.count(name) for name in ("error", "warning", "note")}


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
