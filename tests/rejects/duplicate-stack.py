"""Two environments from one function, which forgets to put the environment into the name."""

from __future__ import annotations

from pipegen import CodeBuild, CodeCommit, Definition, Pipeline, Stage


def orders(branch: str) -> Definition:
    source = CodeCommit(name="App", repository="orders", branch=branch)
    test = CodeBuild(name="Test", commands=("make test",))
    stages = (Stage(name="Source", actions=(source,)), Stage(name="Build", actions=(test,)))
    return Definition(name="orders", pipeline=Pipeline(stages=stages))


definitions = [orders("develop"), orders("main")]
