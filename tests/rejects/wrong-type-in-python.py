"""A number where text belongs, and an action where a list of actions belongs."""

from __future__ import annotations

from pipegen import CodeBuild, CodeCommit, Definition, Pipeline, Stage

source = CodeCommit(name="App", repository="orders", branch=1.10)  # type: ignore[arg-type]
test = CodeBuild(name="Test", commands=("make test",))
stages = (Stage(name="Source", actions=(source,)), Stage(name="Build", actions=test))  # type: ignore[arg-type]
orders = Definition(name="orders", pipeline=Pipeline(stages=stages))
