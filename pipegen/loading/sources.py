"""Where a definition came from, so that a problem can say its place."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path as FilePath
from typing import TYPE_CHECKING

from pipegen.definition import Definition
from pipegen.errors import Path, Problem, spell
from pipegen.frozen import frozen
from pipegen.loading.layout import OWN
from pipegen.loading.yaml.nodes import Node, located

if TYPE_CHECKING:
    from pipegen.loading.blueprints.blueprint import Blueprint
    from pipegen.loading.blueprints.expansion import GeneratedFile


@frozen(kw_only=True)
class Origin:
    """What a definition was put together from.

    node: its data with the place of every value. inputs: every file that had a part in it.
    environments: of its fleet, those where its stacks are deployed. blueprint: its name. maker: the blueprint itself.
    user: where the blueprint is named.
    files: for the application's own repository. notes: what is worth telling of where things were found.
    """

    node: Node
    environments: tuple[str, ...] = ()
    blueprint: str | None = None
    files: tuple[GeneratedFile, ...] = ()
    inputs: tuple[FilePath, ...] = ()
    notes: tuple[Problem, ...] = ()
    maker: Blueprint | None = None
    user: Node | None = None

    def warnings(self) -> list[Problem]:
        """What may be the cause of errors in the definition."""
        return [each for each in self.notes if each.severity == "warning"]

    def located(self, problems: Iterable[Problem], file: str) -> list[Problem]:
        """The problems of the definition in a file with their places."""
        return [self._for_user(problem) for problem in located(self.node, problems, file)]

    def _for_user(self, problem: Problem) -> Problem:
        """What shows in a blueprint of pipegen's is for its user to correct, with an argument."""
        if self.maker is None or self.user is None:
            return problem
        if problem.code == "service-first-image":
            return self._of_first_image(problem)
        if not problem.location.startswith(OWN):
            return problem
        return replace(problem, location=self.user.location, related=problem.location)

    def _of_first_image(self, problem: Problem) -> Problem:
        """It is missing where the blueprint has the container, and is given with an argument."""
        assert self.maker is not None
        assert self.user is not None
        name = self.maker.parameter_for("first_images")
        if name is None or not self.maker.contains(problem.location):
            return problem
        before, _, containers = problem.fix.partition("first_images")
        value = containers if self.maker.data.parameters[name].type == "mapping" else ": …"
        return replace(
            problem, location=self.user.location, related=problem.location, fix=f"{before}with: {{{name}{value}}}"
        )


@frozen
class Loaded:
    """A definition, the file that it comes from, and a function that returns the location of a path in it.

    origin: what completed a definition in YAML. variable: the name of a definition in Python.
    """

    definition: Definition
    file: str
    location: Callable[[Path], str]
    origin: Origin | None = None
    variable: str = ""

    def located(self, problems: Iterable[Problem]) -> list[Problem]:
        """Add their locations to problems."""
        if self.origin is not None:
            return self.origin.located(problems, self.file)
        return [
            replace(problem, location=self.location(problem.path), subject=spell((self.variable, *problem.path)))
            for problem in problems
        ]
