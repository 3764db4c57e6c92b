"""The events of pipelines, as notifications name them, and their patterns in EventBridge.
https://docs.aws.amazon.com/codepipeline/latest/userguide/detect-state-changes-cloudwatch-events.html"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypeAlias

Event: TypeAlias = Literal[
    "pipeline-execution-failed",
    "pipeline-execution-canceled",
    "pipeline-execution-started",
    "pipeline-execution-resumed",
    "pipeline-execution-succeeded",
    "pipeline-execution-superseded",
    "stage-execution-started",
    "stage-execution-succeeded",
    "stage-execution-resumed",
    "stage-execution-canceled",
    "stage-execution-failed",
    "action-execution-succeeded",
    "action-execution-failed",
    "action-execution-canceled",
    "action-execution-started",
    "manual-approval-failed",
    "manual-approval-needed",
    "manual-approval-succeeded",
]
"""AWS's event type IDs for pipelines, without `codepipeline-pipeline-`.
https://docs.aws.amazon.com/dtconsole/latest/userguide/concepts.html (Events for notification rules on pipelines)"""

FAILED: tuple[Event, ...] = ("pipeline-execution-failed",)

DEFAULT_EVENTS: tuple[Event, ...] = ("pipeline-execution-failed", "manual-approval-needed")


_DETAIL_TYPES = {
    "pipeline-execution": "CodePipeline Pipeline Execution State Change",
    "stage-execution": "CodePipeline Stage Execution State Change",
    "action-execution": "CodePipeline Action Execution State Change",
    "manual-approval": "CodePipeline Action Execution State Change",
}
_STATES = {"needed": "STARTED"}
"""An approval is due when its action starts."""


def event_pattern(events: Iterable[Event], pipeline: str | None = None) -> dict[str, Any]:
    """Return the pattern of events, by the names that notifications have for them. pipeline: the name of the only
    pipeline."""
    states: dict[str, list[str]] = {}
    for event in events:
        of, _, state = event.rpartition("-")
        states.setdefault(of, []).append(_STATES.get(state, state.upper()))
    patterns = [_pattern(of, each, pipeline) for of, each in states.items()]
    alternatives = patterns[0] if len(patterns) == 1 else {"$or": patterns}
    return {"source": ["aws.codepipeline"], **alternatives}


def _pattern(of: str, states: list[str], pipeline: str | None) -> Mapping[str, Any]:
    named = {"pipeline": [pipeline]} if pipeline is not None else {}
    category = {"type": {"category": ["Approval"]}} if of == "manual-approval" else {}
    return {"detail-type": [_DETAIL_TYPES[of]], "detail": {**named, "state": states, **category}}
