"""The roles that tasks run with: how they are named, and what no role is."""

from __future__ import annotations

from collections.abc import Iterator

from pipegen import names
from pipegen.errors import Path, Problem
from pipegen.values import Value, arn


def role_arn(role: Value) -> Value:
    """A role by its ARN, or by its name with its path. An expression is taken for an ARN."""
    if isinstance(role, str) and not role.startswith("arn:"):
        return arn("iam", "role/", role.removeprefix("/"), region="")
    return role


def role_problems(role: Value | None, path: Path) -> Iterator[Problem]:
    if isinstance(role, str) and not names.ROLE.matches(role):
        yield Problem("ecs-role", path, f"{role!r} is no role", names.ROLE.words)
