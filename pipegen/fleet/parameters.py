"""Parameters without a value in an environment, and values without a parameter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from pipegen.errors import Problem, did_you_mean, one_line
from pipegen.fleet.rendered import RenderedFile
from pipegen.fleet.scan import Scan

if TYPE_CHECKING:
    from pipegen.loading.fleet import Fleet

CODE = "parameter-missing"
_NAMED = 5
"""A problem names at most this many files."""


def split_missing(problems: Iterable[Problem]) -> tuple[list[Problem], list[Problem]]:
    """Separate missing values from other problems."""
    values = list(problems)
    return [each for each in values if each.code == CODE], [each for each in values if each.code != CODE]


def merged(missing: Sequence[tuple[str, Problem]]) -> list[Problem]:
    """Merge the problems about a parameter: one problem that names the files which need the value."""
    users: dict[str, list[str]] = {}
    firsts: dict[str, Problem] = {}
    for file, problem in missing:
        users.setdefault(problem.text, []).append(file)
        firsts.setdefault(problem.text, problem)
    return [_for_all(firsts[text], files) for text, files in users.items()]


def _for_all(problem: Problem, files: Sequence[str]) -> Problem:
    if len(files) == 1:
        return problem
    more = f" and {len(files) - _NAMED} more" if len(files) > _NAMED else ""
    named = ", ".join(files[:_NAMED])
    return replace(problem, text=f"{problem.text}; {len(files)} files need it: {named}{more}")


def unused(scan: Scan, files: Sequence[RenderedFile]) -> list[Problem]:
    """Warn of values in environments that no definition deployed there has a parameter for.

    Nothing is known about this while a file fails.
    """
    if any(file.failed for file in files):
        return [] if scan.fleet is None else [*scan.fleet.warnings]
    if scan.fleet is None:
        return scan.paths.restored(scan.cache.problems) if scan.cache is not None else []
    from pipegen.deploy.parameters import unused_problems
    from pipegen.loading.yaml.nodes import located

    used: dict[str, set[str]] = {}
    for entry in (entry for file in files for entry in file.entries):
        for name in entry.environments:
            used.setdefault(name, set()).update(entry.parameters)
    problems = located(scan.fleet.node, unused_problems(scan.fleet.data.environments, used))
    return [*scan.fleet.warnings, *problems, *_misspelled_defaults(scan.fleet)]


def _misspelled_defaults(fleet: Fleet) -> Iterator[Problem]:
    """Warn of default arguments whose name resembles a blueprint's parameter but is none."""
    if not (defaults := fleet.arguments()):
        return
    from pipegen.facts import closest
    from pipegen.loading.blueprints.catalog import all_parameters
    from pipegen.loading.yaml.nodes import problem_at

    known = all_parameters(fleet) or []
    for name, node in defaults.items() if known else ():
        if name not in known and (near := closest(name, known)):
            text = f"no blueprint has a parameter {one_line(name, 60)}, so this default has no effect"
            yield replace(problem_at(node, "unknown-argument", text, did_you_mean(near)), severity="warning")
