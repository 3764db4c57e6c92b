"""Where a definition came from, so that a problem can say its place."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path as FilePath
from typing import TYPE_CHECKING

from pipegen.definition import Definition
from pipegen.definitions.nodes import Node, placed
from pipegen.errors import Path, Problem

if TYPE_CHECKING:
    from pipegen.definitions.expansion import GeneratedFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a definition was put together from.

    node: its data with the place of every value. inputs: every file that had a part in it.
    environments: of its fleet, those where its stacks are deployed. blueprint: its name.
    files: for the application's own repository. notes: what is worth telling of where things were found.
    """

    node: Node
    environments: tuple[str, ...] = ()
    blueprint: str | None = None
    files: tuple[GeneratedFile, ...] = ()
    inputs: tuple[FilePath, ...] = ()
    notes: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Loaded:
    """A definition, the file it came from, and how a path in it becomes a place; origin: of YAML, what completed it."""

    definition: Definition
    file: str
    place: Callable[[Path], str]
    origin: Origin | None = None

    def placed(self, problems: Iterable[Problem]) -> list[Problem]:
        """The problems with their places."""
        if self.origin is not None:
            return placed(self.origin.node, problems, self.file)
        return [replace(problem, place=self.place(problem.path)) for problem in problems]
