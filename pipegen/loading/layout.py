"""The files of fleets and blueprints. This module imports little, as it is used even if nothing has changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path as FilePath

from pipegen.errors import InvalidDefinition, Problem, quoted
from pipegen.syntax.paths import is_relative

FLEET_FILE = "pipegen.yaml"
BLUEPRINT_FILE = "blueprint.yaml"
OWN = "pipegen:"
"""The directory of pipegen's own blueprints as messages show it."""
_LIMIT_DEEP, _LIMIT_LENGTH = 2, 200
"""Limits of a pattern: the number of `**`, each of which multiplies the search, and the number of characters."""


@cache
def own_directory() -> FilePath:
    """The directory of pipegen's own blueprints: in the package if installed, or at the top of a checkout."""
    package = FilePath(__file__).resolve().parents[1]
    return next(each for each in (package / "blueprints", package.parent / "blueprints") if each.is_dir())


def pattern_problems(patterns: Iterable[str]) -> Iterator[Problem]:
    """Problems with glob patterns for the files of definitions."""
    for index, pattern in enumerate(patterns):
        deep = [part for part in pattern.split("/") if "**" in part]
        text = ""
        if not is_relative(pattern):
            text = "leads out of the fleet"
        elif len(pattern) > _LIMIT_LENGTH:
            text = f"has more than {_LIMIT_LENGTH} characters"
        elif len(deep) > _LIMIT_DEEP or any(part != "**" for part in deep):
            text = f"has ** more than {_LIMIT_DEEP} times, or as a part of a name"
        if text:
            fix = "a pattern below its root, such as services/**/*.yaml"
            yield Problem("fleet-definitions", ("definitions", index), f"{quoted(pattern, 60)} {text}", fix)


def definition_files(root: FilePath, patterns: Sequence[str]) -> list[FilePath]:
    """The files of a fleet's definitions, sorted, without those of fleets inside it. Raises InvalidDefinition."""
    problems = list(pattern_problems(patterns))
    if problems:
        raise InvalidDefinition(problems)

    @cache
    def is_in_other_fleet(directory: FilePath) -> bool:
        return directory != root and ((directory / FLEET_FILE).is_file() or is_in_other_fleet(directory.parent))

    paths = {file for pattern in patterns for file in root.glob(pattern) if file.is_file()}
    return sorted(file for file in paths - {root / FLEET_FILE} if not is_in_other_fleet(file.parent))


def template_files(blueprint: FilePath) -> list[FilePath]:
    """The files in a blueprint's `files/` directory, sorted."""
    directory = blueprint / "files"
    paths = sorted(directory.iterdir()) if directory.is_dir() else []
    return [file for file in paths if file.is_file() and not file.name.startswith(".")]


def shown(path: FilePath) -> str:
    """A path as messages show it: relative to the working directory if it is below it."""
    try:
        return str(path.relative_to(FilePath.cwd()))
    except (ValueError, OSError):
        return str(path)
