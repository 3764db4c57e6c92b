"""Report problems and failures: as text on standard error, or in a format for programs on standard output."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from pipegen._version import __version__
from pipegen.cli.formats import ReportFormat
from pipegen.errors import Problem, by_location, has_errors, printable
from pipegen.problems.severity import Level, Severities

INTERNAL_ERROR = 3


class Reporter:
    """Collects problems, and shows them in the order of their locations.

    sources: the texts of files that cannot be read again, by name. started: when, in seconds since the epoch; source
    lines of files that have changed since are not shown.
    """

    def __init__(self, format: ReportFormat = ReportFormat.text, severities: Severities | None = None) -> None:
        self.format = format
        self.severities = severities or Severities()
        self.sources: Mapping[str, str] = {}
        self.started = time.time()
        self.found: list[Problem] = []
        self._shown = 0

    def show(self, problems: Iterable[Problem], levels: Mapping[str, Level] | None = None) -> bool:
        """Collect problems, and show all that are collected. Return whether there are errors among these problems."""
        has_any = self.collect(problems, levels)
        self.flush()
        return has_any

    def collect(self, problems: Iterable[Problem], levels: Mapping[str, Level] | None = None) -> bool:
        """Collect problems with the severities that are set; levels: those of their fleet. Return whether there are
        errors among them."""
        settled = self.severities.over(levels or {}).applied(problems)
        self.add(settled)
        return has_errors(settled)

    def add(self, problems: Iterable[Problem]) -> None:
        """Collect problems whose severities are settled."""
        self.found += problems

    def flush(self) -> None:
        """As text, show the problems that were collected since the last call."""
        added, self._shown = self.found[self._shown :], len(self.found)
        if self.format is ReportFormat.text and added:
            _print(by_location(added), self.sources, self.started)

    def say(self, text: str) -> None:
        """Print a line about progress: on standard output, or on standard error if standard output has the report."""
        self.flush()
        print(text, file=sys.stdout if self.format is ReportFormat.text else sys.stderr)

    def outdated(self, files: Iterable[str]) -> None:
        """Report files that differ from what is rendered; as text, they are listed with all others."""
        if self.format is not ReportFormat.text:
            text, fix = "differs from what its definition renders", "render it again"
            self.add([Problem("outdated", (), text, fix, location=file) for file in files])

    def finish(self, definitions: int) -> None:
        """Print the summary, or the whole report in a format for programs."""
        from pipegen.cli.formats.contents import Report
        from pipegen.cli.formats.lines import written

        self.flush()
        report = Report(by_location(self.found), definitions)
        if self.format is ReportFormat.text:
            print(report.summary, file=sys.stderr)
            return
        for line in written(report, self.format):
            print(line)


def show(problems: Iterable[Problem]) -> None:
    """Print problems as text on standard error."""
    Reporter().show(problems)


def _print(problems: Sequence[Problem], sources: Mapping[str, str], started: float) -> None:
    if not is_rich(sys.stderr):
        for problem in problems:
            print(problem, file=sys.stderr)
        return
    from pipegen.cli.formats.terminal import show

    show(problems, sources, started)


def is_rich(stream: object) -> bool:
    """Whether a stream shows colour and source lines: a terminal does, and FORCE_COLOR asks for it.

    https://no-color.org, https://force-color.org
    """
    if os.environ.get("TERM") in ("dumb", "unknown") or os.environ.get("NO_COLOR"):
        return False
    isatty = getattr(stream, "isatty", None)
    return bool(os.environ.get("FORCE_COLOR")) or (isatty is not None and isatty())


def fail(message: str) -> None:
    print(f"pipegen: {printable(message)}", file=sys.stderr)


def internal_error(error: Exception) -> int:
    """Report a bug in pipegen: one line on standard error, and a file to paste into an issue. Return the exit code."""
    import platform
    import tempfile
    import traceback

    lines = (
        f"pipegen {__version__}, Python {platform.python_version()}, {platform.platform()}",
        f"arguments: {sys.argv[1:]}",
        "".join(traceback.format_exception(error)),
    )
    with tempfile.NamedTemporaryFile(
        "w", prefix="pipegen-report-", suffix=".txt", delete=False, encoding="utf-8"
    ) as file:
        file.write("\n".join(lines))
    fail(f"this is a bug in pipegen ({type(error).__name__}); please report it with {Path(file.name)}")
    return INTERNAL_ERROR
