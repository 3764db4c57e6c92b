"""A default that is longer than CodePipeline takes."""

from __future__ import annotations

from pipegen import CodeBuild, CodeCommit, Definition, Pipeline, Stage, Variable

LIMIT = 1000

source = CodeCommit(name="App", repository="orders", branch="main")
test = CodeBuild(name="Unit", commands=("make test",))
stages = (Stage(name="Source", actions=(source,)), Stage(name="Test", actions=(test,)))
variables = {"LEVEL": Variable(default="a" * (LIMIT + 1))}
orders = Definition(name="orders", pipeline=Pipeline(stages=stages, variables=variables))
