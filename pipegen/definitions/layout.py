"""Where a fleet's files are. It imports next to nothing, so that finding nothing changed takes no time."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path as FilePath

FLEET_FILE = "pipegen.yaml"
BLUEPRINT_FILE = "blueprint.yaml"


@cache
def own_directory() -> FilePath:
    """The blueprints that pipegen brings: in the wheel beside its modules, in a checkout at the top."""
    package = FilePath(__file__).resolve().parents[1]
    return next(each for each in (package / "blueprints", package.parent / "blueprints") if each.is_dir())


def service_files(root: FilePath, patterns: Iterable[str]) -> list[FilePath]:
    """The files of a fleet's definitions, sorted."""
    found = {file for pattern in patterns for file in root.glob(pattern) if file.is_file()}
    return sorted(found - {root / FLEET_FILE})


def template_files(blueprint: FilePath) -> list[FilePath]:
    """What a blueprint has in its `files/`, sorted."""
    directory = blueprint / "files"
    found = sorted(directory.iterdir()) if directory.is_dir() else []
    return [file for file in found if file.is_file() and not file.name.startswith(".")]
