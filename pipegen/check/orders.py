"""The order of a stage's actions: within AWS's range, without contradictions, and with its gates in front.
https://docs.aws.amazon.com/codepipeline/latest/userguide/action-requirements.html"""

from __future__ import annotations

from collections.abc import Iterator

from pipegen.definition import Definition
from pipegen.errors import Problem
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
    """Approvals and tests that run in parallel with a deployment cannot stop it."""
    located = [*definition.pipeline.located()]
    deployments: dict[tuple[int, int], Located] = {}
    for each in located:
        if each.action.deploys:
            deployments.setdefault(each.order, each)
    for each in located:
        beside = deployments.get(each.order)
        if beside is None or each.action.deploys or each.action.action_type.category not in ("Approval", "Test"):
            continue
        text = f"{each.words} runs in parallel with {beside.words}, so it cannot stop it"
        fix = f"write it before {beside.words} without run_order, or give it a lower run_order"
        yield Problem("gate-parallel", (*each.path, "run_order"), text, fix)
