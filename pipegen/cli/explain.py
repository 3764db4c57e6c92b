"""`pipegen explain`."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipegen.cli import report
from pipegen.cli.options import refuse
from pipegen.errors import InvalidDefinition

if TYPE_CHECKING:
    from pipegen.loading.fleet_file import Fleet
    from pipegen.loading.sources import Origin

WidthOption = Annotated[
    int | None, typer.Option("--width", min=40, max=1000, help="Columns; those of the terminal, or 80, unless given.")
]


def command(
    path: Annotated[Path, typer.Argument(help="A definition in YAML.")],
    width: WidthOption = None,
) -> None:
    """Print a definition as its blueprint and its fleet complete it, and where every value came from.

    It is YAML that can be rendered; comments have the file and the line of each value, and what it replaced.
    """
    from pipegen.loading import YAML_SUFFIXES
    from pipegen.loading.blueprints.explanation import explained
    from pipegen.loading.fleet_file import find_fleet
    from pipegen.loading.yaml_file import load_yaml, resolve
    from pipegen.output.short_tags import short_tag

    if path.suffix not in YAML_SUFFIXES:
        refuse(f"{path}: explains YAML alone; values that Python makes have no places")
    try:
        fleet = find_fleet(path)
        origin = resolve(path, fleet)
    except InvalidDefinition as error:
        report.show(error.problems)
        raise typer.Exit(1) from None
    for line in _head(path, origin, fleet):
        print(line)
    sys.stdout.write(explained(origin.node, short_tag, width or columns()))
    report.show(origin.notes)
    try:
        load_yaml(path, fleet)
    except InvalidDefinition as error:
        report.show(error.problems)
        raise typer.Exit(1) from None


def columns() -> int:
    """Those of the terminal; 80 for what is no terminal."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 80


def _head(path: Path, origin: Origin, fleet: Fleet | None) -> Iterator[str]:
    from pipegen.errors import printable
    from pipegen.loading.blueprints.catalog import called

    yield f"# {printable(str(path))}, completed"
    if origin.blueprint is not None:
        directories = [called(file.parent) for file in origin.inputs if file.name == "blueprint.yaml"]
        yield f"# blueprint: {origin.blueprint} ({', '.join(map(printable, directories))})"
    for file in origin.files:
        yield f"# offers the file {file.path}"
    if fleet is None:
        return
    yield f"# fleet: {printable(fleet.node.file)}"
    for name in origin.environments:
        environment = fleet.data.environments[name]
        where = ", ".join(filter(None, (environment.account, environment.region)))
        yield f"# deployed to {name}{f' ({where})' if where else ''}"
