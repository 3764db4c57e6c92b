"""Starts of other pipelines.
https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-PipelineInvoke.html"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Annotated, Literal

from pipegen.fields.aws import ConfigurationKey
from pipegen.fields.constraints import Length, Matches
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.iam.grant import Grant
from pipegen.pipeline.action import Action, ActionType
from pipegen.pipeline.binding import Bound, Context
from pipegen.references.kinds import PIPELINE
from pipegen.references.mark import Refers
from pipegen.syntax import names
from pipegen.values.json_text import json_text
from pipegen.values.value import TextValue, Value, arn

_VARIABLE = Matches(
    r"[A-Za-z0-9@_-]{1,128}",
    "1 to 128 letters, digits, or @ - _",
    "https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PipelineVariable.html",
)

_TYPE = ActionType(category="Invoke", provider="CodePipeline")

RevisionType = Literal["COMMIT_ID", "IMAGE_DIGEST", "S3_OBJECT_VERSION_ID", "S3_OBJECT_KEY"]


@frozen(kw_only=True)
class SourceRevision(Model):
    """The revision that a source of another pipeline fetches, in place of its newest one.
    https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_SourceRevisionOverride.html"""

    source: Annotated[str, names.ACTION]
    """The name of the source action in the other pipeline."""
    type: RevisionType
    """The type of the revision: a commit, the digest of an image, or the version or key of an object in S3."""
    value: TextValue
    """The revision, which may use `#{namespace.variable}`."""


@frozen(kw_only=True)
class StartPipeline(Action):
    """The start of another pipeline, with variables and revisions of its sources. The action does not wait for the end
    of the other pipeline.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-PipelineInvoke.html"""

    kind: Literal["start-pipeline"] = "start-pipeline"
    pipeline: Annotated[Value, Refers(PIPELINE), ConfigurationKey("PipelineName")]
    """The name of the pipeline, in the account and region of the action."""
    pipeline_variables: Annotated[
        Mapping[Annotated[str, _VARIABLE], TextValue], Length(0, 50, "variables"), ConfigurationKey("Variables")
    ] = field(default_factory=dict)
    """Values for variables of the pipeline, by name, which may use `#{namespace.variable}`. All together have at most
    1,000 characters of JSON. https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html"""
    source_revisions: Annotated[Sequence[SourceRevision], ConfigurationKey("SourceRevisions")] = ()
    """The revisions of sources of the pipeline. Default: the newest ones. All together have at most 1,000 characters of
    JSON."""

    @property
    def action_type(self) -> ActionType:
        return _TYPE

    @property
    def may_deploy(self) -> bool:
        return True

    @property
    def started_pipeline(self) -> Value:
        return self.pipeline

    def bind(self, context: Context) -> Bound:
        configuration: dict[str, Value | int | bool] = {"PipelineName": self.pipeline}
        if self.pipeline_variables:
            named = self.pipeline_variables.items()
            configuration["Variables"] = json_text([{"name": name, "value": value} for name, value in named])
        if self.source_revisions:
            configuration["SourceRevisions"] = json_text(
                [
                    {"actionName": each.source, "revisionType": each.type, "revisionValue": each.value}
                    for each in self.source_revisions
                ]
            )
        start = Grant(
            actions=("codepipeline:StartPipelineExecution",),
            resources=(arn("codepipeline", self.pipeline),),
            because="starts the pipeline",
        )
        return Bound(configuration=configuration, grants=(start,))
