"""A template that is one byte too large to be given inline: it goes through a bucket, which is no mistake."""

from __future__ import annotations

from pathlib import Path

from pipegen import CodeBuild, CodeCommit, Definition, Pipeline, Stage, compile_definition, template_text

LIMIT = 51_200


def with_commands(*commands: str) -> Definition:
    source = CodeCommit(name="App", repository="orders", branch="main")
    tests = [CodeBuild(name=f"Test{index}", commands=(command,)) for index, command in enumerate(commands)]
    stages = (Stage(name="Source", actions=(source,)), Stage(name="Build", actions=tests))
    return Definition(name="orders", pipeline=Pipeline(stages=stages))


def size(definition: Definition) -> int:
    [stack] = compile_definition(definition)
    return len(template_text(stack.document(), source=Path(__file__).name).encode())


def with_bytes(number: int) -> Definition:
    """The template has so many bytes: each build about as many as the others."""
    builds = 1 + number // 25_000
    around = size(with_commands(*["x"] * builds)) - builds
    each, rest = divmod(number - around, builds)
    return with_commands("x" * (each + rest), *["x" * each] * (builds - 1))


orders = with_bytes(LIMIT + 1)
