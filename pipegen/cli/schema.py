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


class Sort(StrEnum):
    """Sorts of files, and reports in JSON."""

    definition = "definition"
    fleet = "fleet"
    blueprint = "blueprint"
    foundation = "foundation"
    report = "report"


def command(
    sort: Annotated[
        Sort,
        typer.Argument(
            help="Definitions, a fleet's pipegen.yaml, a blueprint's blueprint.yaml, a foundation, or what --format "
            "json prints."
        ),
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
        Sort.report: _report_schema,
    }
    return json.dumps(made[sort](), indent=2) + "\n"


def _report_schema() -> Mapping[str, Any]:
    import json
    from importlib.resources import files

    found: Mapping[str, Any] = json.loads(
        files("pipegen.cli.formats").joinpath("report.schema.json").read_text("utf-8")
    )
    return found
