"""How ECS finds out whether a container is healthy.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

from pipegen.errors import Problem
from pipegen.fields.constraints import Between
from pipegen.fields.gaps import is_known
from pipegen.model import Model
from pipegen.values import Value

_FORMS = ("CMD", "CMD-SHELL")


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCheck(Model):
    """A command that ECS runs in a container to find out whether it is healthy.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html"""

    command: Sequence[Value]
    """The command: `[CMD-SHELL, "curl -f http://localhost/ || exit 1"]`, or `[CMD, …]` without a shell."""
    interval: Annotated[int, Between(5, 300)] | None = None
    """Seconds between two checks. Default: 30."""
    timeout: Annotated[int, Between(2, 60)] | None = None
    """Seconds after which a check has failed. Default: 5."""
    retries: Annotated[int, Between(1, 10)] | None = None
    """The number of failures in a row after which the container is unhealthy. Default: 3."""
    start_period: Annotated[int, Between(0, 300)] | None = None
    """Seconds after the start in which failures do not count. Default: 0."""


def health_check_problems(check: HealthCheck) -> Iterator[Problem]:
    first = check.command[0] if check.command else ""
    if is_known(first) and (first not in _FORMS or len(check.command) < 2):
        fix = 'such as [CMD-SHELL, "curl -f http://localhost/ || exit 1"]'
        yield Problem("task-health-check", ("command",), "a health check begins with CMD or CMD-SHELL", fix)
