"""How ECS finds out whether a container is well.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipegen.errors import Problem
from pipegen.fields.gaps import is_known
from pipegen.model import Model
from pipegen.values import Value

_RANGES = {"interval": (5, 300), "timeout": (2, 60), "retries": (1, 10), "start_period": (0, 300)}
_FORMS = ("CMD", "CMD-SHELL")


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCheck(Model):
    """command: `[CMD-SHELL, "curl -f http://localhost/ || exit 1"]`, or `[CMD, …]` without a shell.

    interval: seconds, 5 to 300; AWS's default is 30. timeout: seconds, 2 to 60; 5. retries: 1 to 10; 3.
    start_period: seconds in which failures do not count, 0 to 300; 0.
    """

    command: Sequence[Value]
    interval: int | None = None
    timeout: int | None = None
    retries: int | None = None
    start_period: int | None = None


def health_check_problems(check: HealthCheck) -> Iterator[Problem]:
    first = check.command[0] if check.command else ""
    if is_known(first) and (first not in _FORMS or len(check.command) < 2):
        fix = 'such as [CMD-SHELL, "curl -f http://localhost/ || exit 1"]'
        yield Problem("task-health-check", ("command",), "a health check begins with CMD or CMD-SHELL", fix)
    for name, (least, most) in _RANGES.items():
        value = getattr(check, name)
        if value is not None and not least <= value <= most:
            text = f"{name} of {value}"
            yield Problem("task-health-check", (name,), text, f"{least} to {most}")
