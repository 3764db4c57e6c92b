"""`pipegen schema`."""

from __future__ import annotations

import json

import typer


def command() -> None:
    """Print the JSON Schema of definitions, for editors and other tools."""
    from pipegen.definitions.schema import json_schema

    typer.echo(json.dumps(json_schema(), indent=2))
