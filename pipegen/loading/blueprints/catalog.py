"""Finding blueprints: in the directories of a fleet, in the listed order, and then among pipegen's own."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path as FilePath

from pipegen.errors import InvalidDefinition, Problem, quoted
from pipegen.fields.words import described
from pipegen.frozen import frozen
from pipegen.loading.blueprints import blueprint as blueprints
from pipegen.loading.blueprints.blueprint import Blueprint, blueprint_of
from pipegen.loading.blueprints.source import Source, read_source
from pipegen.loading.blueprints.suggestions import suggestion
from pipegen.loading.fleet import Fleet
from pipegen.loading.layout import OWN, own_directory, shown
from pipegen.loading.yaml.nodes import Node, invalid

__all__ = [
    "CatalogEntry",
    "all_parameters",
    "catalog",
    "directories",
    "display_name",
    "find_blueprint",
    "own_directory",
    "read_blueprint",
]  # fmt: skip
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_PART = "_"
"""The prefix of the names of blueprints that other blueprints can extend, but definitions cannot use."""
_LIMIT_CHAIN = 10


def display_name(path: FilePath) -> str:
    """A file or directory of a blueprint as messages show it."""
    return _display_name(path, os.getcwd())  # noqa: PTH109  fast, as it is called for every definition


@lru_cache(maxsize=256)
def _display_name(path: FilePath, _working_directory: str) -> str:
    absolute, own = FilePath(os.path.abspath(path)), own_directory()  # noqa: PTH100  does not resolve links
    return f"{OWN}{absolute.relative_to(own).as_posix()}" if absolute.is_relative_to(own) else shown(path)


@frozen
class CatalogEntry:
    """A blueprint's name and directory, and the directory of a blueprint of the same name that it hides."""

    name: str
    directory: FilePath
    hidden: FilePath | None = None

    def notes(self) -> list[Problem]:
        if self.hidden is None:
            return []
        text = f"the blueprint {self.name} hides the one in {display_name(self.hidden)}"
        fix = "rename it if that is not meant"
        return [Problem("blueprint-shadowed", (), text, fix, "note", display_name(self.directory))]


def directories(fleet: Fleet | None) -> list[FilePath]:
    """The directories that are searched, in order."""
    listed = [] if fleet is None else [fleet.root / each for each in fleet.data.blueprints]
    return [*listed, own_directory()]


def catalog(fleet: Fleet | None) -> dict[str, CatalogEntry]:
    """All blueprints that definitions can use by name."""
    entries: dict[str, CatalogEntry] = {}
    for directory in directories(fleet):
        for each in sorted(directory.glob(f"*/{blueprints.FILE_NAME}")):
            name, earlier = each.parent.name, entries.get(each.parent.name)
            if name.startswith(_PART):
                continue
            if earlier is None:
                entries[name] = CatalogEntry(name, each.parent)
            elif earlier.hidden is None:
                entries[name] = CatalogEntry(name, earlier.directory, each.parent)
    return entries


def all_parameters(fleet: Fleet | None) -> list[str] | None:
    """The names of the parameters of all blueprints in the catalog; None if one of them cannot be read."""
    try:
        read = [read_blueprint(each.directory, fleet) for each in catalog(fleet).values()]
    except InvalidDefinition:
        return None
    return list(dict.fromkeys(name for each in read for name in each.data.parameters))


def find_blueprint(reference: Node, fleet: Fleet | None, beside: FilePath) -> tuple[Blueprint, Sequence[Problem]]:
    """Return the blueprint that a definition names, and notes about it. beside: the directory of the definition.

    Raises InvalidDefinition.
    """
    named = reference.data
    if is_path(named):
        base = beside if fleet is None else fleet.root
        from_where = "the file" if fleet is None else "the fleet's root"
        blueprint = read_blueprint(_at_path(reference, fleet, base, from_where), fleet)
        return blueprint, blueprint.notes
    if not isinstance(named, str) or not _NAME.fullmatch(named):
        raise _invalid_name(reference, "./")
    having = list(_having(named, directories(fleet)))
    if not having:
        raise _unknown(reference, catalog(fleet))
    blueprint = read_blueprint(having[0], fleet)
    hidden = next((each for each in having[1:] if each not in (source.directory for source in blueprint.sources)), None)
    return blueprint, [*CatalogEntry(named, having[0], hidden).notes(), *blueprint.notes]


