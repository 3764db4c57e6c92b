"""Loading definitions: from YAML, which is read strictly and with locations, or from executed Python modules."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from pipegen.errors import InvalidDefinition, Problem
from pipegen.loading.layout import FLEET_FILE

if TYPE_CHECKING:
    from pipegen.loading.fleet import Fleet
    from pipegen.loading.sources import Loaded

YAML_SUFFIXES = (".yaml", ".yml", ".json")


def load_file(path: str | os.PathLike[str], fleet: Fleet | None = None, environment: str | None = None) -> list[Loaded]:
    """Load the definitions in a file: one from YAML, any number from Python, which is executed.

    fleet: the fleet of the file. Default: that of the nearest directory above with a pipegen.yaml. environment: where
    values differ between the environments of the fleet, the one whose values are loaded. Default: the first.
    Raises InvalidDefinition with the locations of all problems.
    """
    path = Path(path)
    if _is_directory(path):
        fix = f"name the files in it; a fleet has a {FLEET_FILE}"
        raise InvalidDefinition([Problem("unreadable", (), "is a directory", fix, location=str(path))])
    if path.suffix in YAML_SUFFIXES:
        from pipegen.loading.yaml_file import load_yaml

        return [load_yaml(path, fleet, environment=environment)]
    if path.suffix == ".py":
        from pipegen.loading.python_file import load_python

        return load_python(path)
    fix = f"use a file that ends in {', '.join(YAML_SUFFIXES)} or .py"
    raise InvalidDefinition(
        [Problem("unreadable", (), "is not the name of a definition file", fix, location=str(path))]
    )


def _is_directory(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):  # an invalid file name
        return False


__all__ = ["Loaded", "load_file"]
