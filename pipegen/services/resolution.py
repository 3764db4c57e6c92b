"""A pipeline's deploys to services of the definition, as the actions that they stand for.

`ecs-deploy` with the key of a service becomes the action that the service's deployment calls for, with its roles,
containers and files, and is followed by one that records the image. What is checked and compiled knows these alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace

from pipegen.action import Action
from pipegen.actions.codedeploy_ecs import CodeDeployEcs
from pipegen.actions.ecs_deploy import TIMEOUT_MINUTES, EcsDeploy
from pipegen.actions.ecs_rollout import EcsRollout
from pipegen.actions.record_images import RecordImages
from pipegen.artifact import Artifact
from pipegen.deployments.appspec import AppSpec
from pipegen.errors import Path, Problem, one_line, there_are
from pipegen.pipeline import Pipeline, Stage
from pipegen.services.codedeploy import CodeDeploy
from pipegen.services.placed import PlacedService
from pipegen.services.tasks import imported_task_definition
from pipegen.values import Value

_SAID = ("name", "run_order", "namespace", "extra_configuration", "kind", "service", "input", "containers")
"""What an action that names a service may say for any of them."""
_SAID_OF_ECS = (*_SAID, "file_name", "deployment_timeout")


@dataclass(frozen=True, slots=True)
class Resolved:
    """The pipeline as it is compiled, and what is wrong with deploys to services; paths start at the definition."""

    pipeline: Pipeline
    problems: Sequence[Problem]


def resolve_pipeline(pipeline: Pipeline, services: Sequence[PlacedService]) -> Resolved:
    by_key = {placed.key: placed for placed in services}
    problems: list[Problem] = []
    stages = []
    for stage_index, stage in enumerate(pipeline.stages):
        problems += _problems(stage, ("pipeline", "stages", stage_index, "actions"), by_key)
        stages.append(_stage(stage, by_key))
    return Resolved(replace(pipeline, stages=stages), problems)


def _named(action: Action, by_key: Mapping[str, PlacedService]) -> PlacedService | None:
    """The service whose key the action names."""
    if isinstance(action, EcsDeploy) and action.cluster is None and isinstance(action.service, str):
        return by_key.get(action.service)
    return None


def _stage(stage: Stage, by_key: Mapping[str, PlacedService]) -> Stage:
    """What records images comes last in the list, so that every other action keeps its place in the definition."""
    actions: list[Action] = []
    records: list[Action] = []
    for action in stage.actions:
        if not isinstance(action, EcsDeploy) or action.cluster is not None:
            actions.append(action)
            continue
        placed = _named(action, by_key)
        if placed is None:
            actions.append(replace(action, cluster="unknown"))  # told once, by `_problems`
            continue
        actions.append(_deploy(action, placed))
        if placed.containers and placed.service.writer == "pipeline":
            records.append(_record(action, placed))
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


def _record(action: EcsDeploy, placed: PlacedService) -> RecordImages:
    """Reads what the deployment read."""
    through_codedeploy = placed.service.through_codedeploy
    return RecordImages(
        name=f"{action.name}-Record",
        run_order=action.run_order + 1,
        parameters={each: placed.recorded_image(each) for each in action.containers or placed.containers},
        source="image-details" if through_codedeploy else "image-definitions",
        input=None if through_codedeploy else action.input,
        file_name=action.file_name,
    )


def _problems(stage: Stage, path: Path, by_key: Mapping[str, PlacedService]) -> Iterator[Problem]:
    for index, action in enumerate(stage.actions):
        if not isinstance(action, EcsDeploy) or action.cluster is not None:
            continue
        placed = _named(action, by_key)
        here = (*path, index)
        if placed is None:
            text = f"there is no service {one_line(repr(action.service), 80)} under services, and no cluster is given"
            fix = f"add cluster:, or name a service by its key: {there_are(by_key)}"
            yield Problem("service-unknown", (*here, "service"), text, fix)
            continue
        yield from (problem.under(*here) for problem in _deploy_problems(action, placed))


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
