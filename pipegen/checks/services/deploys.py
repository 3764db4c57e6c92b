"""Checks of actions that deploy to services of the definition."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace

from pipegen.actions.cloudformation import CloudFormation
from pipegen.actions.ecs_deploy import EcsDeploy
from pipegen.actions.ecs_rollout import EcsRollout
from pipegen.errors import Problem, did_you_mean, quoted
from pipegen.facts import closest
from pipegen.fields.gaps import is_known
from pipegen.graph.lowering import lowered_deploy
from pipegen.pipeline.action import Action
from pipegen.pipeline.located import LocatedAction
from pipegen.services.named_service import NamedService
from pipegen.values.value import Value

_ALLOWED = ("name", "run_order", "namespace", "extra_configuration", "kind", "service", "input", "containers")
"""Fields of `ecs-deploy` that can be set with the key of a service."""
_ALLOWED_OF_ECS = (*_ALLOWED, "file_name", "deployment_timeout")


def deploy_problems(written: Sequence[LocatedAction], services: Sequence[NamedService]) -> Iterator[Problem]:
    """Find problems of deploys. Paths start at the definition."""
    by_key = {named.key: named for named in services}
    for located in written:
        yield from (problem.under(*located.path) for problem in _action_problems(located.action, by_key))
        yield from _rollout_problems(located.action, by_key)
    yield from _forgotten(written, services)
    yield from _fixed_images([located.action for located in written], services)


def _fixed_images(actions: Sequence[Action], services: Sequence[NamedService]) -> Iterator[Problem]:
    """Find containers with a pinned image, although a build pushes an image for them that no other container uses, or
    that an action deploys to their service."""
    built = {pushed.container for action in actions for pushed in action.pushes()}
    names = {container for named in services for container in named.containers}
    deployed = {action.service_key for action in actions}
    if any(action.deploys_to() for action in actions):
        return  # these can deploy any image of the build
    for named in services:
        for index, container in enumerate(named.service.task_definition.containers):
            is_deployed = named.key in deployed and not named.containers
            if is_known(container.image) and container.name in built - (set() if is_deployed else names):
                text = f"container {quoted(container.name)} runs {quoted(container.image)}, but a build of the "
                text += "pipeline pushes an image for it, which no action deploys" + (
                    " to it" if container.name in names else ""
                )
                path = ("services", named.key, "task_definition", "containers", index, "image")
                fix = "remove image, so that deployments set it, or remove the container from the build"
                yield Problem("service-image", path, text, fix, severity="warning")


def _forgotten(written: Sequence[LocatedAction], services: Sequence[NamedService]) -> Iterator[Problem]:
    """Find services that no action deploys to. If the name of a deployed stack is similar, the problem is located
    there."""
    actions = [located.action for located in written]
    stacks = {each.action.stack_name: each for each in written if isinstance(each.action, CloudFormation)}
    deployed = [action.service_key for action in actions if action.service_key is not None]
    if any(key not in [named.key for named in services] for key in deployed):
        return  # it probably names one of these services
    others = [action.stack_name for action in actions if isinstance(action, CloudFormation)]
    others += [target.service for action in actions for target in action.deploys_to()]
    known = [*deployed, *others]
    for named in services:
        if named.containers and not any(name in known for name in (named.key, named.stack_name, named.name)):
            near = closest(named.stack_name, [name for name in stacks if isinstance(name, str)])
            if named.service.deployed_by == "cloudformation" and near:
                text = f"the service {named.key} is in the stack {named.stack_name}, which no action deploys, "
                text += f"but stack_name is {quoted(near)}"
                path = (*stacks[near].path, "stack_name")
                yield Problem("service-deploy", path, text, did_you_mean(named.stack_name), severity="warning")
                continue
            text = "no action deploys to the service, so it keeps its first image"
            fix = f"add {{kind: ecs-deploy, name: …, service: {named.key}}}"
            yield Problem("service-deploy", ("services", named.key), text, fix, severity="warning")


def _action_problems(action: Action, by_key: Mapping[str, NamedService]) -> Iterator[Problem]:
    """Find problems of an action. Paths start at the action."""
    if isinstance(action, EcsDeploy) and action.service_key is not None:
        named = by_key.get(action.service_key) if isinstance(action.service_key, str) else None
        yield from [_unknown(action.service_key, by_key)] if named is None else _deploy_problems(action, named)
    elif isinstance(action, CloudFormation):
        yield from _stack_problems(action, by_key)
    else:
        yield from _bypassing(action, by_key)


def _rollout_problems(action: Action, by_key: Mapping[str, NamedService]) -> Iterator[Problem]:
    """Find deployments that take longer than the build that waits for them. Paths start at the definition."""
    named = by_key.get(action.service_key) if isinstance(action.service_key, str) else None
    if named is not None and isinstance(action, EcsDeploy) and not named.service.through_codedeploy:
        lowered = lowered_deploy(action, named)
        if isinstance(lowered, EcsRollout):
            for problem in lowered.time_problems():
                yield replace(problem, path=("services", named.key, "deployment", *problem.path[1:]))


def _bypassing(action: Action, by_key: Mapping[str, NamedService]) -> Iterator[Problem]:
    """Find deployments to a service by its cluster and name; their image would not be recorded."""
    for target in action.deploys_to():
        for named in by_key.values():
            if (target.cluster, target.service) == (named.cluster_name, named.name):
                text = f"this is the service {named.key} of the definition, whose image would not be recorded"
                fix = f"use kind: ecs-deploy with service: {named.key}, without a cluster"
                yield Problem("service-writer", target.path, text, fix)


def _stack_problems(action: CloudFormation, by_key: Mapping[str, NamedService]) -> Iterator[Problem]:
    """Find conflicts between CloudFormation actions and deployments that set the image of a service."""
    named = next((each for each in by_key.values() if each.stack_name == action.stack_name), None)
    if named is None or action.template is None:
        return
    for container in named.containers:
        name = named.image_parameter(container)
        given = name in action.parameter_overrides
        if named.service.deployed_by == "pipeline" and given:
            text = f"{name} sets the image of {quoted(container)}, which deployments of the pipeline also set"
            fix = f"remove {name}, or set deployed_by: cloudformation in the service"
            yield Problem("service-writer", ("parameter_overrides", name), text, fix)
        elif named.service.deployed_by == "cloudformation" and not given and action.template_configuration is None:
            text = f"the image of {quoted(container)} is missing, but CloudFormation deploys {named.key}"
            fix = f"add it to parameter_overrides: {{{name}: …}}, such as a variable of the build"
            yield Problem("service-writer", ("parameter_overrides",), text, fix)


def _unknown(service: Value, by_key: Mapping[str, NamedService]) -> Problem:
    said = f"unknown service {quoted(service)}" if isinstance(service, str) else ""
    text = f"{said or 'service is an expression'}, and cluster is missing"
    near = difflib.get_close_matches(service, by_key, n=1) if isinstance(service, str) else ()
    fix = f"add cluster, or use the key of a service: {', '.join(by_key) or 'none'}"
    return Problem("service-unknown", ("service",), text, did_you_mean(*near[:1]) or fix)


def _deploy_problems(action: EcsDeploy, named: NamedService) -> Iterator[Problem]:
    allowed = _ALLOWED if named.service.through_codedeploy else _ALLOWED_OF_ECS
    for field in fields(action):
        given = getattr(action, field.name)
        if field.name not in allowed and given not in (None, (), {}) and given != _default(field.name):
            text = f"the service {named.key} already sets {field.name}"
            yield Problem("service-twice", (field.name,), text, f"remove {field.name}")
    if not named.service.through_codedeploy and isinstance(lowered := lowered_deploy(action, named), EcsDeploy):
        # The service defines the deployment, and the action only its time-out.
        yield from (replace(problem, path=("deployment_timeout",)) for problem in lowered.time_problems())
    if named.service.deployed_by == "cloudformation":
        text = f"CloudFormation deploys the service {named.key}, whose deployed_by is cloudformation"
        fix = f"deploy its stack {named.stack_name} with kind: cloudformation, or remove deployed_by from the service"
        yield Problem("service-writer", ("service",), text, fix)


def _default(name: str) -> object:
    return getattr(EcsDeploy("", service=""), name)
