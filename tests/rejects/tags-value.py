"""A tag whose value is one character longer than AWS takes."""

from __future__ import annotations

from pipegen import CodeBuild, CodeCommit, Definition, Pipeline, Stage

LIMIT = 256


def with_value(characters: int) -> Definition:
    source = CodeCommit(name="App", repository="orders", branch="main")
    test = CodeBuild(name="Test", commands=("make test",))
    stages = (Stage(name="Source", actions=(source,)), Stage(name="Build", actions=(test,)))
    purpose = "Delivers orders".ljust(characters, ".")
    return Definition(name="orders", pipeline=Pipeline(stages=stages), tags={"purpose": purpose})


orders = with_value(LIMIT + 1)
