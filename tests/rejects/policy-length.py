"""A build that reads very many secrets; the policy of its role is one character too long for IAM."""

from __future__ import annotations

import json

from pipegen import CodeBuild, CodeCommit, Definition, Pipeline, SecretsManager, Stage, compile_definition
from pipegen.checks.limits import resolved

LIMIT = 10_240


def with_secrets(number: int, last: str) -> Definition:
    source = CodeCommit(name="App", repository="orders", branch="main")
    secrets = {f"SECRET_{index}": SecretsManager(f"orders/{index:04}") for index in range(number)}
    test = CodeBuild(name="Test", commands=("make test",), environment={**secrets, "LAST": SecretsManager(last)})
    stages = (Stage(name="Source", actions=(source,)), Stage(name="Build", actions=(test,)))
    return Definition(name="orders", pipeline=Pipeline(stages=stages))


def length(definition: Definition) -> int:
    [stack] = compile_definition(definition)
    [policy] = stack.document()["Resources"]["TestProjectRole"]["Properties"]["Policies"]
    return len(json.dumps(resolved(policy["PolicyDocument"]), separators=(",", ":")))


def with_policy(characters: int) -> Definition:
    """The policy of the build's role has so many characters: most of them by numbers, the rest by one long name."""
    first, second = (length(with_secrets(number, "x")) for number in (1, 2))
    number = 1 + (characters - first) // (second - first)
    return with_secrets(number, "x" * (1 + characters - length(with_secrets(number, "x"))))


orders = with_policy(LIMIT + 1)
