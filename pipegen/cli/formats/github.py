"""Annotations of GitHub Actions.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from collections.abc import Iterator

from pipegen.cli.formats.contents import Location, Report, location
from pipegen.cli.formats.paths import in_repository
from pipegen.errors import Problem

_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def lines(report: Report) -> Iterator[str]:
    """Yield a workflow command for each problem, and the summary as text of the log."""
    yield from map(_command, report.problems)
    yield report.summary


def _command(problem: Problem) -> str:
    where = location(problem.location) or Location("")
    values = {
        "file": in_repository(where.file),
        "line": where.line,
        "col": where.column,
        "title": f"pipegen {problem.code}",
    }
    properties = ",".join(f"{name}={_property(str(value))}" for name, value in values.items() if value)
    related = f"\nrelated location: {problem.related}" if problem.related else ""
    return f"::{_COMMANDS[problem.severity]} {properties}::{_message(f'{problem.message} [{problem.code}]{related}')}"


def _message(text: str) -> str:
    """https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts (escapeData)"""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts (escapeProperty)"""
    return _message(text).replace(":", "%3A").replace(",", "%2C")
