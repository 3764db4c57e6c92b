"""A command that is longer than a rule takes."""

from __future__ import annotations

from pipegen import BeforeEntry, CodeBuild, CodeCommit, CommandsRule, Definition, Pipeline, Stage

LIMIT = 1000

source = CodeCommit(name="App", repository="orders", branch="main")
test = CodeBuild(name="Unit", commands=("make test",))
look = CommandsRule(name="Look", commands=("a" * (LIMIT + 1),))
stages = (
    Stage(name="Source", actions=(source,)),
    Stage(name="Test", actions=(test,), before_entry=BeforeEntry(result="FAIL", rules=(look,))),
)
orders = Definition(name="orders", pipeline=Pipeline(stages=stages))
