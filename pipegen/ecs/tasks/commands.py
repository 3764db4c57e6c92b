"""Commands and entry points of containers: lists of words, not command lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pipegen.errors import Problem
from pipegen.fields.gaps import is_known
from pipegen.values.shape import shown
from pipegen.values.value import Value

_SHELL = re.compile(r"(?:.*[/\\])?(?:[a-z]*sh|cmd|powershell|pwsh)(?:\.exe)?", re.IGNORECASE)
_PATH_WITH_SPACES = re.compile(r"[A-Za-z]:[\\/]")


def command_problems(entry_point: Sequence[Value], command: Sequence[Value]) -> Iterator[Problem]:
    """Report command lines where a list of words is required. Paths start at the container.
    https://docs.docker.com/reference/dockerfile/#shell-and-exec-form"""
    if _is_line(entry_point[:1]):
        yield _line("entry_point", entry_point[0])
    elif _is_line(command) and len(command) == 1 and not any(map(_accepts_line, entry_point)):
        yield _line("command", command[0])


def _line(field: str, line: Value) -> Problem:
    words = ", ".join(str(line).split())
    text = f"{field} starts with {shown(line)}, which would run as one program with spaces in its name"
    fix = f"write each word as an item of the list: [{words}]"
    if re.search(r"[|&;<>$`\"']", str(line)):
        fix = f"run it in a shell: [sh, -c, {shown(line)}]"
    return Problem("task-command", (field, 0), text, fix, "warning")


def _is_line(words: Sequence[Value]) -> bool:
    """Whether the first item is a command line."""
    if not words or not is_known(words[0]):
        return False
    return re.search(r"\S\s+\S", words[0]) is not None and not _PATH_WITH_SPACES.match(words[0])


def _accepts_line(word: Value) -> bool:
    """Whether a program in an entry point may accept a command line as an argument."""
    return not is_known(word) or _SHELL.fullmatch(word) is not None or word.startswith("-")
