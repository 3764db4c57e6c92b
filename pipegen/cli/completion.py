"""`pipegen completion`."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer


class Shell(StrEnum):
    """A shell that has completion."""

    bash = "bash"
    zsh = "zsh"


def command(shell: Annotated[Shell, typer.Argument(help="The shell.")]) -> None:
    """Print a script that completes commands, options, blueprints, arguments and definitions in a shell.

    Add it to the shell's startup file, in zsh after compinit:

    eval "$(pipegen completion bash)"
    """
    from pipegen.output.scripts import verbatim

    sys.stdout.write(verbatim(f"completion.{shell.value}"))
