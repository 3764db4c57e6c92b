"""A test for each part, and one more than a stage takes."""

from __future__ import annotations

from pipegen import CodeBuild, CodeCommit, Definition, Pipeline, Stage

LIMIT = 50


def with_actions(number: int) -> Definition:
    source = CodeCommit(name="App", repository="orders", branch="main")
    tests = tuple(CodeBuild(name=f"Test{index}", commands=(f"make test-{index}",)) for index in range(number))
    stages = (Stage(name="Source", actions=(source,)), Stage(name="Test", actions=tests))
    return Definition(name="orders", pipeline=Pipeline(stages=stages))


orders = with_actions(LIMIT + 1)
