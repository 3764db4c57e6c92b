"""Plain arguments are converted without Typer, to what Typer makes of them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.core import TyperCommand
from typer.main import get_command

from pipegen.cli import application
from pipegen.cli.plain import PlainCommand
from tests.examples import EXAMPLES

PIPEGEN: Any = get_command(application())

ARGUMENTS: Sequence[Sequence[str]] = [
    ("render", "a.yaml"),
    ("render", "a.yaml", "./b//c.yaml", "-o", "out"),
    ("render", "--check", "-o", "out", "a.yaml", "--against", "HEAD"),
    ("render", "--", "-a.yaml"),
    ("render", "a.yaml", "-o", "one", "-o", "two"),
    ("render", "a.yaml", "--jobs", "2"),
    ("render", "a.yaml", "--format", "json"),
    ("validate", "a.yaml", "--no-lint"),
    ("explain", "a.yaml"),
    ("taskdef", "a.yaml", "--image", "web=uri", "--image", "proxy=uri", "--account", "111111111111"),
    ("blueprints",),
]


def values(parse: Any, name: str, arguments: Sequence[str]) -> dict[str, Any]:
    command = PIPEGEN.commands[name]
    context = command.make_context(name, list(arguments), resilient_parsing=True)
    context.params.clear()
    context.resilient_parsing = False
    parse(command, context, list(arguments))
    return {key: value or None for key, value in context.params.items()}  # what is not given is None, () or False


@pytest.mark.parametrize("arguments", ARGUMENTS, ids=" ".join)
def test_plain_arguments_have_the_values_that_typer_gives_them(arguments: Sequence[str]) -> None:
    name, *given = arguments
    found = values(PlainCommand.parse_args, name, given)
    assert found == values(TyperCommand.parse_args, name, given)
    assert len(found) == len(PIPEGEN.commands[name].params)


@pytest.mark.parametrize("options", [(), ("-o", "out"), ("-o", "out", "--check")], ids=" ".join)
def test_a_render_imports_nothing_slow_that_it_does_not_need(options: Sequence[str], tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from pipegen.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print([name for name in ('jinja2', 'pydantic', 'pipegen.services.service', 'typer') if name in sys.modules])"
    )
    arguments = [sys.executable, "-c", program, "render", str(EXAMPLES[0].yaml), *options]
    shown = subprocess.run(arguments, capture_output=True, text=True, check=True, cwd=tmp_path)
    assert shown.stdout.endswith("\n['typer']\n")
