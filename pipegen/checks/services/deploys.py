"""What is wrong with the actions of a pipeline that deploy to services of the definition."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace

from pipegen.actions.cloudformation import CloudFormation
from pipegen.actions.ecs_deploy import EcsDeploy
from pipegen.actions.ecs_rollout import EcsRollout
from pipegen.errors import Problem, quoted, there_are
from pipegen.facts import closest
from pipegen.fields.gaps import is_known
from pipegen.graph.lowering import deploy
from pipegen.pipeline.action import Action
from pipegen.pipeline.pipeline import LocatedAction
from pipegen.services.placed import PlacedService
from pipegen.values.value import Value

_SAID = ("name", "run_order", "namespace", "extra_configuration", "kind", "service", "input", "containers")
"""What an action that names a service may say for any of them."""
_SAID_OF_ECS = (*_SAID, "file_name", "deployment_timeout")


def deploy_problems(written: Sequence[LocatedAction], services: Sequence[PlacedService]) -> Iterator[Problem]:
    """Paths start at the definition."""
    by_key = {placed.key: placed for placed in services}
    for located in written:
        yield from (problem.under(*located.path) for problem in _action_problems(located.action, by_key))
        yield from _rollout_problems(located.action, by_key)
    yield from _forgotten(written, services)
    yield from _fixed_images([located.action for located in written], services)


def _fixed_images(actions: Sequence[Action], services: Sequence[PlacedService]) -> Iterator[Problem]:
    """Containers with an image of their own, although a build makes one under their name: one that no other container
    waits for, or that an action deploys to their service, which does not wait for any."""
    built = {pushed.container for action in actions for pushed in action.pushes()}
    wanted = {container for placed in services for container in placed.containers}
    deployed = {action.service_key for action in actions}
    if any(action.deploys_to() for action in actions):
        return  # which images those take is up to the build
    for placed in services:
        for index, container in enumerate(placed.service.task_definition.containers):
            is_deployed = placed.key in deployed and not placed.containers
            if is_known(container.image) and container.name in built - (set() if is_deployed else wanted):
                text = f"the container {container.name} runs {quoted(container.image)}, and a build of the "
                text += "pipeline makes an image for it, which nothing deploys" + (
                    " to it" if container.name in wanted else ""
                )
                path = ("services", placed.key, "task_definition", "containers", index, "image")
                fix = "leave out image, so that deployments bring it, or take the container off the build"
                yield Problem("service-image", path, text, fix, severity="warning")


def _forgotten(written: Sequence[LocatedAction], services: Sequence[PlacedService]) -> Iterator[Problem]:
    """Services that wait for an image that nothing brings, at the action that deploys a stack of nearly their name."""
    actions = [located.action for located in written]
    stacks = {each.action.stack_name: each for each in written if isinstance(each.action, CloudFormation)}
    deployed = [action.service_key for action in actions if action.service_key is not None]
    if any(key not in [placed.key for placed in services] for key in deployed):
        return  # one of them was meant
    others = [action.stack_name for action in actions if isinstance(action, CloudFormation)]
    others += [target.service for action in actions for target in action.deploys_to()]
    known = [*deployed, *others]
    for placed in services:
        if placed.containers and not any(name in known for name in (placed.key, placed.stack_name, placed.name)):
            near = closest(placed.stack_name, [name for name in stacks if isinstance(name, str)])
            if placed.service.deployed_by == "cloudformation" and near:
                text = f"the service {placed.key} is in the stack {placed.stack_name}, which nothing deploys, "
                text += f"and stack_name is {quoted(near)}"
                path = (*stacks[near].path, "stack_name")
                yield Problem("service-deploy", path, text, f"did you mean {placed.stack_name}?", severity="warning")
                continue
            text = "no action of the pipeline deploys to the service, so it keeps its first image"
            fix = f"add {{kind: ecs-deploy, name: …, service: {placed.key}}}"
            yield Problem("service-deploy", ("services", placed.key), text, fix, severity="warning")


def _action_problems(action: Action, by_key: Mapping[str, PlacedService]) -> Iterator[Problem]:
    """Paths start at the action."""
    if isinstance(action, EcsDeploy) and action.service_key is not None:
        placed = by_key.get(action.service_key) if isinstance(action.service_key, str) else None
        yield from [_unknown(action.service_key, by_key)] if placed is None else _deploy_problems(action, placed)
    elif isinstance(action, CloudFormation):
        yield from _stack_problems(action, by_key)
    else:
        yield from _bypassing(action, by_key)


def _rollout_problems(action: Action, by_key: Mapping[str, PlacedService]) -> Iterator[Problem]:
    """Deployments that outlast the build which waits for them: at what the service has of them. Paths start at the
    definition."""
    placed = by_key.get(action.service_key) if isinstance(action.service_key, str) else None
    if placed is not None and isinstance(action, EcsDeploy) and not placed.service.through_codedeploy:
        lowered = deploy(action, placed)
        if isinstance(lowered, EcsRollout):
            for problem in lowered.time_problems():
                yield replace(problem, path=("services", placed.key, "deployment", *problem.path[1:]))


def _bypassing(action: Action, by_key: Mapping[str, PlacedService]) -> Iterator[Problem]:
    """A deployment whose image would not be recorded."""
    for target in action.deploys_to():
        for placed in by_key.values():
            if (target.cluster, target.service) == (placed.cluster_name, placed.name):
                text = f"this is the service {placed.key} of the definition, and its image would not be recorded"
                fix = f"use kind: ecs-deploy with service: {placed.key}, without a cluster"
                yield Problem("service-writer", target.path, text, fix)


def _stack_problems(action: CloudFormation, by_key: Mapping[str, PlacedService]) -> Iterator[Problem]:
    """CloudFormation as the writer of task definitions, or as what only keeps a service's stack up to date."""
    placed = next((each for each in by_key.values() if each.stack_name == action.stack_name), None)
    if placed is None or action.template is None:
        return
    for container in placed.containers:
        name = placed.image_parameter(container)
        given = name in action.parameter_overrides
        if placed.service.deployed_by == "pipeline" and given:
            text = f"the deployments of the pipeline set the image of {container}, and so would {name} here"
            fix = f"leave {name} out, or set deployed_by: cloudformation in the service"
            yield Problem("service-writer", ("parameter_overrides", name), text, fix)
        elif placed.service.deployed_by == "cloudformation" and not given and action.template_configuration is None:
            text = f"nothing says which image {container} runs, and CloudFormation deploys {placed.key}"
            fix = f"add it to parameter_overrides: {{{name}: …}}, such as a variable of the build"
            yield Problem("service-writer", ("parameter_overrides",), text, fix)


