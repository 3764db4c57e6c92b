"""The order of a stage's actions: within AWS's range, without contradictions, and with its gates in front.
https://docs.aws.amazon.com/codepipeline/latest/userguide/action-requirements.html"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipegen.definition import Definition
from pipegen.errors import Problem, Severity
from pipegen.graph.outline import Outline
from pipegen.pipeline.action import HIGHEST_ORDER
from pipegen.pipeline.pipeline import LocatedAction


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
    at: dict[tuple[int, int], list[LocatedAction]] = {}
    for each in located:
        at.setdefault(each.order, []).append(each)
    for each in located:
        category = each.action.action_type.category
        if category not in ("Approval", "Test") or each.action.deploys:
            continue
        beside = [other for other in at[each.order] if other is not each]
        deploying = [other for other in beside if other.action.deploys]
        perhaps = [other for other in beside if other.action.may_deploy or _is_approved(other, each)]
        for other in (deploying or perhaps)[:1]:
            text = f"{each.words} runs in parallel with {other.words}, so it cannot stop it"
            fix = f"write it before {other.words} without run_order, or give it a lower run_order"
            severity: Severity = "error" if deploying else "warning"
            yield Problem("gate-parallel", (*each.path, "run_order"), text, fix, severity)


def reviews(written: Outline) -> Iterator[Problem]:
    """By its name or message, an approval is about a change set that is only made after it, and executed at once."""
    for each in written.actions:
        spelled = f"{each.name} {getattr(each.action, 'message', '')}"
        if each.action.action_type.category != "Approval" or not re.search(r"(?i)review|change.?set", spelled):
            continue
        stage = [other for other in written.actions if other.stage_index == each.stage_index]
        makes = next((other for other in stage if other.action.prepares()), None)
        executes = [other for other in stage if other.action.expects()]
        approved = [other for other in stage if other.action.action_type.category == "Approval"]
        if makes is None or each.run_order >= makes.run_order or not executes:
            continue
        if not any(makes.run_order < other.run_order < executes[0].run_order for other in approved):
            text = f"{each.words} comes before {makes.words}, so there is no change set to look at"
            fix = f"write it between {makes.words} and {executes[0].words}"
            yield Problem("deploy-order", (*each.path, "run_order"), text, fix, severity="warning")


def last_approvals(written: Outline) -> Iterator[Problem]:
    """An approval after everything else stops nothing, unless its stage is then rolled back or fails by a rule."""
    ends = max((each.order for each in written.actions), default=(0, 0))
    deploys = [each for each in written.actions if each.action.deploys and each.order < ends]
    last = [each for each in written.actions if each.order == ends]
    stage = written.definition.pipeline.stages[ends[0]] if written.actions else None
    if stage is None or any(stage.conditions()) or any(stage.contradictions()):
        return
    if deploys and all(each.action.action_type.category == "Approval" for each in last):
        text = f"nothing runs after {last[0].words}, so it cannot stop {deploys[-1].words}"
        fix = f"write it before {deploys[-1].words}, or give the stage on_failure: {{result: ROLLBACK}}"
        yield Problem("gate-last", (*last[0].path, "run_order"), text, fix, severity="warning")


_EARLY, _LATE = (
    r"dev|development|test|testing|qa|int|uat|stage|staging|stg|preprod|nonprod|sandbox",
    r"prod|production|prd|live",
)


def environments(written: Outline) -> Iterator[Problem]:
    """By their names, deployments to production wait for those to other environments."""
    deploys = [(each, _environment(each)) for each in written.actions if each.action.deploys]
    for each, environment in deploys:
        others = [other for other, where in deploys if where == "early" and other.order >= each.order]
        if environment == "late" and others:
            text = f"{each.words} does not wait for {others[0].words}, by their names a deployment before production"
            fix = f"write {others[0].words} before it without run_order, or in an earlier stage"
            yield Problem("deploy-order", (*each.path, "run_order"), text, fix, severity="warning")


def _environment(located: LocatedAction) -> str:
    """What the names of what an action deploys to say of it, or else its own, or else that of its stage."""
    targets = [str(part) for each in located.action.deploys_to() for part in (each.cluster, each.service)]
    stage = re.sub("(?i)stage", "", located.stage)
    for names in ([*targets, str(located.action.service_key or "")], [located.name], [stage]):
        text = re.sub(r"(?i)(pre|non)-?(?=prod)", r"\1", " ".join(names))
        words = {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", text)}
        early, late = (any(re.fullmatch(each, word) for word in words) for each in (_EARLY, _LATE))
        if early != late:
            return "early" if early else "late"
    return ""


def preparing_builds(written: Outline) -> Iterator[Problem]:
    """By their names and commands, builds that migrate a database or test what is deployed do not run beside it."""
    deploys = {each.order: each for each in reversed(written.actions) if each.action.deploys}
    for each in written.actions:
        action, beside = each.action, deploys.get(each.order)
        if beside is None or beside is each or action.action_type.category != "Build" or action.deploys:
            continue
        texts = [each.name, *(command for _, command in action.scripts())]
        if any(re.search(_MIGRATES, text) for text in texts) or re.search(_TESTS, each.name):
            text = f"{each.words} runs in parallel with {beside.words}, and seems to be meant for before or after it"
            fix = "leave out run_order, so that actions run in the order in which they are written"
            yield Problem("deploy-order", (*each.path, "run_order"), text, fix, severity="warning")


_MIGRATES = r"(?i)\b(?:migrat\w*|alembic|flyway|liquibase|dbmate)\b|db:migrate|schema:update"
_TESTS = r"(?i)smoke|e2e|end.?to.?end|acceptance|verify|health.?check"


def _is_approved(other: LocatedAction, gate: LocatedAction) -> bool:
    is_build = other.action.action_type.category == "Build"
    return is_build and gate.action.action_type.category == "Approval" and other.index > gate.index
