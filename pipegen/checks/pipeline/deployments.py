"""Checks of deployments: one deployment controller per ECS service, no duplicates, and the order of later actions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pipegen.errors import Problem
from pipegen.graph.outline import Outline
from pipegen.pipeline.effects import Target
from pipegen.pipeline.located import LocatedAction
from pipegen.values.value import Value

_CONTROLLERS = {"ECS": "ECS", "CODE_DEPLOY": "CodeDeploy"}


def one_controller(lowered: Outline) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-types.html"""
    known: dict[tuple[Any, ...], tuple[str, str]] = {}
    for located in lowered.actions:
        for target in located.action.deploys_to():
            key = (located.account_and_region, _plain(target.cluster), _plain(target.service))
            controller, who = known.setdefault(key, (target.controller, located.words))
            if controller != target.controller:
                text = (
                    f"{located.words} needs the deployment controller {_CONTROLLERS[target.controller]}, "
                    f"but {who} deploys to the same service with {_CONTROLLERS[controller]}"
                )
                fix = "use the same kind of deploy for both: a service has one deployment controller"
                yield Problem("deploy-controller", (*located.path, *target.path), text, fix)


def twice(written: Outline) -> Iterator[Problem]:
    """Find two deployments to one service. Parallel deployments cancel each other; a later one is probably a
    mistake."""
    known: dict[tuple[Any, ...], list[tuple[LocatedAction, Target]]] = {}
    for located in written.actions:
        key = located.action.service_key
        targets = [Target(cluster="", service=key, controller="ECS", path=("service",))] if key is not None else []
        for target in (*targets, *located.action.deploys_to()):
            where = (located.account_and_region, _plain(target.cluster), _plain(target.service), target.controller)
            same = known.setdefault(where, [])
            if same:
                yield _again(located, target, same)
            same.append((located, target))


def _again(located: LocatedAction, target: Target, same: Sequence[tuple[LocatedAction, Target]]) -> Problem:
    where = f" of the cluster {_plain(target.cluster)}" if target.cluster else ""
    service, path = f"the service {_plain(target.service)}{where}", (*located.path, *target.path)
    if other := next((by for by, each in same if each.group and target.group and each.group != target.group), None):
        # https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_CreateDeploymentGroup.html
        # (ECSServiceMappingLimitExceededException)
        text = f"{located.words} and {other.words} create two deployment groups for {service}"
        fix = "use the same deployment group in both, or another service"
        return Problem("deploy-twice", path, text, fix)
    beside = [by for by, _ in same if by.order == located.order]
    how = f" in parallel with {beside[0].words}" if beside else f", and so does {same[0][0].words}"
    text = f"{located.words} deploys to {service}{how}"
    fix = "name another service, or remove one of the actions"
    return Problem("deploy-twice", path, text, fix, severity="error" if beside else "warning")


def after_deployments(written: Outline) -> Iterator[Problem]:
    """Find actions that need a deployment but run before every deployment of their stage or, if it has none, of the
    pipeline."""
    deploys = [located for located in written.actions if located.action.deploys]
    for located in written.actions:
        meant = [each for each in deploys if each.stage_index == located.stage_index] or deploys
        if located.action.after_deployment and meant and all(each.order >= located.order for each in meant):
            text = f"{located.words} does not wait for {meant[0].words}"
            fix = "move it after the deployment and remove run_order, or move it to a later stage"
            yield Problem("deploy-order", (*located.path, "run_order"), text, fix, "warning")


def _plain(value: Value) -> str:
    return value if isinstance(value, str) else str(value.to_dict())
