"""`pipegen schema`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipegen.cli import report
from pipegen.errors import InvalidDefinition

if TYPE_CHECKING:
    from pipegen.loading.fleet_file import Fleet


class Sort(StrEnum):
    """Sorts of files."""

    definition = "definition"
    fleet = "fleet"
    blueprint = "blueprint"
    foundation = "foundation"


def command(
    sort: Annotated[
        Sort,
        typer.Argument(help="Definitions, a fleet's pipegen.yaml, a blueprint's blueprint.yaml, or a foundation."),
    ] = Sort.definition,
) -> None:
    """Print the JSON Schema of a sort of file, for editors and other tools. In a fleet it has the parameters of the
    fleet's own blueprints."""
    from pipegen.loading.fleet_file import find_fleet

    try:
        fleet = find_fleet(Path("any.yaml"))
    except InvalidDefinition as error:
        report.show(error.problems)
        raise typer.Exit(1) from None
    typer.echo(schema_text(sort, fleet), nl=False)


def schema_text(sort: Sort, fleet: Fleet | None = None) -> str:
    """A schema as it is printed and written."""
    import json

    from pipegen.loading.schemas import file_schemas

    made = {
        Sort.definition: lambda: file_schemas.definition_schema(fleet),
        Sort.fleet: lambda: file_schemas.fleet_schema(fleet),
        Sort.blueprint: lambda: file_schemas.blueprint_schema(fleet),
        Sort.foundation: file_schemas.foundation_schema,
    }
    return json.dumps(made[sort](), indent=2) + "\n"
