"""A deployment by ECS's own strategies that takes longer than CodePipeline's ECS action waits: a build starts it and
follows it. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from pipegen.action import ActionType, Bound, Context, Target
from pipegen.artifact import Contents, ImageDefinitions
from pipegen.builds.buildspec import Buildspec
from pipegen.builds.project import BuildAction
from pipegen.builds.shell import ShellWords
from pipegen.deployments.access import name_problems, named_role_problems, pass_roles, register_grants, update_grant
from pipegen.deployments.budget import spelled_minutes
from pipegen.deployments.roles import role_arn
from pipegen.deployments.strategy import Rolling, Strategy
from pipegen.errors import Problem
from pipegen.files import is_relative
from pipegen.grant import Grant
from pipegen.text import render
from pipegen.values import Value, arn

MARGIN_MINUTES = 30
"""What tasks need to start and to end, and a build to begin, on top of what the strategy takes for certain."""

_MOST = 2160


@dataclass(frozen=True, slots=True, kw_only=True)
class EcsRollout(BuildAction):
    """A deployment to an ECS service, started and followed by a build, for as long as a build may take: 36 hours.

    cluster, service: their names. file_name: the image definitions file; the build before writes it under this name.
    containers: those whose image is replaced; all that the build makes unless given.
    strategy: the service's own; the build may take as long as that and half an hour more, or timeout_minutes where that
        is longer.
    roles: the task and execution roles of the task definition, by name or ARN. family: the task definition's family;
        narrows the permission to tag its revisions.
    poll_seconds: how often it looks, 5 to 300.
    """

    kind: Literal["ecs-rollout"] = "ecs-rollout"
    cluster: Value
    service: Value
    file_name: str = "imagedefinitions.json"
    containers: Sequence[str] = ()
    strategy: Strategy = field(default_factory=Rolling)
    roles: Sequence[Value] = ()
    family: Value | None = None
    poll_seconds: int = 15

    @property
    def action_type(self) -> ActionType:
        return ActionType(category="Build", provider="CodeBuild", inputs=(1, 5))

    def input_wish(self) -> Contents:
        return ImageDefinitions(file=self.file_name, containers=self.containers)

    def reserved_variables(self) -> frozenset[str]:
        return frozenset({"ECS_CLUSTER", "ECS_SERVICE"})

    def deploys_to(self) -> Sequence[Target]:
        return (Target(cluster=self.cluster, service=self.service, controller="ECS", path=("service",)),)

    @property
    def _needed_minutes(self) -> int:
        return sum(self.strategy.times().values()) + MARGIN_MINUTES

    def problems(self) -> Iterator[Problem]:
        yield from BuildAction.problems(self)
        yield from name_problems(cluster=self.cluster, service=self.service, family=self.family)
        yield from (problem.under("strategy") for problem in self.strategy.problems())
        yield from named_role_problems(self.roles, "the build")
        if not is_relative(self.file_name):
            text = f"{self.file_name!r} is no file inside an artifact"
            yield Problem("file-name", ("file_name",), text, "a relative path, such as imagedefinitions.json")
        if not 5 <= self.poll_seconds <= 300:
            text = f"a look every {self.poll_seconds} seconds"
            yield Problem("build-limit", ("poll_seconds",), text, "5 to 300")
        yield from self._time_problems()

    def _time_problems(self) -> Iterator[Problem]:
        """https://docs.aws.amazon.com/codebuild/latest/userguide/limits.html"""
        parts = {**self.strategy.times(), "tasks and build": MARGIN_MINUTES}
        if self._needed_minutes > _MOST:
            text = f"{spelled_minutes(parts)}; a build ends after {_MOST:,} minutes"
            yield Problem("deploy-time", ("strategy",), text, "shorten the longest of them")

    def bind(self, context: Context) -> Bound:
        words = ShellWords(taken={*self.environment, *self.action_environment})
        words.reference(self.cluster, "ECS_CLUSTER")
        words.reference(self.service, "ECS_SERVICE")
        script = render("ecs_rollout.sh.j2", file=words.word(f"./{self.file_name}", ""), poll_seconds=self.poll_seconds)
        build = replace(self, timeout_minutes=max(self.timeout_minutes, self._needed_minutes))
        buildspec = Buildspec(commands=(script,), runtime_versions=self.runtime_versions, cache_paths=self.cache.paths)
        return build.bind_project(
            context, buildspec=buildspec.text(), variables=words.variables, grants=[*self._rollout_grants()]
        )

    def _rollout_grants(self) -> Iterator[Grant]:
        """https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html"""
        yield update_grant(self.cluster, self.service)
        yield from register_grants(self.family)
        service = (self.cluster, "/", self.service)
        yield Grant(
            actions=(
                "ecs:DescribeServiceDeployments",
                "ecs:DescribeServiceRevisions",
                "ecs:ListServiceDeployments",
            ),
            resources=(
                arn("ecs", "service/", *service),
                arn("ecs", "service-deployment/", *service, "/*"),
                arn("ecs", "service-revision/", *service, "/*"),
            ),
            because="finds the deployment that it started, and follows it",
        )
        yield pass_roles([role_arn(role) for role in self.roles])
