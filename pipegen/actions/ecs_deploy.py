"""ECS actions: a new revision of the task definition with new images, and an update of the service.
https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECS.html"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import field
from typing import Annotated, Literal

from pipegen.codedeploy.budget import total_minutes
from pipegen.ecs.access import PIPELINE_PASSES, named_role_problems, pass_roles, register_grants, update_grant
from pipegen.ecs.roles import role_arn
from pipegen.ecs.strategy import Rolling, Strategy
from pipegen.errors import Problem
from pipegen.fields.aws import ConfigurationKey
from pipegen.fields.constraints import RELATIVE_PATH, Between
from pipegen.fields.marks import NameOf
from pipegen.frozen import frozen
from pipegen.iam.grant import Grant
from pipegen.pipeline.action import INPUT_ARTIFACTS, Action, ActionType, DeployedService
from pipegen.pipeline.artifact import ImageDefinitions, Reference, Tree
from pipegen.pipeline.binding import Bound, Context
from pipegen.pipeline.effects import Target
from pipegen.pipeline.requirement import ImageDefinitionsFile, Input
from pipegen.references.kinds import CLUSTER, FAMILY, ROLE, ROLE_NAME, SERVICE
from pipegen.references.mark import Refers
from pipegen.values.number import IntegerValue, known
from pipegen.values.value import Value

TIMEOUT_MINUTES = 60
"""https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html"""

_ROLLING_MINUTES = 30

_TYPE = ActionType(category="Deploy", provider="ECS", inputs=(1, 1))


@frozen(kw_only=True)
class EcsDeploy(Action):
    """A deployment to an ECS service, with the deployment strategy of the service.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECS.html"""

    kind: Literal["ecs-deploy"] = "ecs-deploy"
    cluster: Annotated[Value, Refers(CLUSTER), ConfigurationKey("ClusterName")] | None = None
    """The name of the service's cluster. Default: `service` is one of the definition's services."""
    service: Annotated[
        Value | DeployedService,
        NameOf(DeployedService, "key", otherwise=Value),
        Refers(SERVICE),
        ConfigurationKey("ServiceName"),
    ]
    """The name of the service. Without `cluster`, the key of one of the definition's services, which sets all fields
    except `input` and `containers` and, if ECS deploys it, `file_name` and `deployment_timeout`."""
    input: Annotated[Reference[ImageDefinitions | Tree], INPUT_ARTIFACTS] | None = None
    """The artifact with the image definitions file. Default: the only one that contains such a file."""
    file_name: Annotated[str, RELATIVE_PATH, ConfigurationKey("FileName")] = "imagedefinitions.json"
    """The path of the image definitions file in the artifact. A build of the pipeline writes it under this name."""
    containers: Sequence[str] = ()
    """The containers that get a new image. Default: all containers whose images the build builds."""
    deployment_timeout: (
        Annotated[IntegerValue, Between(1, TIMEOUT_MINUTES), ConfigurationKey("DeploymentTimeout")] | None
    ) = None
    """Minutes to wait for the service. Default: 30 plus the time that the strategy takes, 60 at most; AWS's default is
    60. The action keeps waiting after the circuit breaker has stopped the deployment:
    https://github.com/aws/containers-roadmap/issues/1399"""
    roles: Sequence[Annotated[Value, Refers(ROLE_NAME, ROLE)]] = ()
    """Names or ARNs of the task role and the execution role, the only ones that the pipeline may pass. Default: the
    pipeline may pass any role to ECS tasks."""
    family: Annotated[Value, Refers(FAMILY)] | None = None
    """The only family of which the pipeline may register and tag revisions. Default: any family."""
    strategy: Strategy = field(default_factory=Rolling)
    """The deployment strategy of the service, which decides how long a deployment takes. Default: rolling."""

    @property
    def action_type(self) -> ActionType:
        return _TYPE

    def reads(self) -> Sequence[Input]:
        requires = ImageDefinitionsFile(file=self.file_name, containers=self.containers)
        return (Input(path=("input",), requires=requires, artifact=self.input),)

    def problems(self) -> Iterator[Problem]:
        if self.cluster is None:
            return  # the service sets the other fields
        yield from (problem.under("strategy") for problem in self.strategy.problems())
        yield from self.time_problems()
        yield from named_role_problems(self.roles, "the pipeline")

    def time_problems(self) -> Iterator[Problem]:
        """Report a deployment that may take longer than the action waits."""
        parts, waits = self.strategy.times(), known(self._timeout)
        if waits is not None and sum(parts.values()) > waits:
            text = f"the deployment must take at most {waits} minutes, as long as the action waits, "
            text += f"got {total_minutes(parts)}"
            fix = "lower the longest of them, or use kind: ecs-rollout, which waits up to 36 hours"
            if waits < TIMEOUT_MINUTES and sum(parts.values()) <= TIMEOUT_MINUTES:
                fix = f"raise deployment_timeout, up to {TIMEOUT_MINUTES}"
            yield Problem("deploy-time", ("strategy", *self.strategy.longest()), text, fix)

    @property
    def service_key(self) -> Value | None:
        return self.service_name if self.cluster is None else None

    def deploys_to(self) -> Sequence[Target]:
        if self.cluster is None:
            return ()
        return (Target(cluster=self.cluster, service=self.service_name, controller="ECS", path=("service",)),)

    @property
    def service_name(self) -> Value:
        """The name of the service, or the key of a service of the definition."""
        return self.service.key if isinstance(self.service, DeployedService) else self.service

    @property
    def _cluster(self) -> Value:
        if self.cluster is None:
            raise ValueError("a deployment to a service of the definition must be lowered before it is bound")
        return self.cluster

    @property
    def _timeout(self) -> IntegerValue:
        if self.deployment_timeout is not None:
            return self.deployment_timeout
        if not self.strategy.is_timed:
            return TIMEOUT_MINUTES
        return min(_ROLLING_MINUTES + sum(self.strategy.times().values()), TIMEOUT_MINUTES)

    def bind(self, context: Context) -> Bound:
        configuration: dict[str, Value | int | bool] = {
            "ClusterName": self._cluster,
            "ServiceName": self.service_name,
            "FileName": self.file_name,
            "DeploymentTimeout": self._timeout,
        }
        return Bound(configuration=configuration, grants=[*self._grants()])

    def _grants(self) -> Iterator[Grant]:
        yield update_grant(self._cluster, self.service_name)
        yield from register_grants(self.family)
        yield pass_roles([role_arn(role) for role in self.roles], PIPELINE_PASSES)
