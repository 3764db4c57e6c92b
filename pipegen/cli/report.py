"""Report problems and failures: as text on standard error, or in a format for programs on standard output."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from pipegen._version import __version__
from pipegen.cli.formats import ReportFormat
from pipegen.errors import Problem, has_errors, printable
from pipegen.problems.severity import Level, Severities

INTERNAL_ERROR = 3


class Reporter:
    """Shows problems as they are found, or all of them at the end, and counts them.

    sources: the texts of files that cannot be read again, by name. started: when, in seconds since the epoch; source
    lines of files that have changed since are not shown.
    """

    def __init__(self, format: ReportFormat = ReportFormat.text, severities: Severities | None = None) -> None:
        self.format = format
        self.severities = severities or Severities()
        self.sources: Mapping[str, str] = {}
        self.started = time.time()
        self.found: list[Problem] = []

    def show(self, problems: Iterable[Problem], levels: Mapping[str, Level] | None = None) -> bool:
        """Report the problems with the severities that are set; levels: those of their fleet. Return whether there are
        errors among them."""
        return self.add(self.severities.over(levels or {}).applied(problems))

    def add(self, problems: Sequence[Problem]) -> bool:
        """Report problems whose severities are settled. Return whether there are errors among them."""
        self.found += problems
        if self.format is ReportFormat.text and problems:
            _print(problems, self.sources, self.started)
        return has_errors(problems)

    def say(self, text: str) -> None:
        """Print a line about progress: on standard output, or on standard error if standard output has the report."""
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

        report = Report(self.found, definitions)
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
