"""A build that carries a whole script among its commands, one character too long for CodeBuild."""

from __future__ import annotations

from pipegen import CodeBuild, CodeCommit, Definition, Pipeline, Stage, compile_definition

LIMIT = 25_600


def with_command(command: str) -> Definition:
    source = CodeCommit(name="App", repository="orders", branch="main")
    test = CodeBuild(name="Test", commands=(command,))
    stages = (Stage(name="Source", actions=(source,)), Stage(name="Build", actions=(test,)))
    return Definition(name="orders", pipeline=Pipeline(stages=stages))


def with_buildspec(characters: int) -> Definition:
    """The buildspec has so many characters, whatever is written around the command."""
    [stack] = compile_definition(with_command("x"))
    around = len(stack.document()["Resources"]["TestProject"]["Properties"]["Source"]["BuildSpec"]) - 1
    return with_command("x" * (characters - around))


orders = with_buildspec(LIMIT + 1)
