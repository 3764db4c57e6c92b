"""Change the severity of problems by their codes: in `pipegen.yaml` for everybody, on the command line for one run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace
from typing import Literal, get_args

from pipegen.errors import Problem, did_you_mean, quoted
from pipegen.frozen import frozen

Level = Literal["ignore", "warning", "error"]
LEVELS: tuple[Level, ...] = get_args(Level)


@frozen
class Severities:
    """The levels by code, and whether all other warnings are errors."""

    levels: Mapping[str, Level] = field(default_factory=dict)
    strict: bool = False

    def over(self, levels: Mapping[str, Level]) -> Severities:
        """Return the same with further levels, for codes that have none yet."""
        return replace(self, levels={**levels, **self.levels}) if levels else self

    def applied(self, problems: Iterable[Problem]) -> list[Problem]:
        """Return the problems with their levels, without those that are ignored. An error stays an error: what it is
        about cannot be rendered, or would not work."""
        if not self.levels and not self.strict:
            return [*problems]
        return [*self._applied(problems)]

    def _applied(self, problems: Iterable[Problem]) -> Iterator[Problem]:
        for problem in problems:
            level = self.levels.get(problem.code)
            if problem.severity == "error" or (level is None and not (self.strict and problem.severity == "warning")):
                yield problem
            elif level != "ignore":
                yield replace(problem, severity=level or "error")


def level_faults(code: str, level: str) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the level of a code, and the fix."""
    from pipegen.problems.codes import closest_code, explained

    known_code = explained(code)
    if known_code is None:
        near = closest_code(code)
        yield f"there is no code {quoted(code)}", did_you_mean(near) or "pipegen explain lists all codes"
    elif level != "error" and [*known_code.severities] == ["error"]:
        yield f"{code} is always an error, so its severity cannot be {level}", "remove it"
