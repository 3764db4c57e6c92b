"""A build that hands on every part of a shop by itself, and one more than CodeBuild makes."""

from __future__ import annotations

from pipegen import BuildOutput, CodeBuild, CodeCommit, Definition, Pipeline, Stage

LIMIT = 5


def with_outputs(number: int) -> Definition:
    source = CodeCommit(name="App", repository="orders", branch="main")
    outputs = tuple(BuildOutput(name=f"part{index}", files=(f"part{index}/**/*",)) for index in range(number))
    build = CodeBuild(name="Package", commands=("make package",), outputs=outputs)
    tests = [
        CodeBuild(name=f"Test{index}", commands=("make test",), input=build.output(output.name))
        for index, output in enumerate(outputs)
    ]
    stages = [
        Stage(name="Source", actions=[source]),
        Stage(name="Build", actions=[build]),
        Stage(name="Test", actions=tests),
    ]
    return Definition(name="orders", pipeline=Pipeline(stages=stages))


orders = with_outputs(LIMIT + 1)
