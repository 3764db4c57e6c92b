"""A variable of an action whose JSON is one character longer than CodePipeline takes."""

from __future__ import annotations

import json

from pipegen import CodeBuild, CodeCommit, Definition, Pipeline, Stage

LIMIT = 1000


def with_json(characters: int) -> Definition:
    around = len(json.dumps([{"name": "FEATURES", "type": "PLAINTEXT", "value": ""}], separators=(",", ":")))
    source = CodeCommit(name="App", repository="orders", branch="main")
    environment = {"FEATURES": "x" * (characters - around)}
    test = CodeBuild(name="Test", commands=("make test",), action_environment=environment)
    stages = (Stage(name="Source", actions=(source,)), Stage(name="Build", actions=(test,)))
    return Definition(name="orders", pipeline=Pipeline(stages=stages))


orders = with_json(LIMIT + 1)
