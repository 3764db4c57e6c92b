"""A parameter for every setting, and one more than CloudFormation takes."""

from __future__ import annotations

from pipegen import CodeBuild, CodeCommit, Definition, Parameter, Pipeline, Stage

LIMIT = 200


def with_parameters(number: int) -> Definition:
    source = CodeCommit(name="App", repository="orders", branch="main")
    test = CodeBuild(name="Test", commands=("make test",))
    stages = (Stage(name="Source", actions=(source,)), Stage(name="Build", actions=(test,)))
    parameters = {f"Setting{index}": Parameter() for index in range(number)}
    return Definition(name="orders", pipeline=Pipeline(stages=stages), parameters=parameters)


orders = with_parameters(LIMIT + 1)
