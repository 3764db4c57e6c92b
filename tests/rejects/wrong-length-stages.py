"""A stage for each customer, and one more than CodePipeline takes."""

from __future__ import annotations

from pipegen import Approval, CodeCommit, Definition, Pipeline, Stage

LIMIT = 50


def with_stages(number: int) -> Definition:
    source = CodeCommit(name="App", repository="orders", branch="main")
    customers = (Stage(name=f"Customer{index}", actions=(Approval(name="Release"),)) for index in range(1, number))
    stages = (Stage(name="Source", actions=(source,)), *customers)
    return Definition(name="orders", pipeline=Pipeline(stages=stages))


orders = with_stages(LIMIT + 1)
