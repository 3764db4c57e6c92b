"""The command in this process, which is built once: typer builds it from the functions' signatures at every call."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import typer.testing
from typer.main import get_command
from typer.testing import CliRunner, Result

from pipegen.cli import application

APP = application()
typer.testing._get_command = cache(get_command)  # type: ignore[attr-defined]


SUMMARY = re.compile(r"checked [0-9,]+ definitions?: .+\n")


def without_summary(stderr: str) -> str:
    """Standard error without the summary in its last line."""
    *lines, last = stderr.splitlines(keepends=True) or [""]
    return "".join(lines) if SUMMARY.fullmatch(last) else stderr


def problems_in(stderr: str) -> list[str]:
    """The problems on standard error, each with its related location."""
    found: list[str] = []
    for line in without_summary(stderr).splitlines():
        if line.endswith(": note: related location"):
            found[-1] += f"\n{line}"
        else:
            found.append(line)
    return found


def run(*arguments: str | Path | None, input: str | None = None) -> Result:
    """Run the command; an exception that it does not handle fails the test. `validate` runs cfn-lint, which takes a
    second, only if asked to: with `--lint`, or with None in place of an option that was not given."""
    given = [str(argument) for argument in arguments if argument is not None]
    if given[:1] == ["validate"] and None not in arguments and "--lint" not in given:
        given.append("--no-lint")
    return CliRunner().invoke(APP, given, input=input, catch_exceptions=False)
