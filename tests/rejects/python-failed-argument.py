"""The module raises: a field of an action is misspelt."""

from __future__ import annotations

from pipegen import CodeBuild, CodeCommit, Definition, Pipeline, Stage

source = CodeCommit(name="App", repository="orders", branch="main")
test = CodeBuild(name="Test", command=("make test",))  # type: ignore[call-arg]
stages = (Stage(name="Source", actions=(source,)), Stage(name="Build", actions=(test,)))
orders = Definition(name="orders", pipeline=Pipeline(stages=stages))
