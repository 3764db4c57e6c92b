"""The origins of definitions, for the locations of problems."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path as FilePath
from typing import TYPE_CHECKING

from pipegen.definition import Definition
from pipegen.errors import Path, Problem, by_location, spell
from pipegen.frozen import frozen
from pipegen.loading.layout import OWN
from pipegen.loading.yaml.nodes import Node, located

if TYPE_CHECKING:
    from pipegen.loading.blueprints.blueprint import Blueprint
    from pipegen.loading.blueprints.expansion import GeneratedFile


@frozen(kw_only=True)
class Origin:
    """The parts that a definition in YAML was completed from.

    node: the completed data with the location of every value. inputs: all files that were read.
    environments: the environments that the stacks are deployed to. environment: the one of them whose values the data
    has, if values differ between environments. blueprint: the blueprint that was expanded.
    user: the node that names the blueprint, or its arguments. sections: by the key of each service that was made from a
    service with sections, the key of that service and the name of the environment.
    files: the files for the application's repository. notes: notes and warnings about the parts.
    """

    node: Node
    environments: tuple[str, ...] = ()
    environment: str | None = None
    files: tuple[GeneratedFile, ...] = ()
    inputs: tuple[FilePath, ...] = ()
    notes: tuple[Problem, ...] = ()
    blueprint: Blueprint | None = None
    user: Node | None = None
    sections: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def warnings(self) -> list[Problem]:
        """Warnings about possible causes of errors in the definition."""
        return [each for each in self.notes if each.severity == "warning"]

    def located(self, problems: Iterable[Problem], file: str) -> list[Problem]:
        """Add their locations to problems of the definition. file: the definition's file."""
        found = [self._for_user(problem) for problem in located(self.node, problems, file)]
        return with_environments(found, self.sections) if self.sections else found

    def _for_user(self, problem: Problem) -> Problem:
        """Move a problem in one of pipegen's own blueprints to the arguments, which its user can change."""
        if self.blueprint is None or self.user is None:
            return problem
        if problem.code == "service-first-image":
            return self._first_image_problem(problem)
        if not problem.location.startswith(OWN):
            return problem
        return replace(problem, location=self.user.location, related=problem.location)

    def _first_image_problem(self, problem: Problem) -> Problem:
        """A missing first image, which is reported at the blueprint's container, but set with an argument."""
        assert self.blueprint is not None
        assert self.user is not None
        name = self.blueprint.parameter_for("first_images")
        if name is None or not self.blueprint.contains(problem.location):
            return problem
        before, _, containers = problem.fix.partition("first_images")
        value = containers if self.blueprint.data.parameters[name].type == "mapping" else ": …"
        return replace(
            problem, location=self.user.location, related=problem.location, fix=f"{before}with: {{{name}{value}}}"
        )


def with_environments(problems: Iterable[Problem], sections: Mapping[str, tuple[str, str]]) -> list[Problem]:
    """Name the environments of located problems that only some environments of a service have. Those that all have are
    returned once."""
    environments: dict[tuple[str, Problem], dict[str, Problem]] = {}
    for problem in problems:
        key = problem.path[1] if problem.path[:1] == ("services",) and len(problem.path) > 1 else ""
        service, environment = sections.get(str(key), ("", ""))
        shared = replace(problem, path=(*problem.path[:1], service, *problem.path[2:])) if service else problem
        environments.setdefault((service, shared), {}).setdefault(environment, problem)
    return [
        _in_environments(problem, service, [*found], sections)
        for (service, _), found in environments.items()
        for problem in [*found.values()][:1]
    ]


def _in_environments(
    problem: Problem, service: str, names: Sequence[str], sections: Mapping[str, tuple[str, str]]
) -> Problem:
    every = [environment for key, environment in sections.values() if key == service]
    if not service or len(names) == len(every) or any(name in f"{problem.text}; {problem.fix}" for name in names):
        return problem
    return replace(problem, text=f"{problem.text} in {', '.join(names)}")


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

    @property
    def notes(self) -> tuple[Problem, ...]:
        """Notes and warnings about the parts that completed a definition in YAML."""
        return self.origin.notes if self.origin is not None else ()

    def located(self, problems: Iterable[Problem]) -> list[Problem]:
        """Add their locations to problems, and sort the problems by these."""
        if self.origin is not None:
            return by_location(self.origin.located(problems, self.file))
        from pipegen.model.in_python import as_python  # only messages about objects need it

        return by_location(
            as_python(
                replace(
                    each,
                    location=each.location or self.location(each.path),
                    subject=spell((self.variable, *each.path)),
                )
            )
            for each in problems
        )
