"""Lower deploys to services of the definition to actions that CodePipeline knows.

An `ecs-deploy` action with the key of a service becomes the action for the service's deployment, with its roles,
containers and files. An action that records the image follows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from itertools import groupby
from typing import Any

from pipegen.actions.codedeploy_ecs import CodeDeployEcs
from pipegen.actions.ecs_deploy import TIMEOUT_MINUTES, EcsDeploy
from pipegen.actions.ecs_rollout import EcsRollout
from pipegen.actions.record_images import RecordImages
from pipegen.codedeploy.appspec import AppSpec
from pipegen.codedeploy.files import DeployedImage
from pipegen.codedeploy.service_deployment import CodeDeploy
from pipegen.pipeline.action import Action
from pipegen.pipeline.artifact import Artifact
from pipegen.pipeline.located import LocatedAction
from pipegen.services.named_service import NamedService
from pipegen.services.tasks import imported_task_definition
from pipegen.syntax.names import shorten
from pipegen.values.value import Value

_FILE = "imagedefinitions.json"
_LONGEST = 100
"""The longest name of an action. https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html"""


def lowered_actions(written: Sequence[LocatedAction], services: Sequence[NamedService]) -> tuple[LocatedAction, ...]:
    """Return the lowered actions of a pipeline. Actions that record images come last in their stages, so that other
    actions keep their positions in the template. Deploys to unknown services, and to services that cannot be deployed,
    are dropped: checks of the outline report them."""
    by_key = {named.key: named for named in services}
    own_files = len({named.containers for named in services if not named.service.through_codedeploy}) > 1
    builds = {
        name
        for each in written
        for name in (each.name, f"{each.stage}.{each.name}")
        if any(pushed.container for pushed in each.action.pushes())
    }
    lowered: list[LocatedAction] = []
    for _, stage in groupby(written, key=lambda located: located.stage_index):
        records: list[LocatedAction] = []
        for located in stage:
            action = located.action
            if not isinstance(action, EcsDeploy) or action.service_key is None:
                lowered.append(located)
            elif (named := by_key.get(str(action.service_key))) and _can_lower(named):
                build = _build_of(action, builds)
                fields = _FIELDS if named.service.through_codedeploy else {}
                if own_files and action.file_name == _FILE:
                    action = replace(action, file_name=f"imagedefinitions-{named.key}.json")
                lowered.append(replace(located, action=lowered_deploy(action, named, build), fields=fields))
                if named.containers and named.service.deployed_by == "pipeline":
                    records.append(_record(located, action, named, build))
        lowered += records
    return tuple(lowered)


def _build_of(action: EcsDeploy, builds: AbstractSet[str]) -> Artifact[Any] | None:
    """Return the output of the build that `input` names, if that build pushes images."""
    name = "" if action.input is None else action.input.name.removesuffix(".deployment")
    return Artifact(name) if name in builds else None


_FIELDS = {"bundle": "input", "images": "input"}
"""For fields of `codedeploy-ecs`, the field of `ecs-deploy` that names the artifact."""


def _can_lower(named: NamedService) -> bool:
    """Return whether a service has what CodeDeploy needs: a container and port for the traffic, and a build for each
    image."""
    if not named.service.through_codedeploy:
        return True
    return named.service.target is not None and all(named.repositories.values())


def lowered_deploy(action: EcsDeploy, named: NamedService, build: Artifact[Any] | None = None) -> Action:
    """Return the action for the service's deployment. build: the output that `input` names, if its action pushes
    images."""
    deployment = named.service.deployment
    if isinstance(deployment, CodeDeploy):
        return _through_codedeploy(action, named, deployment, build)
    deploy = replace(
        action,
        cluster=named.cluster_name,
        service=named.name,
        containers=action.containers or [each for each in named.containers if named.repositories[each]],
        roles=named.imported_roles,
        family=named.family,
        strategy=deployment,
    )
    is_short = deployment.is_timed and sum(deployment.times().values()) <= TIMEOUT_MINUTES
    if not is_short and action.deployment_timeout is None:
        return _rollout(deploy, named.cluster_name)
    return deploy


def _rollout(action: EcsDeploy, cluster: Value) -> EcsRollout:
    """Return an action that waits longer than CodePipeline's own ECS action does."""
    return EcsRollout(
        name=action.name,
        run_order=action.run_order,
        namespace=action.namespace,
        extra_configuration=action.extra_configuration,
        cluster=cluster,
        service=action.service_name,
        input=action.input,
        file_name=action.file_name,
        containers=action.containers,
        strategy=action.strategy,
        roles=action.roles,
        family=action.family,
    )


def _through_codedeploy(
    action: EcsDeploy, named: NamedService, deployment: CodeDeploy, build: Artifact[Any] | None
) -> CodeDeployEcs:
    """Return a deployment by CodeDeploy. build: the output that `input` names, whose action pushes the images."""
    assert named.service.target is not None
    container, port = named.service.target
    group = deployment.group(named.cluster_name, named.name, None)
    return CodeDeployEcs(
        name=action.name,
        run_order=action.run_order,
        namespace=action.namespace,
        extra_configuration=action.extra_configuration,
        application=deployment.of_service(named.name).name,
        deployment_group=group.group_name,
        task_definition=imported_task_definition(named),
        appspec=AppSpec(container=container, port=port, hooks=deployment.hooks.named(named.name)),
        images=[DeployedImage(each, input=build) for each in named.containers] if build else (),
        bundle=None if action.input is None else Artifact(action.input.name),
    )


def _record(
    located: LocatedAction, action: EcsDeploy, named: NamedService, build: Artifact[Any] | None
) -> LocatedAction:
    """Return an action after the deployment that records the image; it reads the same artifacts."""
    name = shorten(f"{located.name}-Record", _LONGEST)
    is_prefixed = located.name != action.name
    record = RecordImages(
        name=f"{located.stage}-{name}" if is_prefixed else name,
        parameters={each: named.recorded_image(each) for each in action.containers or named.containers},
    )
    if named.service.through_codedeploy:
        record = replace(
            record, source="image-details", inputs=dict.fromkeys(record.parameters, build) if build else {}
        )
    else:
        record = replace(record, input=action.input, file_name=action.file_name)
    return replace(located, action=record, name=name, run_order=located.run_order + 1, added=True)
