"""How long a deployment may take, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from pipegen.errors import Problem

if TYPE_CHECKING:
    from pipegen.codedeploy.deployment_group import DeploymentGroup

TIMEOUT_MINUTES = 5 * 24 * 60
"""How long CodePipeline waits for CodeDeploy. https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html"""


def spelled_minutes(parts: Mapping[str, int]) -> str:
    """The sum of what takes time, and what it is made of: `95 minutes (bake 60, hooks 35)`."""
    taking = ", ".join(f"{name} {minutes:,}" for name, minutes in parts.items() if minutes)
    return f"{sum(parts.values()):,} minutes ({taking})"


def budget_problems(group: DeploymentGroup, hook_minutes: int) -> Iterator[Problem]:
    """Of a deployment that takes longer than CodePipeline waits. Paths lead to the field of what takes longest, `hooks`
    among them."""
    parts = {
        "hooks": ("hooks", hook_minutes),
        "the hold": ("hold_minutes", group.hold_minutes or 0),
        "the shift of traffic": ("configuration", group.shift_minutes),
        "the old tasks' wait": ("termination_wait_minutes", group.termination_wait_minutes),
    }
    if sum(minutes for _, minutes in parts.values()) > TIMEOUT_MINUTES:
        spelled = spelled_minutes({name: minutes for name, (_, minutes) in parts.items()})
        longest, _ = max(parts.values(), key=lambda part: part[1])
        text = f"{spelled}; CodePipeline waits {TIMEOUT_MINUTES:,} minutes for the deployment"
        yield Problem("deploy-time", (longest,), text, "shorten the longest of them")
