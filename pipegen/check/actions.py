"""What actions and the store say of their own fields."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from pipegen.definition import Definition
from pipegen.errors import Problem
from pipegen.model import walk
from pipegen.stack import referred_names
from pipegen.values import Expression, Value


def own_problems(definition: Definition) -> Iterator[Problem]:
    for problem in definition.artifacts.problems():
        yield problem.under("artifacts")
    for located in definition.pipeline.located():
        for problem in located.action.problems():
            yield problem.under(*located.path)


def exposed_secrets(definition: Definition) -> Iterator[Problem]:
    """What an action exposes holds no NoEcho parameter and no dynamic reference to a secret."""
    hidden = {name for name, parameter in definition.parameters.items() if parameter.NoEcho}
    for located in definition.pipeline.located():
        for path, value in located.action.exposes():
            for secret in _secrets_in(value, hidden):
                text = f"{secret}, and build arguments stay in the image's history"
                fix = "let an environment variable take it from Secrets Manager, and name it under secrets of the image"
                yield Problem("build-secret", (*located.path, *path), text, fix)


def _secrets_in(value: Value, hidden: AbstractSet[str]) -> Iterator[str]:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html"""
    data = value.to_dict() if isinstance(value, Expression) else value
    names = hidden & set(referred_names(data)) if hidden else set()
    yield from (f"the parameter {name} is NoEcho" for name in sorted(names))
    for reference in ("{{resolve:secretsmanager:", "{{resolve:ssm-secure:"):
        if any(isinstance(leaf, str) and reference in leaf for _, leaf in walk(data)):
            yield f"{reference}…}}}} is a secret"
