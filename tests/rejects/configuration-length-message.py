"""A question to the approver that is one character longer than CodePipeline takes."""

from __future__ import annotations

from pipegen import Approval, CodeCommit, Definition, Pipeline, Stage

LIMIT = 1000


def with_message(characters: int) -> Definition:
    source = CodeCommit(name="App", repository="orders", branch="main")
    approval = Approval(name="Release", message="Release?".ljust(characters, "?"))
    stages = (Stage(name="Source", actions=(source,)), Stage(name="Approve", actions=(approval,)))
    return Definition(name="orders", pipeline=Pipeline(stages=stages))


orders = with_message(LIMIT + 1)
