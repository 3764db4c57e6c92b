"""The options of commands that report problems."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

import typer

from pipegen.cli.completing import complete_severity
from pipegen.cli.formats import ReportFormat
from pipegen.cli.report import Reporter
from pipegen.errors import quoted
from pipegen.problems.severity import Level, Severities

FormatOption = Annotated[
    ReportFormat | None,
    typer.Option(
        "--format",
        help="How problems are reported: as text on standard error, or on standard output as annotations of GitHub "
        "Actions, as JSON, or as SARIF for code scanning.  [default: text]",
    ),
]
SeverityOption = Annotated[
    list[str] | None,
    typer.Option(
        "--severity",
        metavar="CODE=LEVEL",
        help="Set the severity of warnings with a code: LEVEL is ignore, warning or error. Takes precedence over "
        "severity in pipegen.yaml; may be repeated.",
        autocompletion=complete_severity,
    ),
]
StrictOption = Annotated[
    bool, typer.Option("--strict", help="Treat warnings as errors, except for codes whose severity is set.")
]


def reporter_of(format: ReportFormat | None, settings: Sequence[str] | None, *, strict: bool) -> Reporter:
    """Return the reporter for these options."""
    levels = dict(_levels(settings)) if settings else {}
    return Reporter(format or ReportFormat.text, Severities(levels, strict))


def _levels(settings: Sequence[str]) -> Iterator[tuple[str, Level]]:
    """Return the levels that `--severity` sets, by code. Exits with 2 if one cannot be set."""
    from pipegen.cli.options import pairs, usage_error
    from pipegen.problems.severity import LEVELS, level_faults

    for code, level in pairs("--severity", settings):
        if level not in LEVELS:
            fix = f"write {code}=ignore, {code}=warning or {code}=error"
            usage_error(f"--severity {code}: {quoted(level)} is not a level; {fix}")
        for text, fix in level_faults(code, level):
            usage_error(f"--severity: {text}; {fix}")
        yield code, level
