"""`pipegen schema`."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipegen.cli import report
from pipegen.errors import InvalidDefinition

if TYPE_CHECKING:
    from pipegen.loading.fleet import Fleet


class SchemaKind(StrEnum):
    """A kind of file, or the JSON report."""

    definition = "definition"
    fleet = "fleet"
    blueprint = "blueprint"
    foundation = "foundation"
    report = "report"


def command(
    kind: Annotated[
        SchemaKind,
        typer.Argument(
            help="Definitions, a fleet's pipegen.yaml, a blueprint's blueprint.yaml, a foundation, or the output of "
            "--format json."
        ),
    ] = SchemaKind.definition,
) -> None:
    """Print the JSON Schema of a kind of file, for editors and other tools.

    In a fleet, the schema includes the parameters of the fleet's own blueprints.

    Example: pipegen schema > pipegen.schema.json
    """
    from pipegen.loading.fleet_file import find_fleet

    try:
        fleet = find_fleet(Path("any.yaml"))
    except InvalidDefinition as error:
        report.show(error.problems)
        raise typer.Exit(1) from None
    typer.echo(schema_text(kind, fleet), nl=False)


def schema_text(kind: SchemaKind, fleet: Fleet | None = None) -> str:
    """Return a JSON Schema as text."""
    import json

    from pipegen.loading import file_schemas

    schemas = {
        SchemaKind.definition: lambda: file_schemas.definition_schema(fleet),
        SchemaKind.fleet: lambda: file_schemas.fleet_schema(fleet),
        SchemaKind.blueprint: lambda: file_schemas.blueprint_schema(fleet),
        SchemaKind.foundation: file_schemas.foundation_schema,
        SchemaKind.report: _report_schema,
    }
    return json.dumps(schemas[kind](), indent=2) + "\n"


def _report_schema() -> Mapping[str, Any]:
    import json
    from importlib.resources import files

    found: Mapping[str, Any] = json.loads(
        files("pipegen.cli.formats").joinpath("report.schema.json").read_text("utf-8")
    )
    return found