def read_blueprint(directory: FilePath, fleet: Fleet | None) -> Blueprint:
    """Read the blueprint in a directory, and those that it extends. Raises InvalidDefinition."""
    chain = [read_source(directory, display_name(directory))]
    while (reference := chain[-1].extends) is not None:
        extended = _extended(reference, chain[-1], fleet)
        if any(extended == each.directory for each in chain) or len(chain) == _LIMIT_CHAIN:
            names = " -> ".join([*(each.directory.name for each in chain), extended.name])
            text = f"the blueprints extend each other: {names}"
            raise invalid(reference, "blueprint-cycle", text, "one of them must extend no other")
        chain.append(_read_extended(reference, extended))
    return blueprint_of(tuple(chain))


def _invalid_name(reference: Node, prefixes: str) -> InvalidDefinition:
    text = f"a blueprint must be a name or a path, got {described(reference.data)}"
    if reference.data is None:
        text = "the value of blueprint is missing"
    return invalid(reference, "unknown-blueprint", text, f"give a name, or a path that begins with {prefixes}")


def is_path(named: object) -> bool:
    """Whether the reference to a blueprint is a path."""
    return isinstance(named, str) and named.startswith(("./", "../"))


def _read_extended(reference: Node, directory: FilePath) -> Source:
    try:
        return read_source(directory, display_name(directory))
    except InvalidDefinition as error:
        raise InvalidDefinition([replace(each, related=reference.location) for each in error.problems]) from None


def _extended(reference: Node, source: Source, fleet: Fleet | None) -> FilePath:
    """The directory of the blueprint that a blueprint extends: the path, or the first other one with the name.

    pipegen's own blueprints can only extend each other.
    """
    named = reference.data
    if is_path(named):
        return _at_path(reference, fleet, source.directory, "the blueprint's directory")
    if not isinstance(named, str) or not _NAME.fullmatch(named.removeprefix(_PART)):
        raise _invalid_name(reference, "./ or ../")
    is_own = source.directory.parent == own_directory()
    searched = [own_directory()] if is_own else directories(fleet)
    path = next((each for each in _having(named, searched) if each != source.directory), None)
    if path is None and named == source.directory.name:
        text = f"the blueprints extend each other: {named} -> {named}"
        raise invalid(reference, "blueprint-cycle", text, "name another one, or remove extends")
    if path is None:
        names = {each.parent.name for directory in searched for each in directory.glob(f"*/{blueprints.FILE_NAME}")}
        raise _unknown(reference, sorted(names - {source.directory.name}))
    return path


def _unknown(reference: Node, known: Collection[str]) -> InvalidDefinition:
    text, fix = f"unknown blueprint {quoted(reference.data, 60)}", suggestion(reference.data, sorted(known))
    return invalid(reference, "unknown-blueprint", text, fix)


def _having(name: str, searched: Iterable[FilePath]) -> Iterator[FilePath]:
    for directory in searched:
        if (directory / name / blueprints.FILE_NAME).is_file():
            yield directory / name


def _at_path(reference: Node, fleet: Fleet | None, base: FilePath, from_where: str) -> FilePath:
    directory = FilePath(os.path.normpath(base / reference.data))
    allowed = [] if fleet is None else [fleet.root, *directories(fleet)]
    if fleet is not None and not any(directory.resolve().is_relative_to(each.resolve()) for each in allowed):
        text = f"{quoted(reference.data, 60)} leads out of the fleet"
        raise invalid(reference, "unknown-blueprint", text, "its directory may be listed in pipegen.yaml")
    if not (directory / blueprints.FILE_NAME).is_file():
        text = f"there is no {display_name(directory / blueprints.FILE_NAME)}"
        raise invalid(reference, "unknown-blueprint", text, f"paths are relative to {from_where}")
    return directory
