"""Where a definition came from, so that a problem can say its place."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from pipegen.definition import Definition
from pipegen.errors import Path, Problem


@dataclass(frozen=True, slots=True)
class Loaded:
    """A definition, the file it came from, and how a path in it becomes a place in that file."""

    definition: Definition
    file: str
    place: Callable[[Path], str]

    def placed(self, problems: Iterable[Problem]) -> list[Problem]:
        """The problems with their places."""
        return [replace(problem, place=self.place(problem.path)) for problem in problems]
