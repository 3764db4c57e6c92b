"""The command in this process, which is built once: typer builds it from the functions' signatures at every call."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import typer.testing
from typer.main import get_command
from typer.testing import CliRunner, Result

from pipegen.cli import COMMANDS, application

APP = application(*COMMANDS)
typer.testing._get_command = cache(get_command)  # type: ignore[attr-defined]


def run(*arguments: str | Path, input: str | None = None) -> Result:
    """Run the command; an exception that it does not handle fails the test."""
    return CliRunner().invoke(APP, [str(argument) for argument in arguments], input=input, catch_exceptions=False)
