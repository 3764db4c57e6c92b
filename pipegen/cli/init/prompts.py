"""Questions on a terminal, drawn on standard error."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Final, Literal

import typer
from prompt_toolkit import PromptSession
from prompt_toolkit.application import create_app_session
from prompt_toolkit.filters import Always
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.output import create_output
from prompt_toolkit.styles import Style

from pipegen.errors import printable


class _Move(Enum):
    back = "back"


Back = Literal[_Move.back]
BACK: Final = _Move.back
"""Instead of an answer: the user wants the question before this one."""

# The terminal's own colours, so that everything is legible on light and on dark backgrounds.
STYLE = Style.from_dict(
    {
        "question": "bold",
        "pointed": "bold",
        "error": "ansired",
        "bottom-toolbar": "noreverse",
    }
)
_WIDEST = 100
"""Longer lines are not easier to read."""


@contextmanager
def terminal() -> Iterator[None]:
    """Draw the questions on standard error, as standard output may be redirected."""
    with create_app_session(output=create_output(sys.stderr)):
        yield


def ask_text(question: str, default: str, hint: str) -> str | Back:
    """A line of text, which may be edited before it is given. Raises KeyboardInterrupt and EOFError."""
    keys = KeyBindings()

    @keys.add("s-tab")
    def _(event: KeyPressEvent) -> None:
        event.app.exit(result=BACK)

    session: PromptSession[str | Back] = PromptSession(
        [("class:question", f"{question}: ")],
        style=STYLE,
        key_bindings=keys,
        reserve_space_for_menu=0,
        bottom_toolbar=f"{hint}Enter: continue · Shift-Tab: back · Ctrl-C: stop",
    )
    for window in session.layout.find_all_windows():
        window.dont_extend_height = Always()  # else the hint is at the bottom of the terminal, far from the question
    answer = session.prompt(default=default)
    return answer.strip() if isinstance(answer, str) else answer


def say(text: str, indent: str = "") -> None:
    """Show a text, wrapped at the width of the terminal."""
    width = min(shutil.get_terminal_size().columns, _WIDEST)
    for line in textwrap.wrap(printable(text), width, initial_indent=indent, subsequent_indent=indent) or [""]:
        typer.echo(line, err=True)


def say_error(text: str) -> None:
    """Show what is wrong with an answer, in red where the terminal has colours."""
    width = min(shutil.get_terminal_size().columns, _WIDEST)
    for line in textwrap.wrap(f"error: {printable(text)}", width, initial_indent="  ", subsequent_indent="    "):
        typer.secho(line, fg=typer.colors.RED, err=True, color=False if os.environ.get("NO_COLOR") else None)
