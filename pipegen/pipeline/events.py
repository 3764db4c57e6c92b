"""The events that CodePipeline sends to EventBridge.
https://docs.aws.amazon.com/codepipeline/latest/userguide/detect-state-changes-cloudwatch-events.html"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

_DETAIL_TYPES = {
    "pipeline-execution": "CodePipeline Pipeline Execution State Change",
    "stage-execution": "CodePipeline Stage Execution State Change",
    "action-execution": "CodePipeline Action Execution State Change",
    "manual-approval": "CodePipeline Action Execution State Change",
}
_STATES = {"needed": "STARTED"}
"""An approval is due when its action starts."""


def event_pattern(events: Iterable[str], pipeline: str | None = None) -> dict[str, Any]:
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
