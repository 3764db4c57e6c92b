"""`docs/commands.md`: what `pipegen --help` says of every command and option.

`UPDATE_DOCS=1 pytest tests/documentation/test_commands.py` writes it."""

from __future__ import annotations

import os

import typer
from typer.cli import get_docs_for_click
from typer.main import get_command

from pipegen.cli import COMMANDS
from tests.documentation.pages import DOCS
from tests.support.command import APP

PAGE = DOCS / "commands.md"
HEAD = """\
# Commands

What `pipegen --help` prints about every command. This page is generated from the commands.

"""


def page() -> str:
    group = get_command(APP)
    context = typer.Context(group, info_name="pipegen")
    described = get_docs_for_click(obj=group, ctx=context, name="pipegen")
    _, first, rest = described.partition("## `pipegen ")
    return f"{HEAD}{first}{rest.rstrip()}\n"


def test_the_page_says_what_the_help_says() -> None:
    if "UPDATE_DOCS" in os.environ:
        PAGE.write_text(page())
    assert PAGE.read_text() == page()


def test_every_command_is_on_the_page() -> None:
    assert [name for name in COMMANDS if f"## `pipegen {name}`" not in PAGE.read_text()] == []
