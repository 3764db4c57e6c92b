"""A value to compare with that is longer than a rule's configuration takes."""

from __future__ import annotations

from pipegen import BeforeEntry, CodeBuild, CodeCommit, Definition, Pipeline, Stage, VariableRule

LIMIT = 10_000

source = CodeCommit(name="App", repository="orders", branch="main")
test = CodeBuild(name="Unit", commands=("make test",))
branch = VariableRule(name="Branch", variable="#{App.BranchName}", value="a" * (LIMIT + 1))
stages = (
    Stage(name="Source", actions=(source,)),
    Stage(name="Test", actions=(test,), before_entry=BeforeEntry(result="FAIL", rules=(branch,))),
)
orders = Definition(name="orders", pipeline=Pipeline(stages=stages))
