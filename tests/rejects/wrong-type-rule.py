"""Rules that are none."""

from __future__ import annotations

from pipegen import Approval, BeforeEntry, CodeBuild, CodeCommit, Definition, Pipeline, Stage

source = CodeCommit(name="App", repository="orders", branch="main")
test = CodeBuild(name="Unit", commands=("make test",))
rules = (Approval(name="Look"), "Errors")
stages = (
    Stage(name="Source", actions=(source,)),
    Stage(name="Test", actions=(test,), before_entry=BeforeEntry(result="FAIL", rules=rules)),  # type: ignore[arg-type]
)
orders = Definition(name="orders", pipeline=Pipeline(stages=stages))
