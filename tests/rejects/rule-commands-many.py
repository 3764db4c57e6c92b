"""A command more than a rule takes."""

from __future__ import annotations

from pipegen import BeforeEntry, CodeBuild, CodeCommit, CommandsRule, Definition, Pipeline, Stage

LIMIT = 50

source = CodeCommit(name="App", repository="orders", branch="main")
test = CodeBuild(name="Unit", commands=("make test",))
look = CommandsRule(name="Look", commands=[f"test -e {number}" for number in range(LIMIT + 1)])
stages = (
    Stage(name="Source", actions=(source,)),
    Stage(name="Test", actions=(test,), before_entry=BeforeEntry(result="FAIL", rules=(look,))),
)
orders = Definition(name="orders", pipeline=Pipeline(stages=stages))
