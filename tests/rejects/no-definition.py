"""The pipeline is made, but nobody calls the function that makes it."""

from __future__ import annotations

from pipegen import CodeBuild, CodeCommit, Definition, Pipeline, Stage


def orders() -> Definition:
    source = CodeCommit(name="App", repository="orders", branch="main")
    test = CodeBuild(name="Test", commands=("make test",))
    stages = (Stage(name="Source", actions=(source,)), Stage(name="Build", actions=(test,)))
    return Definition(name="orders", pipeline=Pipeline(stages=stages))
