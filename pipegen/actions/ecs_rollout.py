"""ECS rollouts: deployments that a build starts and waits for, longer than CodePipeline's ECS action does.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import field
from typing import Annotated, Literal

from pipegen.codebuild.buildspec import Buildspec
from pipegen.codebuild.project import LIMIT_MINUTES, BuildAction
from pipegen.codebuild.shell import ShellWords
from pipegen.codedeploy.budget import total_minutes
from pipegen.ecs.access import PIPELINE_PASSES, named_role_problems, pass_roles, register_grants, update_grant
from pipegen.ecs.roles import role_arn
from pipegen.ecs.strategy import Rolling, Strategy
from pipegen.errors import Problem
from pipegen.fields.constraints import RELATIVE_PATH, Between
from pipegen.frozen import frozen
from pipegen.iam.grant import Grant
from pipegen.output.scripts import render
from pipegen.pipeline.action import INPUT_ARTIFACTS, ActionType
from pipegen.pipeline.artifact import ImageDefinitions, Reference, Tree
from pipegen.pipeline.binding import Bound, Context
from pipegen.pipeline.effects import Target
from pipegen.pipeline.requirement import ImageDefinitionsFile
from pipegen.references.kinds import CLUSTER, FAMILY, ROLE, ROLE_NAME, SERVICE
from pipegen.references.mark import Refers
from pipegen.values.value import Value, arn

READ_ONLY = (
    "compatibilities",
    "deleteRequestedAt",
    "deregisteredAt",
    "registeredAt",
    "registeredBy",
    "requiresAttributes",
    "revision",
    "status",
    "taskDefinitionArn",
)
"""The members of a task definition that ECS returns but does not accept in RegisterTaskDefinition. The list contains
these rather than the accepted ones, so that the CLI rejects an unknown member instead of losing it.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskDefinition.html"""

MARGIN_MINUTES = 60
"""Time for starting, draining and stopping tasks and for load balancers, in addition to the strategy."""

ATTEMPTS = 10
"""How often the script looks for a new deployment, and how many polls in a row may fail, each with its own retries."""

_TYPE = ActionType(category="Build", provider="CodeBuild", inputs=(1, 5), outputs=(0, 5))
"""The category is Build, for which CodePipeline's timeout is longer than for Test or Deploy.
https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html"""


@frozen(kw_only=True)
class EcsRollout(BuildAction):
    """A deployment to an ECS service with the deployment strategy of the service, which may take up to 36 hours.

    A CodeBuild project registers the task definition of the service with new images, updates the service, and waits
    until the deployment has succeeded, was stopped or was rolled back. It costs as much as a build of that length. The
    default of `timeout_minutes` is the duration of the strategy plus one hour.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html
    """

    kind: Literal["ecs-rollout"] = "ecs-rollout"
    cluster: Annotated[Value, Refers(CLUSTER)]
    """The name of the service's cluster."""
    service: Annotated[Value, Refers(SERVICE)]
    """The name of the service."""
    input: Annotated[Reference[ImageDefinitions | Tree], INPUT_ARTIFACTS] | None = None
    """The artifact with the image definitions file. Default: the only one that contains such a file."""
    file_name: Annotated[str, RELATIVE_PATH] = "imagedefinitions.json"
    """The path of the image definitions file in the artifact. A build of the pipeline writes it under this name."""
    containers: Sequence[str] = ()
    """The containers that get a new image. Default: all containers in the file."""
    strategy: Strategy = field(default_factory=Rolling)
    """The deployment strategy of the service, which decides how long a deployment takes. Default: rolling."""
    poll_seconds: Annotated[int, Between(1, 300)] = 15
    """Seconds between two polls of the deployment. Default: 15."""
    roles: Sequence[Annotated[Value, Refers(ROLE_NAME, ROLE)]] = ()
    """Names or ARNs of the task role and the execution role, the only ones that the build may pass. Default: the build
    may pass any role to ECS tasks."""
    family: Annotated[Value, Refers(FAMILY)] | None = None
    """The only family of which the build may register and tag revisions. Default: any family."""

    @property
    def action_type(self) -> ActionType:
        return _TYPE

    @property
    def default_minutes(self) -> int:
        if not self.strategy.is_timed:
            return LIMIT_MINUTES
        return min(sum(self.strategy.times().values()) + MARGIN_MINUTES, LIMIT_MINUTES)

    def requires(self) -> ImageDefinitionsFile:
        return ImageDefinitionsFile(file=self.file_name, containers=self.containers)

    def deploys_to(self) -> Sequence[Target]:
        return (Target(cluster=self.cluster, service=self.service, controller="ECS", path=("service",)),)

    def reserved_variables(self) -> frozenset[str]:
        return frozenset(self._script()[1].variables)

    def problems(self) -> Iterator[Problem]:
        yield from BuildAction.problems(self)
        yield from named_role_problems(self.roles, "the build")
        yield from (problem.under("strategy") for problem in self.strategy.problems())
        yield from self.time_problems()

    def time_problems(self) -> Iterator[Problem]:
        parts = self.strategy.times()
        if sum(parts.values()) >= self.minutes:
            text = f"the deployment must take less than {self.minutes:,} minutes, the timeout of the build, "
            text += f"got {total_minutes(parts)}"
            fix = f"raise timeout_minutes, up to {LIMIT_MINUTES:,}, or remove it"
            if sum(parts.values()) >= LIMIT_MINUTES:
                fix = f"lower the longest of them; CodeBuild stops every build after {LIMIT_MINUTES:,} minutes"
            yield Problem("deploy-time", ("strategy", *self.strategy.longest()), text, fix)

    def bind(self, context: Context) -> Bound:
        script, words = self._script()
        buildspec = Buildspec(
            commands=(script,), runtime_versions=self.runtime_versions, cache_paths=self.cache.paths
        ).text()
        return self.bind_project(context, buildspec=buildspec, variables=words.variables, grants=[*self._grants()])

    def _script(self) -> tuple[str, ShellWords]:
        """The script, and the environment variables that it uses."""
        words = ShellWords()
        script = render(
            "ecs_rollout.sh.j2",
            cluster=words.word(self.cluster, "ROLLOUT_CLUSTER"),
            service=words.word(self.service, "ROLLOUT_SERVICE"),
            file=shlex.quote(f"./{self.file_name}"),
            containers=shlex.quote(json.dumps(self.containers)),
            read_only=", ".join(f".{name}" for name in READ_ONLY),
            attempts=ATTEMPTS,
            poll_seconds=self.poll_seconds,
        )
        return script, words

    def _grants(self) -> Iterator[Grant]:
        """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment-permissions.html"""
        yield update_grant(self.cluster, self.service)
        yield from register_grants(self.family)
        service = (self.cluster, "/", self.service)
        yield Grant(
            actions=("ecs:DescribeServiceDeployments", "ecs:DescribeServiceRevisions", "ecs:ListServiceDeployments"),
            resources=(
                arn("ecs", "service/", *service),
                arn("ecs", "service-deployment/", *service, "/*"),
                arn("ecs", "service-revision/", *service, "/*"),
            ),
            because="looks up the deployment that it started, and waits for it",
        )
        yield pass_roles([role_arn(role) for role in self.roles], PIPELINE_PASSES)
