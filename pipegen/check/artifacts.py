"""Artifacts: made, made earlier, holding what their reader needs, and not too many."""

from __future__ import annotations

from collections.abc import Iterator

from pipegen.definition import Definition
from pipegen.errors import Problem
from pipegen.wiring import wire


def wiring(definition: Definition) -> Iterator[Problem]:
    yield from wire(definition.pipeline).problems


def counts(definition: Definition) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-action-artifacts.html"""
    for located in definition.pipeline.located():
        action = located.action
        for verb, field, number, (low, high) in (
            ("reads", "extra_inputs", len(action.reads()), action.action_type.inputs),
            ("makes", "outputs", len(action.makes()), action.action_type.outputs),
        ):
            if not low <= number <= high:
                text = f"{located.words} {verb} {number} artifacts"
                fix = f"{action.action_type.provider} takes {low} to {high}"
                yield Problem("artifact-count", (*located.path, field), text, fix)
    for each in definition.pipeline.rules():
        low, high = each.rule.input_count
        number = len(each.reads())
        if not low <= number <= high:
            text = f"{each.words} reads {number} artifacts"
            field = each.reads()[-1].field
            yield Problem("artifact-count", (*each.path, field), text, f"{each.rule.provider} takes {low} to {high}")


def read_twice(definition: Definition) -> Iterator[Problem]:
    inputs = wire(definition.pipeline).inputs
    for reader in definition.pipeline.readers():
        artifacts = [wired.artifact for wired in inputs.get(reader.path, ())]
        for artifact in dict.fromkeys(each for each in artifacts if artifacts.count(each) > 1):
            text = f"{reader.words} reads {artifact} more than once"
            yield Problem("artifact-duplicate", (*reader.path, reader.reads()[-1].field), text, "name it once")


def conflicting_files(definition: Definition) -> Iterator[Problem]:
    """Two readers of one file that want different containers in it."""
    asked: dict[tuple[object, str, str], tuple[object, str]] = {}
    links = wire(definition.pipeline)
    for located in definition.pipeline.located():
        wishes = [wanted.wish for wanted in located.action.reads()]
        for wired, wish in zip(links.inputs.get(located.path, ()), wishes, strict=False):
            file, containers = getattr(wish, "file", None), getattr(wish, "containers", None)
            if file is None or containers is None:
                continue
            first = asked.setdefault((wired.artifact, file, "containers"), (containers, located.words))
            if first[0] != containers:
                text = f"{located.words} and {first[1]} want different containers in {file}"
                fix = "give one of them a file_name of its own"
                yield Problem("artifact-conflict", (*located.path, "containers"), text, fix)
