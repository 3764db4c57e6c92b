"""One variable more than a pipeline takes."""

from __future__ import annotations

from pipegen import CodeBuild, CodeCommit, Definition, Pipeline, Stage, Variable

LIMIT = 50


def with_variables(number: int) -> Definition:
    source = CodeCommit(name="App", repository="orders", branch="main")
    test = CodeBuild(name="Unit", commands=("make test",))
    stages = (Stage(name="Source", actions=(source,)), Stage(name="Test", actions=(test,)))
    variables = {f"V{index}": Variable(default="0") for index in range(number)}
    return Definition(name="orders", pipeline=Pipeline(stages=stages, variables=variables))


orders = with_variables(LIMIT + 1)
