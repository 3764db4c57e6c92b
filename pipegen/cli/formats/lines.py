"""Reports for programs, written line by line."""

from __future__ import annotations

from collections.abc import Iterable

from pipegen.cli.formats import ReportFormat
from pipegen.cli.formats.contents import Report


def written(report: Report, format: ReportFormat) -> Iterable[str]:
    """Yield the lines of a report in a format for programs."""
    if format is ReportFormat.github:
        from pipegen.cli.formats.github import lines
    elif format is ReportFormat.json:
        from pipegen.cli.formats.json_report import lines
    else:
        from pipegen.cli.formats.sarif import lines
    return lines(report)
