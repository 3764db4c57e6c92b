"""Checks of the order of actions: run_order within the limit, no contradictions, and gates before deployments.
https://docs.aws.amazon.com/codepipeline/latest/userguide/action-requirements.html"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipegen.definition import Definition
from pipegen.errors import Problem, Severity
from pipegen.graph.outline import Outline
from pipegen.pipeline.action import HIGHEST_ORDER
from pipegen.pipeline.located import LocatedAction


def run_orders(definition: Definition) -> Iterator[Problem]:
    """Find run orders that contradict the order in the file: an action without run_order runs before those that follow
    it."""
    for stage_index, stage in enumerate(definition.pipeline.stages):
        orders = stage.written_orders()
        for index, other in stage.contradictions():
            if other is None and stage.actions[index].run_order is not None:
                continue  # reported by the constraint of the field
            text, fix = (
                f"run_order {orders[index]}",
                f"set a lower run_order in an earlier action; at most {HIGHEST_ORDER}",
            )
            if other is not None:
                name, first = (f"{stage.name}/{stage.actions[each].name}" for each in (index, other))
                how = "in parallel with" if orders[index] == orders[other] else "before"
                text += f" would run {name} {how} {first}, which precedes it in the file"
                gated = any(stage.actions[each].action_type.category == "Approval" for each in (index, other))
                fix = "remove it" if gated else f"remove it, or set a run_order in {first} too"
            yield Problem("run-order", ("pipeline", "stages", stage_index, "actions", index, "run_order"), text, fix)


def records(lowered: Outline) -> Iterator[Problem]:
    """Find deployments with the highest run_order: the action that records the image runs after them."""
    for each in lowered.actions:
        if each.added and each.run_order > HIGHEST_ORDER:
            text = f"{each.words}, which records the image, would get run_order {each.run_order}"
            fix = f"set a lower run_order in the deployment or an action before it; at most {HIGHEST_ORDER}"
            yield Problem("run-order", (*each.path, "run_order"), text, fix)


def gates(written: Outline) -> Iterator[Problem]:
    """Find approvals and tests that run in parallel with a deployment, or with a build that may deploy or follows the
    approval."""
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
            text = f"{each.words} runs in parallel with {other.words} and cannot stop it"
            fix = f"move it before {other.words} and remove run_order, or set a lower run_order"
            severity: Severity = "error" if deploying else "warning"
            yield Problem("gate-parallel", (*each.path, "run_order"), text, fix, severity)


def reviews(written: Outline) -> Iterator[Problem]:
    """Find approvals that, by their name or message, review a change set that is created after them."""
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
            text = f"{each.words} comes before {makes.words}, which creates the change set to review"
            fix = f"move it between {makes.words} and {executes[0].words}"
            yield Problem("deploy-order", (*each.path, "run_order"), text, fix, severity="warning")


def last_approvals(written: Outline) -> Iterator[Problem]:
    """Find approvals after all other actions. They stop nothing if their stage has no conditions."""
    ends = max((each.order for each in written.actions), default=(0, 0))
    deploys = [each for each in written.actions if each.action.deploys and each.order < ends]
    last = [each for each in written.actions if each.order == ends]
    stage = written.definition.pipeline.stages[ends[0]] if written.actions else None
    if stage is None or any(stage.conditions()) or any(stage.contradictions()):
        return
    if deploys and all(each.action.action_type.category == "Approval" for each in last):
        text = f"{last[0].words} is the last action, so it cannot stop {deploys[-1].words}"
        fix = f"move it before {deploys[-1].words}, or set on_failure: {{result: ROLLBACK}} in the stage"
        yield Problem("gate-last", (*last[0].path, "run_order"), text, fix, severity="warning")


_EARLY, _LATE = (
    r"dev|development|test|testing|qa|int|uat|stage|staging|stg|preprod|nonprod|sandbox",
    r"prod|production|prd|live",
)


def environments(written: Outline) -> Iterator[Problem]:
    """Find deployments to production, by their names, that do not wait for deployments to other environments."""
    deploys = [(each, _environment(each)) for each in written.actions if each.action.deploys]
    for each, environment in deploys:
        others = [other for other, where in deploys if where == "early" and other.order >= each.order]
        if environment == "late" and others:
            text = f"{each.words} does not wait for {others[0].words}, which by its name precedes production"
            fix = f"move {others[0].words} before it and remove run_order, or move it to an earlier stage"
            yield Problem("deploy-order", (*each.path, "run_order"), text, fix, severity="warning")


def _environment(located: LocatedAction) -> str:
    """Return whether an action deploys to an early or a late environment, by the names of its targets, of the action or
    of its stage, in this order."""
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
    """Find builds that, by their names and commands, migrate a database or test a deployment, but run in parallel with
    it."""
    deploys = {each.order: each for each in reversed(written.actions) if each.action.deploys}
    for each in written.actions:
        action, beside = each.action, deploys.get(each.order)
        if beside is None or beside is each or action.action_type.category != "Build" or action.deploys:
            continue
        texts = [each.name, *(command for _, command in action.scripts())]
        if any(re.search(_MIGRATES, text) for text in texts) or re.search(_TESTS, each.name):
            text = f"{each.words} runs in parallel with {beside.words}, but looks like a step before or after it"
            fix = "remove run_order, so that actions run in the order of the file"
            yield Problem("deploy-order", (*each.path, "run_order"), text, fix, severity="warning")


_MIGRATES = r"(?i)\b(?:migrat\w*|alembic|flyway|liquibase|dbmate)\b|db:migrate|schema:update"
_TESTS = r"(?i)smoke|e2e|end.?to.?end|acceptance|verify|health.?check"


def _is_approved(other: LocatedAction, gate: LocatedAction) -> bool:
    is_build = other.action.action_type.category == "Build"
    return is_build and gate.action.action_type.category == "Approval" and other.index > gate.index
