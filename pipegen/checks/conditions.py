"""Conditions of stages: which results and rules go together.
https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-conditions.html"""

from __future__ import annotations

from collections.abc import Iterator

from pipegen.condition import BeforeEntry, Condition, OnFailure
from pipegen.definition import Definition
from pipegen.errors import Path, Problem
from pipegen.outline import Outline
from pipegen.pipeline import Stage


def conditions(definition: Definition) -> Iterator[Problem]:
    for index, stage in enumerate(definition.pipeline.stages):
        for when, condition in stage.conditions():
            path: Path = ("pipeline", "stages", index, when)
            words = f"{stage.name}/{when}"
            yield from _unique_names(condition, words, path)
            yield from _skip(condition, words, path)
            yield from _retry(condition, words, path)


def _unique_names(condition: Condition, words: str, path: Path) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, rule in enumerate(condition.rules):
        if rule.name in seen:
            text = f"{words} has a rule {rule.name} already"
            yield Problem("duplicate-name", (*path, "rules", index, "name"), text, "rename one")
        seen.add(rule.name)


def _skip(condition: Condition, words: str, path: Path) -> Iterator[Problem]:
    if not isinstance(condition, BeforeEntry) or condition.result != "SKIP":
        return
    for index, rule in enumerate(condition.rules):
        if not rule.may_skip:
            text = f"{words} skips the stage by the verdict of {rule.provider}"
            fix = "only rules of the kinds variable and lambda may; use result: FAIL"
            yield Problem("condition-skip", (*path, "rules", index), text, fix)


def _retry(condition: Condition, words: str, path: Path) -> Iterator[Problem]:
    if not isinstance(condition, OnFailure):
        return
    if condition.result == "RETRY" and condition.rules:
        text = f"{words} retries, and has rules"
        yield Problem(
            "condition-retry", (*path, "rules"), text, "a retry takes no rules; use result: ROLLBACK with them"
        )
    if condition.result != "RETRY" and condition.retry_mode is not None:
        text = f"{words} has a retry_mode, but does not retry"
        yield Problem("condition-retry", (*path, "retry_mode"), text, "leave it out, or say result: RETRY")


def rollback(definition: Definition) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-rollback.html,
    https://docs.aws.amazon.com/codepipeline/latest/userguide/concepts-how-it-works.html"""
    for index, stage in enumerate(definition.pipeline.stages):
        for when in _rollbacks(stage):
            path: Path = ("pipeline", "stages", index, when, "result")
            text = f"{stage.name}/{when} rolls back"
            if index == 0:
                fix = "CodePipeline cannot in the stage of the sources: roll back later stages"
                yield Problem("condition-rollback", path, f"{text}, but there is nothing before the sources", fix)
            if definition.pipeline.execution_mode == "PARALLEL":
                fix = "use QUEUED or SUPERSEDED, or another result"
                yield Problem("condition-rollback", path, f"{text}, which runs side by side cannot", fix)


def _rollbacks(stage: Stage) -> Iterator[str]:
    return (when for when, condition in stage.conditions() if condition.result == "ROLLBACK")


def rules(written: Outline) -> Iterator[Problem]:
    """What the rules say of their own fields."""
    for located in written.rules:
        for problem in located.rule.problems():
            yield problem.under(*located.path)