def _unknown(service: Value, by_key: Mapping[str, PlacedService]) -> Problem:
    said = f"there is no service {quoted(service)} under services" if isinstance(service, str) else ""
    text = f"{said or 'the service is an expression'}, and no cluster is given"
    near = difflib.get_close_matches(service, by_key, n=1) if isinstance(service, str) else ()
    fix = f"add cluster:, or name a service by its key: {there_are(by_key)}"
    return Problem("service-unknown", ("service",), text, f"did you mean {near[0]}?" if near else fix)


def _deploy_problems(action: EcsDeploy, placed: PlacedService) -> Iterator[Problem]:
    may_say = _SAID if placed.service.through_codedeploy else _SAID_OF_ECS
    for field in fields(action):
        given = getattr(action, field.name)
        if field.name not in may_say and given not in (None, (), {}) and given != _default(field.name):
            text = f"the service {placed.key} says its {field.name} itself"
            yield Problem("service-twice", (field.name,), text, f"leave {field.name} out")
    if not placed.service.through_codedeploy and isinstance(lowered := deploy(action, placed), EcsDeploy):
        # The deployment is the service's, and only its time-out the action's.
        yield from (replace(problem, path=("deployment_timeout",)) for problem in lowered.time_problems())
    if placed.service.deployed_by == "cloudformation":
        text = f"CloudFormation deploys the service {placed.key}, whose deployed_by is cloudformation"
        fix = f"deploy its stack {placed.stack_name} with kind: cloudformation, or remove deployed_by from the service"
        yield Problem("service-writer", ("service",), text, fix)


def _default(name: str) -> object:
    return getattr(EcsDeploy("", service=""), name)
