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
from pipegen.services.named_service import NamedService
from pipegen.values.value import Value

_SAID = ("name", "run_order", "namespace", "extra_configuration", "kind", "service", "input", "containers")
"""What an action that names a service may say for any of them."""
_SAID_OF_ECS = (*_SAID, "file_name", "deployment_timeout")


def deploy_problems(written: Sequence[LocatedAction], services: Sequence[NamedService]) -> Iterator[Problem]:
    """Paths start at the definition."""
    by_key = {named.key: named for named in services}
    for located in written:
        yield from (problem.under(*located.path) for problem in _action_problems(located.action, by_key))
        yield from _rollout_problems(located.action, by_key)
    yield from _forgotten(written, services)
    yield from _fixed_images([located.action for located in written], services)


def _fixed_images(actions: Sequence[Action], services: Sequence[NamedService]) -> Iterator[Problem]:
    """Containers with an image of their own, although a build makes one under their name: one that no other container
    waits for, or that an action deploys to their service, which does not wait for any."""
    built = {pushed.container for action in actions for pushed in action.pushes()}
    wanted = {container for named in services for container in named.containers}
    deployed = {action.service_key for action in actions}
    if any(action.deploys_to() for action in actions):
        return  # which images those take is up to the build
    for named in services:
        for index, container in enumerate(named.service.task_definition.containers):
            is_deployed = named.key in deployed and not named.containers
            if is_known(container.image) and container.name in built - (set() if is_deployed else wanted):
                text = f"the container {container.name} runs {quoted(container.image)}, and a build of the "
                text += "pipeline makes an image for it, which nothing deploys" + (
                    " to it" if container.name in wanted else ""
                )
                path = ("services", named.key, "task_definition", "containers", index, "image")
                fix = "leave out image, so that deployments bring it, or take the container off the build"
                yield Problem("service-image", path, text, fix, severity="warning")


def _forgotten(written: Sequence[LocatedAction], services: Sequence[NamedService]) -> Iterator[Problem]:
    """Services that wait for an image that nothing brings, at the action that deploys a stack of nearly their name."""
    actions = [located.action for located in written]
    stacks = {each.action.stack_name: each for each in written if isinstance(each.action, CloudFormation)}
    deployed = [action.service_key for action in actions if action.service_key is not None]
    if any(key not in [named.key for named in services] for key in deployed):
        return  # one of them was meant
    others = [action.stack_name for action in actions if isinstance(action, CloudFormation)]
    others += [target.service for action in actions for target in action.deploys_to()]
    known = [*deployed, *others]
    for named in services:
        if named.containers and not any(name in known for name in (named.key, named.stack_name, named.name)):
            near = closest(named.stack_name, [name for name in stacks if isinstance(name, str)])
            if named.service.deployed_by == "cloudformation" and near:
                text = f"the service {named.key} is in the stack {named.stack_name}, which nothing deploys, "
                text += f"and stack_name is {quoted(near)}"
                path = (*stacks[near].path, "stack_name")
                yield Problem("service-deploy", path, text, f"did you mean {named.stack_name}?", severity="warning")
                continue
            text = "no action of the pipeline deploys to the service, so it keeps its first image"
            fix = f"add {{kind: ecs-deploy, name: …, service: {named.key}}}"
            yield Problem("service-deploy", ("services", named.key), text, fix, severity="warning")


def _action_problems(action: Action, by_key: Mapping[str, NamedService]) -> Iterator[Problem]:
    """Paths start at the action."""
    if isinstance(action, EcsDeploy) and action.service_key is not None:
        named = by_key.get(action.service_key) if isinstance(action.service_key, str) else None
        yield from [_unknown(action.service_key, by_key)] if named is None else _deploy_problems(action, named)
    elif isinstance(action, CloudFormation):
        yield from _stack_problems(action, by_key)
    else:
        yield from _bypassing(action, by_key)


def _rollout_problems(action: Action, by_key: Mapping[str, NamedService]) -> Iterator[Problem]:
    """Deployments that outlast the build which waits for them: at what the service has of them. Paths start at the
    definition."""
    named = by_key.get(action.service_key) if isinstance(action.service_key, str) else None
    if named is not None and isinstance(action, EcsDeploy) and not named.service.through_codedeploy:
        lowered = deploy(action, named)
        if isinstance(lowered, EcsRollout):
            for problem in lowered.time_problems():
                yield replace(problem, path=("services", named.key, "deployment", *problem.path[1:]))


def _bypassing(action: Action, by_key: Mapping[str, NamedService]) -> Iterator[Problem]:
    """A deployment whose image would not be recorded."""
    for target in action.deploys_to():
        for named in by_key.values():
            if (target.cluster, target.service) == (named.cluster_name, named.name):
                text = f"this is the service {named.key} of the definition, and its image would not be recorded"
                fix = f"use kind: ecs-deploy with service: {named.key}, without a cluster"
                yield Problem("service-writer", target.path, text, fix)


def _stack_problems(action: CloudFormation, by_key: Mapping[str, NamedService]) -> Iterator[Problem]:
    """CloudFormation as the writer of task definitions, or as what only keeps a service's stack up to date."""
    named = next((each for each in by_key.values() if each.stack_name == action.stack_name), None)
    if named is None or action.template is None:
        return
    for container in named.containers:
        name = named.image_parameter(container)
        given = name in action.parameter_overrides
        if named.service.deployed_by == "pipeline" and given:
            text = f"the deployments of the pipeline set the image of {container}, and so would {name} here"
            fix = f"leave {name} out, or set deployed_by: cloudformation in the service"
            yield Problem("service-writer", ("parameter_overrides", name), text, fix)
        elif named.service.deployed_by == "cloudformation" and not given and action.template_configuration is None:
            text = f"nothing says which image {container} runs, and CloudFormation deploys {named.key}"
            fix = f"add it to parameter_overrides: {{{name}: …}}, such as a variable of the build"
            yield Problem("service-writer", ("parameter_overrides",), text, fix)


def _unknown(service: Value, by_key: Mapping[str, NamedService]) -> Problem:
    said = f"there is no service {quoted(service)} under services" if isinstance(service, str) else ""
    text = f"{said or 'the service is an expression'}, and no cluster is given"
    near = difflib.get_close_matches(service, by_key, n=1) if isinstance(service, str) else ()
    fix = f"add cluster:, or name a service by its key: {there_are(by_key)}"
    return Problem("service-unknown", ("service",), text, f"did you mean {near[0]}?" if near else fix)


def _deploy_problems(action: EcsDeploy, named: NamedService) -> Iterator[Problem]:
    may_say = _SAID if named.service.through_codedeploy else _SAID_OF_ECS
    for field in fields(action):
        given = getattr(action, field.name)
        if field.name not in may_say and given not in (None, (), {}) and given != _default(field.name):
            text = f"the service {named.key} says its {field.name} itself"
            yield Problem("service-twice", (field.name,), text, f"leave {field.name} out")
    if not named.service.through_codedeploy and isinstance(lowered := deploy(action, named), EcsDeploy):
        # The deployment is the service's, and only its time-out the action's.
        yield from (replace(problem, path=("deployment_timeout",)) for problem in lowered.time_problems())
    if named.service.deployed_by == "cloudformation":
        text = f"CloudFormation deploys the service {named.key}, whose deployed_by is cloudformation"
        fix = f"deploy its stack {named.stack_name} with kind: cloudformation, or remove deployed_by from the service"
        yield Problem("service-writer", ("service",), text, fix)


def _default(name: str) -> object:
    return getattr(EcsDeploy("", service=""), name)
