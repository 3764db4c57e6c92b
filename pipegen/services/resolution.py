"""A pipeline's deploys to services of the definition, as the actions that they stand for.

`ecs-deploy` with the key of a service becomes the action that the service's deployment calls for, with its roles,
containers and files, and is followed by one that records the image. What is checked and compiled knows these alone.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace

from pipegen.action import Action
from pipegen.actions.cloudformation import CloudFormation
from pipegen.actions.codedeploy_ecs import CodeDeployEcs
from pipegen.actions.ecs_deploy import TIMEOUT_MINUTES, EcsDeploy
from pipegen.actions.ecs_rollout import EcsRollout
from pipegen.actions.record_images import RecordImages
from pipegen.artifact import Artifact
from pipegen.deployments.appspec import AppSpec
from pipegen.errors import Path, Problem, one_line, there_are
from pipegen.names import shorten
from pipegen.pipeline import Pipeline, Stage
from pipegen.services.codedeploy import CodeDeploy
from pipegen.services.placed import PlacedService
from pipegen.services.tasks import imported_task_definition
from pipegen.values import Value

_SAID = ("name", "run_order", "namespace", "extra_configuration", "kind", "service", "input", "containers")
"""What an action that names a service may say for any of them."""
_FILE = "imagedefinitions.json"
_LONGEST = 100
"""Of an action's name. https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html"""
_SAID_OF_ECS = (*_SAID, "file_name", "deployment_timeout")
SAID_BY_ACTION = frozenset(_SAID_OF_ECS) - {"kind", "service"}
"""The fields of an action that stands for one with the key of a service that the service does not say."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """The pipeline as it is compiled, and what is wrong with deploys to services; paths start at the definition."""

    pipeline: Pipeline
    problems: Sequence[Problem]


def resolve_pipeline(pipeline: Pipeline, services: Sequence[PlacedService]) -> Resolved:
    by_key = {placed.key: placed for placed in services}
    own_files = len({placed.containers for placed in services if not placed.service.through_codedeploy}) > 1
    problems: list[Problem] = []
    stages = []
    for stage_index, stage in enumerate(pipeline.stages):
        problems += _problems(stage, ("pipeline", "stages", stage_index, "actions"), by_key)
        stages.append(_stage(stage, by_key, own_files))
    problems += _forgotten(pipeline, services)
    return Resolved(replace(pipeline, stages=stages), problems)


def _forgotten(pipeline: Pipeline, services: Sequence[PlacedService]) -> Iterator[Problem]:
    """Services that wait for an image that nothing brings."""
    actions = [located.action for located in pipeline.located()]
    deployed = [action.service for action in actions if isinstance(action, EcsDeploy) and action.cluster is None]
    if any(key not in [placed.key for placed in services] for key in deployed):
        return  # one of them was meant
    others = [action.stack_name for action in actions if isinstance(action, CloudFormation)]
    others += [target.service for action in actions for target in action.deploys_to()]
    known = [*deployed, *others]
    for placed in services:
        if placed.containers and not any(name in known for name in (placed.key, placed.stack_name, placed.name)):
            text = "no action of the pipeline deploys to the service, so it keeps its first image"
            fix = f"add {{kind: ecs-deploy, name: …, service: {placed.key}}}"
            yield Problem("service-deploy", ("services", placed.key), text, fix, severity="warning")


def _named(action: Action, by_key: Mapping[str, PlacedService]) -> PlacedService | None:
    """The service whose key the action names."""
    if isinstance(action, EcsDeploy) and action.cluster is None and isinstance(action.service, str):
        return by_key.get(action.service)
    return None


def _stage(stage: Stage, by_key: Mapping[str, PlacedService], own_files: bool) -> Stage:
    """What records images comes last in the list, so that every other action keeps its place in the definition.

    own_files: whether services have different containers, and so image definitions files of their own.
    """
    actions: list[Action] = []
    records: list[Action] = []
    orders = stage.orders()
    for order, action in zip(orders, stage.actions, strict=True):
        if not isinstance(action, EcsDeploy) or action.cluster is not None:
            actions.append(action)
            continue
        placed = _named(action, by_key)
        if placed is None:
            # Told once, by `_problems`.
            actions.append(replace(action, cluster="unknown", roles=action.roles or ("unknown",)))
            continue
        if own_files and action.file_name == _FILE:
            action = replace(action, file_name=f"imagedefinitions-{placed.key}.json")
        actions.append(_deploy(action, placed))
        if placed.containers and placed.service.writer == "pipeline":
            records.append(_record(action, placed, order + 1))
    if records:  # they follow their deployments in order, not in the list
        actions = [replace(action, run_order=order) for order, action in zip(orders, actions, strict=True)]
    return replace(stage, actions=[*actions, *records]) if actions != list(stage.actions) else stage


def _deploy(action: EcsDeploy, placed: PlacedService) -> Action:
    deployment = placed.service.deployment
    if isinstance(deployment, CodeDeploy):
        return _through_codedeploy(action, placed, deployment)
    made = replace(
        action,
        cluster=placed.cluster_name,
        service=placed.name,
        containers=action.containers or placed.containers,
        roles=placed.imported_roles,
        family=placed.family,
        strategy=deployment,
    )
    if sum(deployment.times().values()) > TIMEOUT_MINUTES and action.deployment_timeout is None:
        return _rollout(made, placed.cluster_name)
    return made


def _rollout(action: EcsDeploy, cluster: Value) -> EcsRollout:
    """The same deployment where it takes longer than the action waits."""
    return EcsRollout(
        name=action.name,
        run_order=action.run_order,
        namespace=action.namespace,
        extra_configuration=action.extra_configuration,
        cluster=cluster,
        service=action.service,
        input=action.input,
        file_name=action.file_name,
        containers=action.containers,
        strategy=action.strategy,
        roles=action.roles,
        family=action.family,
    )


def _through_codedeploy(action: EcsDeploy, placed: PlacedService, deployment: CodeDeploy) -> CodeDeployEcs:
    container, port = placed.service.target or ("none", 0)  # which is a problem of the service
    group = deployment.group(placed.cluster_name, placed.name, None)
    return CodeDeployEcs(
        name=action.name,
        run_order=action.run_order,
        namespace=action.namespace,
        extra_configuration=action.extra_configuration,
        application=deployment.of_service(placed.name).name,
        deployment_group=group.group_name,
        task_definition=imported_task_definition(placed),
        appspec=AppSpec(container=container, port=port, hooks=deployment.hooks.named(placed.name)),
        bundle=None if action.input is None else Artifact(action.input.name),
    )


def _record(action: EcsDeploy, placed: PlacedService, order: int) -> RecordImages:
    """Reads what the deployment read."""
    made = RecordImages(
        name=shorten(f"{action.name}-Record", _LONGEST),
        run_order=order,
        parameters={each: placed.recorded_image(each) for each in action.containers or placed.containers},
    )
    if placed.service.through_codedeploy:
        return replace(made, source="image-details")
    return replace(made, input=action.input, file_name=action.file_name)


def _problems(stage: Stage, path: Path, by_key: Mapping[str, PlacedService]) -> Iterator[Problem]:
    for index, action in enumerate(stage.actions):
        yield from (problem.under(*path, index) for problem in _action_problems(action, by_key))


def _action_problems(action: Action, by_key: Mapping[str, PlacedService]) -> Iterator[Problem]:
    """Paths start at the action."""
    if isinstance(action, EcsDeploy) and action.cluster is None:
        placed = _named(action, by_key)
        if placed is not None:
            yield from _deploy_problems(action, placed)
            return
        yield _unknown(action.service, by_key)
    elif isinstance(action, CloudFormation):
        yield from _stack_problems(action, by_key)
    else:
        yield from _bypassing(action, by_key)


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
        if placed.service.writer == "pipeline" and given:
            text = f"the deployments of the pipeline say which image {container} runs, and so would {name} here"
            fix = f"leave {name} out, or say writer: cloudformation in the service"
            yield Problem("service-writer", ("parameter_overrides", name), text, fix)
        elif placed.service.writer == "cloudformation" and not given and action.template_configuration is None:
            text = f"nothing says which image {container} runs, and CloudFormation is the writer of {placed.key}"
            fix = f"add it to parameter_overrides: {{{name}: …}}, such as a variable of the build"
            yield Problem("service-writer", ("parameter_overrides",), text, fix)


def _unknown(service: Value, by_key: Mapping[str, PlacedService]) -> Problem:
    said = f"there is no service {one_line(repr(service), 80)} under services" if isinstance(service, str) else ""
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
    if placed.service.writer == "cloudformation":
        text = f"CloudFormation registers the task definitions of the service {placed.key}: it is their writer"
        fix = f"deploy its stack {placed.stack_name} with kind: cloudformation, or leave writer out of the service"
        yield Problem("service-writer", ("service",), text, fix)


def _default(name: str) -> object:
    return getattr(EcsDeploy(name="", service=""), name)
