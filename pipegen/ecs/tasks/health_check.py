"""Health checks of containers.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY
from typing import Annotated

from pipegen.errors import Problem
from pipegen.fields.constraints import Between
from pipegen.fields.gaps import is_known
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.values.number import IntegerValue
from pipegen.values.shape import shown
from pipegen.values.value import Value

_FORMS = ("CMD", "CMD-SHELL")


@frozen
class HealthCheck(Model):
    """A command that ECS runs in a container to find out whether it is healthy.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html"""

    command: Sequence[Value]
    """The command: `[CMD-SHELL, "curl -f http://localhost/ || exit 1"]`, or `[CMD, …]` without a shell."""
    _: KW_ONLY
    interval: Annotated[IntegerValue, Between(5, 300)] | None = None
    """Seconds between two checks. Default: 30."""
    timeout: Annotated[IntegerValue, Between(2, 60)] | None = None
    """Seconds after which a check has failed. Default: 5."""
    retries: Annotated[IntegerValue, Between(1, 10)] | None = None
    """The number of failures in a row after which the container is unhealthy. Default: 3."""
    start_period: Annotated[IntegerValue, Between(0, 300)] | None = None
    """Seconds after the start in which failures do not count. Default: 0."""


def health_check_problems(check: HealthCheck) -> Iterator[Problem]:
    """Check the command of a health check. Paths start at the health check."""
    first, *rest = check.command or ("",)
    if is_known(first) and (first not in _FORMS or not rest):
        text = f"command must be [CMD, PROGRAM, …] or [CMD-SHELL, COMMAND], got [{', '.join(map(str, check.command))}]"
        fix = 'write a command such as [CMD-SHELL, "curl -f http://localhost/ || exit 1"]'
        yield Problem("task-health-check", ("command",), text, fix)
    elif first == "CMD":
        yield from _program_problems(rest)
    elif first == "CMD-SHELL":
        yield from _line_problems(rest)


def _program_problems(words: Sequence[Value]) -> Iterator[Problem]:
    """CMD runs its first word as a program with the others as arguments, without a shell.
    https://docs.docker.com/reference/dockerfile/#healthcheck"""
    program = words[0]
    if is_known(program) and re.search(r"\s", program):
        text = f"CMD runs a program without a shell, and {shown(program)} is not the name of a program"
        is_path = re.match(r"/|[A-Za-z]:[\\/]", program) is not None
        fix = "use CMD-SHELL for a command line, or write each word as an item of the list"
        yield Problem("task-health-check", ("command", 1), text, fix, "warning" if is_path else "error")
    for index, word in enumerate(words, start=1):
        if word in ("||", "&&"):
            text = f"CMD runs a program without a shell, which would receive {word} as an argument"
            yield Problem("task-health-check", ("command", index), text, f"use [CMD-SHELL, {_joined(words)}]")
            return


def _line_problems(words: Sequence[Value]) -> Iterator[Problem]:
    """A shell runs one command line; further words are its parameters $0, $1 and so on."""
    if words[0] == "":
        text = "the command line of CMD-SHELL is empty, so the health check always succeeds"
        yield Problem(
            "task-health-check", ("command", 1), text, "write a command that fails if the container is unhealthy"
        )
    elif len(words) > 1:
        text = f"CMD-SHELL runs only the first of its items, got {len(words)}"
        yield Problem("task-health-check", ("command",), text, f"write [CMD-SHELL, {_joined(words)}], or use CMD")


def _joined(words: Sequence[Value]) -> str:
    known = all(is_known(word) for word in words)
    return shown(" ".join(str(word) for word in words)) if known else '"…"'
