"""Checks that artifacts and images are retained for runs that wait for an approval, and for rollbacks."""

from __future__ import annotations

from collections.abc import Iterator

from pipegen.errors import Problem
from pipegen.graph.outline import Outline
from pipegen.pipeline.artifact_store import KEPT_DAYS
from pipegen.pipeline.pipeline import Pipeline
from pipegen.values.number import known

_QUEUED = 50
"""The number of runs that can wait in a pipeline, each with a different image.
https://docs.aws.amazon.com/codepipeline/latest/userguide/concepts-how-it-works.html"""


def artifacts(written: Outline) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-rollback.html"""
    store = written.definition.artifacts
    if store.bucket is not None or written.definition.foundation is not None:
        return  # another stack sets the retention
    approvals = -(-sum(each.action.waits_minutes for each in written.actions) // (24 * 60))
    who, days = (f"approvals may take {approvals} days", approvals)
    if _rollbacks(written.definition.pipeline) and days < KEPT_DAYS:
        who, days = "a rollback deploys the artifacts of an earlier run", KEPT_DAYS
    kept = known(store.expire_days)
    if kept is not None and 1 <= kept < days:
        text = f"expire_days is {kept}, but {who}"
        fix = f"set expire_days to {days} or more"
        yield Problem("artifact-expiry", ("artifacts", "expire_days"), text, fix, severity="warning")


def images(written: Outline) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html"""
    located = [*written.actions]
    rolled_back = next(iter(_rollbacks(written.definition.pipeline)), None)
    for each in located:
        approval = next((other for other in located if other.action.waits_minutes and other.order > each.order), None)
        reader = approval.words if approval else rolled_back
        for pushed in each.action.pushes():
            kept = known(pushed.repository.keep_images)
            if reader and pushed.repository.create and kept is not None and 1 <= kept < _QUEUED:
                why = "waits for approval" if approval else "can be rolled back"
                text = f"{each.words} has keep_images {kept}, so an image can be deleted while {reader} {why}"
                fix = f"set keep_images to {_QUEUED} or more, the number of runs that can wait"
                yield Problem("image-expiry", each.path, text, fix, severity="warning")


def _rollbacks(pipeline: Pipeline) -> list[str]:
    return [
        f"the stage {stage.name}"
        for stage in pipeline.stages
        if any(condition.result == "ROLLBACK" for _, condition in stage.conditions())
    ]
