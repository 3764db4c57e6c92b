"""Reports in JSON; `pipegen schema report` prints their schema."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pipegen._version import __version__
from pipegen.cli.formats.contents import Report, location
from pipegen.cli.formats.paths import relative
from pipegen.errors import Problem, one_line, spell

VERSION = 1
"""Increases when a key is removed or changes its meaning; further keys may be added at any time."""


def lines(report: Report) -> Iterator[str]:
    """Yield the report, indented."""
    summary = {"definitions": report.definitions, **{f"{name}s": count for name, count in report.counts.items()}}
    data = {
        "version": VERSION,
        "pipegen": __version__,
        "problems": [_problem(problem) for problem in report.problems],
        "summary": summary,
    }
    yield json.dumps(data, indent=2, ensure_ascii=False)


def _problem(problem: Problem) -> Mapping[str, Any]:
    return {
        "code": problem.code,
        "severity": problem.severity,
        "message": one_line(problem.text, 600),
        "fix": one_line(problem.fix, 600),
        "path": problem.subject or spell(problem.path),
        "location": _location(problem.location),
        "related": [_location(problem.related)] if problem.related else [],
    }


def _location(text: str) -> Mapping[str, Any] | None:
    where = location(text)
    if where is None:
        return None
    return {"file": relative(where.file), "line": where.line or None, "column": where.column or None}
