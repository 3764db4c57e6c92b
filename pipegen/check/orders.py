"""The order of a stage's actions: within AWS's range, without contradictions, and with its gates in front.
https://docs.aws.amazon.com/codepipeline/latest/userguide/action-requirements.html"""

from __future__ import annotations

from collections.abc import Iterator

from pipegen.definition import Definition
from pipegen.errors import Problem, Severity
from pipegen.pipeline import Located, Stage


def run_orders(definition: Definition) -> Iterator[Problem]:
    for located in definition.pipeline.located():
        if not 1 <= located.run_order <= 999:
            yield Problem("run-order", (*located.path, "run_order"), f"run_order {located.run_order}", "1 to 999")


def contradictions(definition: Definition) -> Iterator[Problem]:
    """Looks at the definition as it was written: an action without run_order runs before those that follow it."""
    for index, stage in enumerate(definition.pipeline.stages):
        for action, text, fix in _contradictions(stage):
            yield Problem("run-order", ("pipeline", "stages", index, "actions", action, "run_order"), text, fix)


def _contradictions(stage: Stage) -> Iterator[tuple[int, str, str]]:
    orders = stage.orders()
    waits: tuple[int, str] | None = None  # the highest order that follows from the place in the list, and whose it is
    for index, (action, order) in enumerate(zip(stage.actions, orders, strict=True)):
        if action.run_order is not None and waits is not None and 1 <= order <= waits[0]:
            how = "in parallel with" if order == waits[0] else "before"
            text = (
                f"run_order {order} would run {stage.name}/{action.name} {how} {waits[1]}, which is written before it"
            )
            yield index, text, f"leave it out, or give {waits[1]} a run_order too"
        elif action.run_order is None and action.action_type.category != "Source":
            waits = order, f"{stage.name}/{action.name}"


def gates(definition: Definition) -> Iterator[Problem]:
    """Approvals and tests that run in parallel with a deployment cannot stop it; nor can they stop a build that may be
    one. A build that is written after an approval is likely to be what is approved."""
    located = [*definition.pipeline.located()]
    at: dict[tuple[int, int], list[Located]] = {}
    for each in located:
        at.setdefault(each.order, []).append(each)
    for each in located:
        category = each.action.action_type.category
        if category not in ("Approval", "Test") or each.action.deploys:
            continue
        beside = [other for other in at[each.order] if other is not each]
        deploying = [other for other in beside if other.action.deploys]
        perhaps = [other for other in beside if other.action.seems_to_deploy or _is_approved(other, each)]
        for other in (deploying or perhaps)[:1]:
            text = f"{each.words} runs in parallel with {other.words}, so it cannot stop it"
            fix = f"write it before {other.words} without run_order, or give it a lower run_order"
            severity: Severity = "error" if deploying else "warning"
            yield Problem("gate-parallel", (*each.path, "run_order"), text, fix, severity)


def _is_approved(other: Located, gate: Located) -> bool:
    is_build = other.action.action_type.category == "Build"
    return is_build and gate.action.action_type.category == "Approval" and other.index > gate.index
