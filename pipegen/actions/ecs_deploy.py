"""CodePipeline's ECS action: a new task definition revision with new images, and the service updated to it.
https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECS.html"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from pipegen.action import Action, ActionType, Bound, Context, Target
from pipegen.artifact import ImageDefinitions, Input, Reference, Tree
from pipegen.deployments.access import (
    PIPELINE_PASSES,
    name_problems,
    named_role_problems,
    pass_roles,
    register_grants,
    update_grant,
)
from pipegen.deployments.budget import spelled_minutes
from pipegen.deployments.roles import role_arn
from pipegen.deployments.strategy import Rolling, Strategy
from pipegen.errors import Problem
from pipegen.files import is_relative
from pipegen.grant import Grant
from pipegen.values import Value

TIMEOUT_MINUTES = 60
"""https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html"""

_ROLLING_MINUTES = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class EcsDeploy(Action):
    """A deployment to an ECS service, by the service's own strategy.

    cluster, service: their names. Without a cluster, `service` is the key of one of the definition's services, which
        then says all that the action does not: input, file_name, containers, deployment_timeout.
    input: the artifact with the image definitions; found where there is but one.
    file_name: the image definitions file; the build before writes it under this name.
    containers: those whose image is replaced; all that the build makes unless given.
    deployment_timeout: minutes that the action waits for the service, 1 to 60. By default 30 and what the strategy
        takes, but at most 60, which is AWS's own default: the action goes on waiting when the circuit breaker has
        stopped the deployment. https://github.com/aws/containers-roadmap/issues/1399
    strategy: the service's own, where it is not rolling, so that a deployment longer than the action waits is reported.
    roles: the task and execution roles of the task definition, by name or ARN; the pipeline may pass these and no
        others. family: the task definition's family; narrows the permission to register and tag its revisions.
    """

    kind: Literal["ecs-deploy"] = "ecs-deploy"
    cluster: Value | None = None
    service: Value
    input: Reference[ImageDefinitions | Tree] | None = None
    file_name: str = "imagedefinitions.json"
    containers: Sequence[str] = ()
    deployment_timeout: int | None = None
    roles: Sequence[Value] = ()
    family: Value | None = None
    strategy: Strategy = field(default_factory=Rolling)

    @property
    def action_type(self) -> ActionType:
        return ActionType(category="Deploy", provider="ECS", inputs=(1, 1))

    def reads(self) -> Sequence[Input]:
        wish = ImageDefinitions(file=self.file_name, containers=self.containers)
        return (Input(path=("input",), wish=wish, artifact=self.input),)

    def problems(self) -> Iterator[Problem]:
        if self.deployment_timeout is not None and not 1 <= self.deployment_timeout <= TIMEOUT_MINUTES:
            text = f"a deployment timeout of {self.deployment_timeout} minutes"
            yield Problem("action-timeout", ("deployment_timeout",), text, "1 to 60")
        if not is_relative(self.file_name):
            text = f"{self.file_name!r} is no file inside an artifact"
            yield Problem("file-name", ("file_name",), text, "a relative path, such as imagedefinitions.json")
        if self.cluster is None:
            fix = "add cluster:, or describe the service under services: and name its key"
            yield Problem("missing-key", (), "cluster is missing", fix)
        yield from name_problems(cluster=self.cluster, service=self.service, family=self.family)
        yield from (problem.under("strategy") for problem in self.strategy.problems())
        yield from self._time_problems()
        yield from named_role_problems(self.roles, "the pipeline")

    def _time_problems(self) -> Iterator[Problem]:
        parts, waits = self.strategy.times(), self._timeout
        if sum(parts.values()) > waits:
            text = f"{spelled_minutes(parts)}; the action waits {waits} minutes for the deployment"
            fix = "shorten the longest of them, or use kind: ecs-rollout, which waits as long as a build may take"
            if waits < TIMEOUT_MINUTES and sum(parts.values()) <= TIMEOUT_MINUTES:
                fix = f"raise deployment_timeout, up to {TIMEOUT_MINUTES}"
            yield Problem("deploy-time", ("strategy",), text, fix)

    def deploys_to(self) -> Sequence[Target]:
        return (Target(cluster=self._cluster, service=self.service, controller="ECS", path=("service",)),)

    @property
    def _cluster(self) -> Value:
        return self.cluster or ""  # without one it is a problem

    @property
    def _timeout(self) -> int:
        if self.deployment_timeout is not None:
            return self.deployment_timeout
        return min(_ROLLING_MINUTES + sum(self.strategy.times().values()), TIMEOUT_MINUTES)

    def bind(self, context: Context) -> Bound:
        configuration: dict[str, Value | int | bool] = {
            "ClusterName": self._cluster,
            "ServiceName": self.service,
            "FileName": self.file_name,
            "DeploymentTimeout": self._timeout,
        }
        return Bound(configuration=configuration, grants=[*self._grants()])

    def _grants(self) -> Iterator[Grant]:
        yield update_grant(self._cluster, self.service)
        yield from register_grants(self.family)
        yield pass_roles([role_arn(role) for role in self.roles], PIPELINE_PASSES)
