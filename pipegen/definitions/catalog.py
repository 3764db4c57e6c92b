"""Where blueprints are found: in a fleet's own directories, in their order, and then among pipegen's own."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath

from pipegen.definitions import blueprint as blueprints
from pipegen.definitions.blueprint import Blueprint, read_blueprint
from pipegen.definitions.fleet import Fleet, shown
from pipegen.definitions.layout import own_directory
from pipegen.definitions.nodes import Node, refused
from pipegen.errors import InvalidDefinition, Problem, one_line, there_are

__all__ = ["Found", "all_parameters", "called", "catalog", "directories", "find_blueprint", "own_directory"]
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


OWN = "pipegen:"
"""What the directory of pipegen's own blueprints is called in places, wherever it is installed."""


def called(path: FilePath) -> str:
    """A file or directory of a blueprint as messages show it."""
    absolute, own = FilePath(os.path.abspath(path)), own_directory()  # noqa: PTH100  not through links
    return f"{OWN}{absolute.relative_to(own).as_posix()}" if absolute.is_relative_to(own) else shown(path)


@dataclass(frozen=True, slots=True)
class Found:
    """A blueprint's name, the directory that it is in, and the one that it hides from view."""

    name: str
    directory: FilePath
    hidden: FilePath | None = None

    def notes(self) -> list[Problem]:
        if self.hidden is None:
            return []
        text = f"the blueprint {self.name} hides the one in {called(self.hidden)}"
        fix = "rename it if that is not meant"
        return [Problem("blueprint-shadowed", (), text, fix, "note", called(self.directory))]


def directories(fleet: Fleet | None) -> list[FilePath]:
    """Those that are searched, in order."""
    listed = [] if fleet is None else [fleet.root / each for each in fleet.data.blueprints]
    return [*listed, own_directory()]


def catalog(fleet: Fleet | None) -> dict[str, Found]:
    """Every blueprint that can be named, by name."""
    found: dict[str, Found] = {}
    for directory in directories(fleet):
        for each in sorted(directory.glob(f"*/{blueprints.FILE_NAME}")):
            name, earlier = each.parent.name, found.get(each.parent.name)
            if earlier is None:
                found[name] = Found(name, each.parent)
            elif earlier.hidden is None:
                found[name] = Found(name, earlier.directory, each.parent)
    return found


def all_parameters(fleet: Fleet | None) -> list[str] | None:
    """The names of the parameters of all blueprints that can be named; None where one of these cannot be read."""
    try:
        read = [read_blueprint(each.directory, called(each.directory)) for each in catalog(fleet).values()]
    except InvalidDefinition:
        return None
    return list(dict.fromkeys(name for each in read for name in each.data.parameters))


def find_blueprint(reference: Node, fleet: Fleet | None, beside: FilePath) -> tuple[Blueprint, Sequence[Problem]]:
    """The blueprint that a definition names, and notes about it; `beside`: the directory of its file.

    Raises InvalidDefinition.
    """
    named = reference.data
    if isinstance(named, str) and named.startswith(("./", "../")):
        return _at_path(reference, fleet, beside), ()
    if not isinstance(named, str) or not _NAME.fullmatch(named):
        text = f"{one_line(repr(named), 60)} is no blueprint"
        raise refused(reference, "unknown-blueprint", text, "a name, or a path that begins with ./")
    found = _lookup(named, fleet)
    if found is None:
        known = catalog(fleet)
        near = difflib.get_close_matches(named, known, n=1)
        fix = f"did you mean {near[0]}?" if near else there_are(sorted(known))
        raise refused(reference, "unknown-blueprint", f"there is no blueprint {named}", fix)
    return read_blueprint(found.directory, called(found.directory)), found.notes()


def _lookup(name: str, fleet: Fleet | None) -> Found | None:
    having = list(_having(name, fleet))
    return Found(name, having[0], having[1] if len(having) > 1 else None) if having else None


def _having(name: str, fleet: Fleet | None) -> Iterator[FilePath]:
    for directory in directories(fleet):
        if (directory / name / blueprints.FILE_NAME).is_file():
            yield directory / name


def _at_path(reference: Node, fleet: Fleet | None, beside: FilePath) -> Blueprint:
    base = beside if fleet is None else fleet.root
    directory = FilePath(os.path.normpath(base / reference.data))
    allowed = [] if fleet is None else [fleet.root, *directories(fleet)]
    if fleet is not None and not any(directory.resolve().is_relative_to(each.resolve()) for each in allowed):
        text = f"{one_line(repr(reference.data), 60)} leads out of the fleet"
        raise refused(reference, "unknown-blueprint", text, "its directory may be listed in pipegen.yaml")
    if not (directory / blueprints.FILE_NAME).is_file():
        text = f"there is no {called(directory / blueprints.FILE_NAME)}"
        from_where = "the file" if fleet is None else "the fleet's root"
        raise refused(reference, "unknown-blueprint", text, f"the path is seen from {from_where}")
    return read_blueprint(directory, called(directory))
