"""What actions and the store say of their own fields."""

from __future__ import annotations

from collections.abc import Iterator

from pipegen.definition import Definition
from pipegen.errors import Problem


def own_problems(definition: Definition) -> Iterator[Problem]:
    for problem in definition.artifacts.problems():
        yield problem.under("artifacts")
    for located in definition.pipeline.located():
        for problem in located.action.problems():
            yield problem.under(*located.path)
