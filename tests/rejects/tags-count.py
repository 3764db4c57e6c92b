"""One tag more than a stack may have beside AWS's own."""

from __future__ import annotations

from pipegen import CodeBuild, CodeCommit, Definition, Pipeline, Stage

LIMIT = 50


def with_tags(number: int) -> Definition:
    source = CodeCommit(name="App", repository="orders", branch="main")
    test = CodeBuild(name="Test", commands=("make test",))
    stages = (Stage(name="Source", actions=(source,)), Stage(name="Build", actions=(test,)))
    tags = {f"component-{index}": "orders" for index in range(number)}
    return Definition(name="orders", pipeline=Pipeline(stages=stages), tags=tags)


orders = with_tags(LIMIT + 1)
