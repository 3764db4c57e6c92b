"""The order of a stage's actions: within AWS's range, without contradictions, and with its gates in front.
https://docs.aws.amazon.com/codepipeline/latest/userguide/action-requirements.html"""

from __future__ import annotations

from collections.abc import Iterator

from pipegen.action import HIGHEST_ORDER
from pipegen.definition import Definition
from pipegen.errors import Problem, Severity
from pipegen.outline import Outline
from pipegen.pipeline import Located


def run_orders(definition: Definition) -> Iterator[Problem]:
    """An action without run_order runs before those that follow it."""
    for stage_index, stage in enumerate(definition.pipeline.stages):
        orders = stage.written_orders()
        for index, other in stage.contradictions():
            if other is None and stage.actions[index].run_order is not None:
                continue  # its field's constraint says so
            text, fix = f"run_order {orders[index]}", f"{HIGHEST_ORDER} at most: give an earlier action a lower one"
            if other is not None:
                name, first = (f"{stage.name}/{stage.actions[each].name}" for each in (index, other))
                how = "in parallel with" if orders[index] == orders[other] else "before"
                text += f" would run {name} {how} {first}, which is written before it"
                gated = any(stage.actions[each].action_type.category == "Approval" for each in (index, other))
                fix = "leave it out" if gated else f"leave it out, or give {first} a run_order too"
            yield Problem("run-order", ("pipeline", "stages", stage_index, "actions", index, "run_order"), text, fix)


def records(lowered: Outline) -> Iterator[Problem]:
    """What records the image of a deployment runs after it, so the deployment itself cannot be the last."""
    for each in lowered.actions:
        if each.added and each.run_order > HIGHEST_ORDER:
            text = f"{each.words}, which records the image, would have the run_order {each.run_order}"
            fix = f"{HIGHEST_ORDER} at most: give the deployment or an action before it a lower one"
            yield Problem("run-order", (*each.path, "run_order"), text, fix)


def gates(written: Outline) -> Iterator[Problem]:
    """Approvals and tests that run in parallel with a deployment cannot stop it; nor can they stop a build that may be
    one. A build that is written after an approval is likely to be what is approved."""
    located = [*written.actions]
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
