"""A build that reads all parts of a shop, and one more artifact than CodeBuild takes."""

from __future__ import annotations

from pipegen import CodeBuild, CodeCommit, Definition, Pipeline, Stage

LIMIT = 5


def with_inputs(number: int) -> Definition:
    parts = tuple(CodeCommit(name=f"Part{index}", repository=f"part-{index}", branch="main") for index in range(number))
    first, *others = (part.output for part in parts)
    test = CodeBuild(name="Test", input=first, extra_inputs=others, commands=("make test",))
    stages = (Stage(name="Source", actions=parts), Stage(name="Build", actions=(test,)))
    return Definition(name="orders", pipeline=Pipeline(stages=stages))


orders = with_inputs(LIMIT + 1)
