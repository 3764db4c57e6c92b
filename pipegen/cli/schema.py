"""`pipegen schema`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Annotated, Any

import typer


class Sort(StrEnum):
    """Sorts of files."""

    definition = "definition"
    fleet = "fleet"
    blueprint = "blueprint"


def command(
    sort: Annotated[
        Sort, typer.Argument(help="Definitions, a fleet's pipegen.yaml, or a blueprint's blueprint.yaml.")
    ] = Sort.definition,
) -> None:
    """Print the JSON Schema of a sort of file, for editors and other tools."""
    typer.echo(schema_text(sort), nl=False)


def schema_text(sort: Sort) -> str:
    """A schema as it is printed and written."""
    import json

    from pipegen.definitions import file_schemas

    made: Mapping[Sort, Callable[[], Mapping[str, Any]]] = {
        Sort.definition: file_schemas.definition_schema,
        Sort.fleet: file_schemas.fleet_schema,
        Sort.blueprint: file_schemas.blueprint_schema,
    }
    return json.dumps(made[sort](), indent=2) + "\n"
