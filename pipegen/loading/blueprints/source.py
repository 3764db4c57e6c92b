"""The files of one blueprint, without those of the blueprint that it extends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path as FilePath

from pipegen.errors import InvalidDefinition, Problem
from pipegen.frozen import frozen
from pipegen.loading.blueprints.expressions import File
from pipegen.loading.blueprints.sandbox import ExpressionFailed
from pipegen.loading.layout import BLUEPRINT_FILE, template_files
from pipegen.loading.yaml.nodes import Node
from pipegen.loading.yaml.parsing import nodes_of, text_of

EXTENDS = "extends"


@frozen
class Template:
    """A template in a blueprint's `files/` directory. location: the file as messages show it."""

    file: File
    location: str


@frozen(kw_only=True, eq=False)
class Source:
    """The directory of a blueprint. node: the contents of blueprint.yaml. problems: those of its templates."""

    directory: FilePath
    node: Node
    files: Sequence[FilePath]
    templates: Mapping[str, Template]
    problems: Sequence[Problem] = ()

    @property
    def extends(self) -> Node | None:
        """The node that names the blueprint that it extends."""
        return self.node.inside.get(EXTENDS)


def read_source(directory: FilePath, shown: str) -> Source:
    """Read the files in a directory. shown: the directory as messages show it. Raises InvalidDefinition."""
    files = (directory / BLUEPRINT_FILE, *template_files(directory))
    return _read(directory, shown, tuple((file, _changed(file)) for file in files))


def _changed(file: FilePath) -> int:
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return 0


@lru_cache(maxsize=128)
def _read(directory: FilePath, shown: str, files: tuple[tuple[FilePath, int], ...]) -> Source:
    paths = [file for file, _ in files]
    _reject_outside_links(directory, shown, paths)
    node = nodes_of(directory / BLUEPRINT_FILE, f"{shown}/{BLUEPRINT_FILE}")
    problems: list[Problem] = []
    templates = _templates(paths[1:], f"{shown}/files", problems)
    return Source(directory=directory, node=node, files=paths, templates=templates, problems=problems)


def _reject_outside_links(directory: FilePath, shown: str, files: Sequence[FilePath]) -> None:
    """Reject links out of the directory: a change to a repository must not read other files of this machine."""
    inside = directory.resolve()
    text, fix = "leads out of the blueprint", "put the file itself there"
    outside = [file for file in files if not file.resolve().is_relative_to(inside)]
    if outside:
        names = [file.relative_to(directory).as_posix() for file in outside]
        raise InvalidDefinition(Problem("unreadable", (), text, fix, location=f"{shown}/{name}") for name in names)


def _templates(files: Sequence[FilePath], shown: str, problems: list[Problem]) -> dict[str, Template]:
    found = {}
    for file in files:
        location = f"{shown}/{file.name}"
        try:
            found[file.name] = Template(File(text_of(file, location)), location)
        except ExpressionFailed as error:
            problems.append(Problem("expression", (), error.text, error.fix, location=f"{location}:{error.line}"))
    return found
