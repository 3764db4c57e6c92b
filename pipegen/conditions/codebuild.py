"""A build of a CodeBuild project that must succeed.
https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference-CodeBuild.html"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from typing import Annotated, ClassVar, Literal

from pipegen.codebuild.environment import Variables, action_variables, environment_problems
from pipegen.errors import Problem
from pipegen.fields.aws import ConfigurationKey
from pipegen.frozen import frozen
from pipegen.iam.grant import Grant
from pipegen.pipeline.rule import BoundRule, BuildRule, RuleContext
from pipegen.references.kinds import PROJECT
from pipegen.references.mark import Refers
from pipegen.values.value import Value, arn


@frozen(kw_only=True)
class CodeBuildRule(BuildRule):
    """A build of an existing CodeBuild project, which has its own role. It accepts at most 5 artifacts.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference-CodeBuild.html"""

    kind: Literal["codebuild"] = "codebuild"
    project: Annotated[Value, Refers(PROJECT), ConfigurationKey("ProjectName")]
    """The name of the project, in the pipeline's account and region."""
    environment: Annotated[Variables, ConfigurationKey("EnvironmentVariables")] = field(default_factory=dict)
    """Environment variables. Plain values may use `#{namespace.variable}`."""
    batch: Annotated[bool, ConfigurationKey("BatchEnabled")] = False
    """Whether it is a batch build. Default: false."""
    combine_artifacts: Annotated[bool, ConfigurationKey("CombineArtifacts")] = False
    """Whether the artifacts of a batch build are combined into one. Default: false."""

    provider: ClassVar[str] = "CodeBuild"
    input_count: ClassVar[tuple[int, int]] = (1, 5)

    def problems(self) -> Iterator[Problem]:
        if self.combine_artifacts and not self.batch:
            text = "combine_artifacts requires batch: true"
            yield Problem("rule-project", ("combine_artifacts",), text, "set batch: true, or remove combine_artifacts")
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
            because="starts the build and waits for it",
        )
