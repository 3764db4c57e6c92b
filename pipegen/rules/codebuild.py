"""A build of a CodeBuild project that must succeed.
https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference-CodeBuild.html"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from pipegen.builds.environment import EnvironmentValue, action_variables, environment_problems
from pipegen.errors import Problem
from pipegen.grant import Grant
from pipegen.rule import BoundRule, BuildRule, RuleContext
from pipegen.shape import contradicts, shown
from pipegen.values import Value, arn


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeBuildRule(BuildRule):
    """A build of a project that is there already, with a role of its own; at most 5 artifacts.

    project: its name, in the pipeline's account and region. environment: variables, whose plain values may use
    `#{namespace.variable}`. batch: run it as a batch build; combine_artifacts: of which one artifact is made.
    """

    kind: Literal["codebuild"] = "codebuild"
    project: Value
    environment: Mapping[str, EnvironmentValue] = field(default_factory=dict)
    batch: bool = False
    combine_artifacts: bool = False

    provider: ClassVar[str] = "CodeBuild"
    input_count: ClassVar[tuple[int, int]] = (1, 5)

    def problems(self) -> Iterator[Problem]:
        # https://docs.aws.amazon.com/codebuild/latest/APIReference/API_CreateProject.html
        pattern = r"[A-Za-z0-9][A-Za-z0-9_-]{1,149}"
        if contradicts(self.project, lambda name: re.fullmatch(pattern, name) is not None):
            text = f"{shown(self.project)} is not a valid name for a project"
            yield Problem("rule-project", ("project",), text, "give its name: 2 to 150 letters, digits, _ or -")
        if self.combine_artifacts and not self.batch:
            text = "combine_artifacts is for batch builds"
            yield Problem("rule-project", ("combine_artifacts",), text, "add batch: true, or leave it out")
        for problem in environment_problems(self.environment, frozenset()):
            yield problem.under("environment")

    def bind(self, context: RuleContext) -> BoundRule:
        configuration: dict[str, Value | int | bool] = {"ProjectName": self.project}
        if len(context.inputs) > 1:
            configuration["PrimarySource"] = context.inputs[0].artifact
        if self.batch:
            configuration |= {"BatchEnabled": True, "CombineArtifacts": self.combine_artifacts}
        if self.environment:
            configuration["EnvironmentVariables"] = action_variables(self.environment)
        return BoundRule(configuration=configuration, grants=(self._grant(),))

    def _grant(self) -> Grant:
        """https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeBuild.html"""
        names = ("BatchGetBuildBatches", "StartBuildBatch") if self.batch else ("BatchGetBuilds", "StartBuild")
        project = arn("codebuild", "project/", self.project)
        return Grant(
            actions=[f"codebuild:{name}" for name in names],
            resources=(project,),
            because="starts the build and follows it",
        )
