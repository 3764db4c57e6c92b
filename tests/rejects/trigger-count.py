"""A source for each repository, and more than a pipeline takes triggers, or a stage actions."""

from __future__ import annotations

from pipegen import CodeBuild, Definition, GitHub, Patterns, Pipeline, Push, Stage, Trigger

CONNECTION = "arn:aws:codeconnections:eu-west-1:123456789012:connection/3a1c1a8e-8f6c-4a4c-9d0b-1f6b7a1d9b0e"


def with_triggers(number: int) -> Definition:
    names = [f"App{index}" for index in range(number)]
    sources = [GitHub(name=name, repository=f"acme/{name}", branch="main", connection=CONNECTION) for name in names]
    push = Push(branches=Patterns(includes=("main",)))
    test = CodeBuild(name="Unit", input=sources[0].output, commands=("make test",))
    stages = (Stage(name="Source", actions=sources), Stage(name="Test", actions=(test,)))
    triggers = [Trigger(source=name, push=(push,)) for name in names]
    return Definition(name="orders", pipeline=Pipeline(stages=stages, triggers=triggers))


orders = with_triggers(51)
