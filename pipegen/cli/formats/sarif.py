"""Reports in SARIF 2.1.0, for code scanning.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, metadata
from typing import Any
from urllib.parse import quote

from pipegen._version import __version__
from pipegen.cli.formats.contents import Report, location
from pipegen.cli.formats.paths import in_repository
from pipegen.errors import Problem
from pipegen.problems.codes import Code, explained

DISTRIBUTION = "pipegen-aws"
SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def lines(report: Report) -> Iterator[str]:
    """Yield the report, indented."""
    codes = sorted({problem.code for problem in report.problems})
    driver = {"name": "pipegen", "version": __version__, "rules": [_rule(code) for code in codes]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(problem, codes.index(problem.code)) for problem in report.problems],
    }
    yield json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False)


def _rule(code: str) -> Mapping[str, Any]:
    entry = explained(code)
    if entry is None:
        return {"id": code}
    return {
        "id": code,
        "shortDescription": {"text": entry.meaning},
        "fullDescription": {"text": entry.why},
        "help": {
            "text": f"{entry.meaning}\n\nWhy: {entry.why}\n\nFix: {entry.fix}\n\nExample:\n\n{entry.right}",
            "markdown": f"{entry.meaning}\n\n{entry.why}\n\n**Fix:** {entry.fix}\n\n```\n{entry.right}```\n",
        },
        **_address(entry),
    }


def _address(code: Code) -> Mapping[str, str]:
    """The page about a code: in the documentation if the package names its address, else AWS's own."""
    try:
        urls = metadata(DISTRIBUTION).get_all("Project-URL") or []
    except PackageNotFoundError:  # a source tree that is not installed
        urls = []
    sites = dict(url.split(", ", 1) for url in urls)
    if site := sites.get("Documentation"):
        page, _, anchor = code.page.partition("#")
        return {"helpUri": f"{site.rstrip('/')}/{page.removesuffix('.md')}/#{anchor}"}
    return {"helpUri": code.source} if code.source else {}


def _result(problem: Problem, index: int) -> Mapping[str, Any]:
    result: dict[str, Any] = {
        "ruleId": problem.code,
        "ruleIndex": index,
        "level": problem.severity,
        "message": {"text": problem.message},
        "locations": [_location(problem.location)] if problem.location else [],
    }
    if problem.related:
        result["relatedLocations"] = [{"id": 0, **_location(problem.related)}]
    return result


def _location(text: str) -> dict[str, Any]:
    where = location(text)
    assert where is not None
    physical: dict[str, Any] = {"artifactLocation": {"uri": quote(in_repository(where.file), safe="/:")}}
    if where.line:
        physical["region"] = {"startLine": where.line, **({"startColumn": where.column} if where.column else {})}
    return {"physicalLocation": physical}
