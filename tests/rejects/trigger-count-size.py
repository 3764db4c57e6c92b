"""Long patterns, as many as each filter takes, for more sources than fit into 200 KB."""

from __future__ import annotations

from pipegen import CodeBuild, Definition, GitHub, Patterns, Pipeline, Push, Stage, Trigger

CONNECTION = "arn:aws:codeconnections:eu-west-1:123456789012:connection/3a1c1a8e-8f6c-4a4c-9d0b-1f6b7a1d9b0e"

names = [f"App{index}" for index in range(18)]
sources = [GitHub(name=name, repository=f"acme/{name}", branch="main", connection=CONNECTION) for name in names]
patterns = Patterns(
    includes=[str(index) * 240 for index in range(8)], excludes=[str(index) * 250 for index in range(8)]
)
pushes = [Push(branches=patterns)] * 3
test = CodeBuild(name="Unit", input=sources[0].output, commands=("make test",))
orders = Definition(
    name="orders",
    pipeline=Pipeline(
        stages=(Stage(name="Source", actions=sources), Stage(name="Test", actions=(test,))),
        triggers=[Trigger(source=name, push=pushes) for name in names],
    ),
)
