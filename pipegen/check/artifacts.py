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
    links = wire(definition.pipeline)
    for located in definition.pipeline.located():
        action = located.action
        made = {*links.made_by(located), *(output.name for output in action.makes() if not output.on_request)}
        for verb, field_name, number, (low, high) in (
            ("reads", "extra_inputs", len(action.reads()), action.action_type.inputs),
            ("makes", "outputs", len(made), action.action_type.outputs),
        ):
            if not low <= number <= high:
                text = f"{located.words} {verb} {number} artifacts"
                fix = f"{action.action_type.provider} takes {low} to {high}"
                yield Problem("artifact-count", (*located.path, field_name), text, fix)
    for each in definition.pipeline.rules():
        low, high = each.rule.input_count
        number = len(each.reads())
        if not low <= number <= high:
            text = f"{each.words} reads {number} artifacts"
            field = each.reads()[-1].path[0]
            yield Problem("artifact-count", (*each.path, field), text, f"{each.rule.provider} takes {low} to {high}")


def read_twice(definition: Definition) -> Iterator[Problem]:
    inputs = wire(definition.pipeline).inputs
    for reader in definition.pipeline.readers():
        artifacts = [wired.artifact for wired in inputs.get(reader.path, ())] if reader.distinct_inputs else []
        for artifact in dict.fromkeys(each for each in artifacts if artifacts.count(each) > 1):
            text = f"{reader.words} reads {artifact} more than once"
            yield Problem("artifact-duplicate", (*reader.path, reader.reads()[-1].path[0]), text, "name it once")


def conflicting_files(definition: Definition) -> Iterator[Problem]:
    """Two readers of one file that want different things in it."""
    asked: dict[tuple[str, str], tuple[object, str]] = {}
    links = wire(definition.pipeline)
    for located in definition.pipeline.located():
        wishes = [wanted.wish for wanted in located.action.reads()]
        for wired, wish in zip(links.inputs.get(located.path, ()), wishes, strict=False):
            for file, content in wish.wants(wired.reader).items():
                first, who = asked.setdefault((wired.artifact, file), (content, located.words))
                if first != content:
                    text = f"{located.words} and {who} want different things in {file}"
                    fix = "give one of them a file_name of its own"
                    yield Problem("artifact-conflict", (*located.path, "containers"), text, fix)
