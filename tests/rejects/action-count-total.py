"""More approvals than a pipeline takes actions, none of them too many for its stage."""

from __future__ import annotations

from pipegen import Approval, CodeCommit, Definition, Pipeline, Stage

LIMIT = 1000

source = CodeCommit(name="App", repository="orders", branch="main")
total = LIMIT + 1
numbers = range(1, total)  # the source is one of them
stages = [Stage(name="Source", actions=(source,))]
for first in range(0, len(numbers), 40):
    approvals = [Approval(name=f"Look{number}") for number in numbers[first : first + 40]]
    stages.append(Stage(name=f"Stage{first}", actions=approvals))
orders = Definition(name="orders", pipeline=Pipeline(stages=stages))
