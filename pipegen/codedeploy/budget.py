"""The longest duration of a deployment, compared with CodePipeline's timeout."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from pipegen.errors import Problem
from pipegen.values.number import known

if TYPE_CHECKING:
    from pipegen.codedeploy.deployment_group import DeploymentGroup

TIMEOUT_MINUTES = 5 * 24 * 60
"""How long CodePipeline waits for CodeDeploy. https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html"""


def total_minutes(parts: Mapping[str, int]) -> str:
    """The sum of the parts and the parts, such as `95 minutes (bake 60, hooks 35)`."""
    listed = ", ".join(f"{name} {minutes:,}" for name, minutes in parts.items() if minutes)
    return f"{sum(parts.values()):,} minutes ({listed})"


def budget_problems(group: DeploymentGroup, hook_minutes: int) -> Iterator[Problem]:
    """Report a deployment that may take longer than CodePipeline waits. The path is that of the field that takes
    longest."""
    parts = {
        "hooks": ("hooks", hook_minutes),
        "hold": ("hold_minutes", known(group.hold_minutes) or 0),
        "traffic shift": ("configuration", group.shift_minutes),
        "termination wait": ("termination_wait_minutes", known(group.termination_wait_minutes) or 0),
    }
    if sum(minutes for _, minutes in parts.values()) > TIMEOUT_MINUTES:
        total = total_minutes({name: minutes for name, (_, minutes) in parts.items()})
        longest, _ = max(parts.values(), key=lambda part: part[1])
        text = f"a deployment must take at most {TIMEOUT_MINUTES:,} minutes, the timeout of CodePipeline, got {total}"
        yield Problem("deploy-time", (longest,), text, "lower the longest of them")
