"""Check answers by rendering the definition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pipegen.cli.init.target import Target, Trial
from pipegen.errors import Problem


@dataclass(slots=True)
class Checker:
    """Every constraint on a field and every rule applies to an answer, as all of them are part of rendering.

    samples: values for required arguments that have no answer yet. known: errors that were shown, or that
    samples cause.
    """

    target: Target
    samples: Mapping[str, Any]
    known: set[tuple[str, str]] = field(default_factory=set)

    def trial(self, answers: Mapping[str, Any]) -> Trial:
        return self.target.tried({**self.samples, **answers})

    def accept(self, answers: Mapping[str, Any]) -> None:
        """Take the errors of these answers as known."""
        self.known = {(each.code, each.text) for each in self.trial(answers).errors}

    def faults(self, answers: Mapping[str, Any], name: str) -> list[str]:
        """The errors that the answer for a parameter has caused."""
        trial = self.trial(answers)
        problems = [each for each in trial.errors if (each.code, each.text) not in self.known]
        return list(dict.fromkeys(described(each, trial, name) for each in problems))


def described(problem: Problem, trial: Trial, name: str = "") -> str:
    """Return a problem without its location, but with the argument that causes it. name: the current argument."""
    argument = trial.argument_of(problem)
    head = f"{argument}: " if argument is not None and argument != name else ""
    return f"{head}{problem.text}{f'; {problem.fix}' if problem.fix else ''}"
