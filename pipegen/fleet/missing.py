"""Values that an environment does not give: one line for each parameter, however many definitions need it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from pipegen.errors import Problem

CODE = "parameter-missing"
_NAMED = 5
"""So many definitions are named; of more, their number tells enough."""


def told_apart(problems: Iterable[Problem]) -> tuple[list[Problem], list[Problem]]:
    """Missing values, and everything else."""
    found = list(problems)
    return [each for each in found if each.code == CODE], [each for each in found if each.code != CODE]


def joined(missing: Sequence[tuple[str, Problem]]) -> list[Problem]:
    """Missing values with the files that need them, one problem for each text."""
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
