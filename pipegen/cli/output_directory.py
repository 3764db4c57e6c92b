"""The directory that `--output` names."""

from __future__ import annotations

from pathlib import Path

import typer

from pipegen.cli import report
from pipegen.errors import printable


def output_directory(text: str) -> Path:
    """Return the directory, which need not exist. Exits with 2 if it cannot: one of its parents, or itself, is a
    file."""
    if not text:
        _usage_error("must not be empty; the working directory is .")
    path = Path(text)
    if file := next((each for each in (path, *path.parents) if _is_file(each)), None):
        _usage_error(f"{file} is not a directory; give a directory, which gets a file for each stack")
    return path


def _is_file(path: Path) -> bool:
    try:
        return path.exists() and not path.is_dir()
    except (OSError, ValueError):  # a name that no file can have
        return False


def _usage_error(message: str) -> None:
    report.fail(f"--output: {printable(message)}")
    raise typer.Exit(2)
