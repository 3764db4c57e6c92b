"""What `pipegen explain` prints about the codes of problems."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator

import typer

from pipegen.cli.options import usage_error
from pipegen.cli.report import is_rich
from pipegen.errors import did_you_mean, quoted
from pipegen.problems.codes import Code, closest_code, explained, names

_INDENT = " " * 4


def explain_code(name: str, width: int) -> None:
    """Print the explanation of a code. Exits with 2 if the code is unknown."""
    code = explained(name.lower())
    if code is None:
        near = closest_code(name.lower())
        fix = did_you_mean(near) or "pipegen explain lists all codes"
        usage_error(f"there is no code {quoted(name)}; {fix}")
    for line in _lines(code, width):
        print(line)


def list_codes(width: int) -> None:
    """Print all codes with their meanings, each in a line that is cut at the width."""
    longest = max(map(len, names()))
    for name in names():
        code = explained(name)
        assert code is not None
        line = f"{name:{longest}}  {code.meaning}"
        print(line if len(line) <= width or not sys.stdout.isatty() else f"{line[: width - 1]}…")


def _lines(code: Code, width: int) -> Iterator[str]:
    yield f"{_heading(code.name)} ({', '.join(code.severities)})"
    yield ""
    yield from textwrap.wrap(code.meaning, width)
    yield from ("", *textwrap.wrap(f"Why: {code.why}", width))
    if code.source:
        yield code.source
    yield from ("", *textwrap.wrap(f"Fix: {code.fix}", width))
    for heading, text in (("Wrong", code.wrong), ("Reported", code.output), ("Right", code.right)):
        if text:
            yield from ("", _heading(heading), *_indented(text))


def _indented(text: str) -> Iterator[str]:
    yield from (f"{_INDENT}{line}".rstrip() for line in text.rstrip().splitlines())


def _heading(text: str) -> str:
    return typer.style(text, bold=True) if is_rich(sys.stdout) else text
