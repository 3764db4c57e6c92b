"""`pipegen explain`."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipegen.cli import report
from pipegen.cli.completing import complete_explained
from pipegen.cli.options import usage_error
from pipegen.errors import InvalidDefinition

if TYPE_CHECKING:
    from pipegen.loading.fleet import Fleet
    from pipegen.loading.sources import Origin

WidthOption = Annotated[
    int | None, typer.Option("--width", min=40, max=1000, help="Columns.  [default: those of the terminal, or 80]")
]


def command(
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="[CODE|FILE]",
            help="The code of a problem, such as unknown-key, or a YAML definition. Default: list all codes.",
            autocompletion=complete_explained,
        ),
    ] = None,
    width: WidthOption = None,
) -> None:
    """Explain a problem by its code, or show where every value of a definition comes from.

    For a code, print its meaning, the reason, the fix, and an example with and without the problem. For a file, print
    the definition with everything that its blueprint and its fleet add, as YAML that can be rendered; comments name the
    file and line that each value comes from.

    Example: pipegen explain unknown-key
    """
    if what is None or not _is_file(what):
        from pipegen.cli.explain_code import explain_code, list_codes

        if what is None:
            list_codes(width or columns())
        else:
            explain_code(what, width or columns())
        return
    _explain_file(Path(what), width or columns())


def _is_file(what: str) -> bool:
    """Whether the argument is a file: codes have neither a suffix nor directories."""
    return not re.fullmatch(r"[A-Za-z0-9-]+", what) or os.path.lexists(what)


def _explain_file(path: Path, width: int) -> None:
    from pipegen.loading import YAML_SUFFIXES
    from pipegen.loading.blueprints.explanation import explained
    from pipegen.loading.fleet_file import find_fleet
    from pipegen.loading.yaml_file import load_yaml, resolve
    from pipegen.output.short_tags import short_tag

    if path.suffix not in YAML_SUFFIXES:
        usage_error(f"{path}: only definitions in YAML can be explained; values that Python makes have no locations")
    try:
        fleet = find_fleet(path)
        origin = resolve(path, fleet)
    except InvalidDefinition as error:
        report.show(error.problems)
        raise typer.Exit(1) from None
    for line in _head(path, origin, fleet):
        print(line)
    sys.stdout.write(explained(origin.node, short_tag, width))
    report.show(origin.notes)
    try:
        load_yaml(path, fleet)
    except InvalidDefinition as error:
        report.show(error.problems)
        raise typer.Exit(1) from None


def columns() -> int:
    """Return the columns of the terminal, or 80 if standard output is not a terminal."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 80


def _head(path: Path, origin: Origin, fleet: Fleet | None) -> Iterator[str]:
    from pipegen.errors import printable
    from pipegen.loading.blueprints.catalog import display_name

    yield f"# {printable(str(path))}, completed"
    if origin.blueprint is not None:
        directories = [display_name(file.parent) for file in origin.inputs if file.name == "blueprint.yaml"]
        yield f"# blueprint: {origin.blueprint.name} ({', '.join(map(printable, directories))})"
    for file in origin.files:
        yield f"# offers the file {file.path}"
    if fleet is None:
        return
    yield f"# fleet: {printable(fleet.node.file)}"
    for name in origin.environments:
        environment = fleet.data.environments[name]
        where = ", ".join(filter(None, (environment.account, environment.region)))
        yield f"# deployed to {name}{f' ({where})' if where else ''}"
