"""Run cfn-lint over the templates of a valid fleet, in several processes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pipegen.errors import Problem, unreported
from pipegen.fleet.environments import InEnvironments, render_everywhere, stacks_of
from pipegen.fleet.request import Listener
from pipegen.fleet.workers import processors, run
from pipegen.frozen import frozen
from pipegen.lint import findings
from pipegen.loading.fleet import Fleet
from pipegen.loading.fleet_file import read_fleet
from pipegen.loading.yaml.nodes import located
from pipegen.rendering import RenderedStack, render_definition, render_foundation

_FILES_A_PROCESS = 4
"""With fewer files, another process would start too late to help: it has to read cfn-lint's rules first."""


@frozen
class Part:
    """Some templates of a file, by index."""

    file: Path
    stacks: frozenset[int]


def lint_fleet(
    root: Path, shapes: Mapping[Path, Sequence[str]], listener: Listener, *, every: bool
) -> Iterator[Problem]:
    """Find problems in the templates of a fleet with cfn-lint.

    shapes: the shapes of the templates of each file. every: whether to lint every template, or one of each shape.
    """
    parts = [*_distinct(shapes, every)]
    listener.begin(len(parts))
    reported: set[Problem] = set()
    for problems in run(parts, _Linter(read_fleet(root)), _lost, _jobs(parts)):
        listener.done()
        yield from unreported(problems, reported)


def _jobs(tasks: Sequence[object]) -> int:
    return min(processors(), max(1, len(tasks) // _FILES_A_PROCESS))


def _distinct(shapes: Mapping[Path, Sequence[str]], every: bool) -> Iterator[Part]:
    seen: set[str] = set()
    for file, names in shapes.items():
        numbers = {shape: number for number, shape in enumerate(names) if shape not in seen}
        seen.update(numbers)
        if every or numbers:
            yield Part(file, frozenset(range(len(names)) if every else numbers.values()))


def _lost(part: Part) -> Sequence[Problem]:
    text, fix = "the process that ran cfn-lint died", "run pipegen validate for this file only"
    return [Problem("cfn-lint", (), text, fix, location=str(part.file))]


@frozen
class _Linter:
    """Runs cfn-lint over some templates of a file."""

    fleet: Fleet

    def __call__(self, part: Part) -> Sequence[Problem]:
        if part.file == self.fleet.file:
            assert self.fleet.foundation is not None
            assert self.fleet.foundation_node is not None
            shared = render_foundation(self.fleet.foundation)
            return located(self.fleet.foundation_node, findings(self.fleet.foundation, shared.stacks, shared.problems))
        renderings = render_everywhere(part.file, self.fleet, lambda loaded: render_definition(loaded.definition))
        chosen = [each for number, each in enumerate(stacks_of(renderings)) if number in part.stacks]
        return [problem for each in renderings for problem in self._findings(each, chosen)]

    def _findings(self, rendering: InEnvironments, chosen: Sequence[RenderedStack]) -> Sequence[Problem]:
        stacks = [each for each in chosen if each.environment in ("", *rendering.environments)]
        definition = rendering.loaded.definition
        return rendering.loaded.located(findings(definition, stacks, rendering.rendered.problems))
