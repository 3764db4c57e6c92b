"""`pipegen validate` on the text of a definition, in this process."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from pipegen.cli import app


def validated(text: str, directory: Path, file: str = "x.yaml") -> list[str]:
    """The lines that it prints about a file of that text, without the directory."""
    path = directory / file
    path.write_text(text)
    result = CliRunner().invoke(app, ["validate", str(path)], catch_exceptions=False)
    return [line.replace(f"{directory}/", "") for line in result.stderr.splitlines()]
