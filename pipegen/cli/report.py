"""How findings and failures are shown: one line each, on standard error."""

from __future__ import annotations

import platform
import sys
import tempfile
import traceback
from collections.abc import Iterable
from pathlib import Path

from pipegen._version import __version__
from pipegen.errors import Problem, printable

INTERNAL_ERROR = 3


def show(problems: Iterable[Problem]) -> None:
    for problem in problems:
        print(problem, file=sys.stderr)


def fail(message: str) -> None:
    print(f"pipegen: {printable(message)}", file=sys.stderr)


def internal_error(error: Exception) -> int:
    """Our bug: a report to paste into an issue goes to a file, one line to the terminal."""
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
