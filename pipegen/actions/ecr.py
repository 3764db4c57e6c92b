"""ECR sources, with change detection through EventBridge.
https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECR.html"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Annotated, ClassVar, Literal, get_args

from pipegen.errors import Problem
from pipegen.fields.aws import ConfigurationKey
from pipegen.frozen import frozen
from pipegen.iam.grant import Grant
from pipegen.model.repository import Repository
from pipegen.pipeline.action import Action, ActionType, variable_of
from pipegen.pipeline.artifact import Artifact, ImageDetail, Output
from pipegen.pipeline.binding import Bound, Context, EventTrigger
from pipegen.syntax import names
from pipegen.values.shape import contradicts, shown
from pipegen.values.value import Value, arn

_TYPE = ActionType(category="Source", provider="ECR", outputs=(1, 1))


EcrVariable = Literal["ImageDigest", "ImageTag", "ImageURI", "RegistryId", "RepositoryName"]


@frozen(kw_only=True)
class Ecr(Action):
    """A tagged image in an ECR repository in the pipeline's account and region. Its artifact contains imageDetail.json,
    which deployments through CodeDeploy read, but not those by ECS.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECR.html"""

    kind: Literal["ecr"] = "ecr"
    repository: Annotated[Value, names.REPOSITORY, ConfigurationKey("RepositoryName")]
    """The name of the repository."""
    tag: Annotated[Value, names.IMAGE_TAG, ConfigurationKey("ImageTag")] = "latest"
    """The tag of the image. Default: latest."""
    detect_changes: bool = True
    """Whether every push of the tag starts the pipeline, through an EventBridge rule. Default: true."""

    variables: ClassVar[tuple[str, ...]] = get_args(EcrVariable)

    @property
    def action_type(self) -> ActionType:
        return _TYPE

    def variable(self, name: EcrVariable) -> str:
        return variable_of(self, name)

    @property
    def output(self) -> Artifact[ImageDetail]:
        return self.reference()

    def makes(self) -> Sequence[Output]:
        return (Output(name="image", contents=ImageDetail()),)

    def plain_variables(self) -> AbstractSet[str]:
        return frozenset(self.variables)

    def problems(self) -> Iterator[Problem]:
        if not contradicts(self.repository, names.REPOSITORY.matches) and Repository.of(self.repository).is_located:
            text = f"repository must be the name of an ECR repository, got {shown(self.repository)}"
            yield Problem("repository-name", ("repository",), text, f"use {names.REPOSITORY.words}")

    def bind(self, context: Context) -> Bound:
        repository = arn("ecr", "repository/", self.repository)
        return Bound(
            configuration={"RepositoryName": self.repository, "ImageTag": self.tag},
            grants=(
                Grant(
                    actions=("ecr:DescribeImages",), resources=(repository,), because="looks up the image of the tag"
                ),
            ),
            trigger=self._trigger() if self.detect_changes else None,
        )

    def _trigger(self) -> EventTrigger:
        """https://docs.aws.amazon.com/codepipeline/latest/userguide/create-cwe-ecr-source.html"""
        detail = {
            "action-type": ["PUSH"],
            "image-tag": [self.tag],
            "repository-name": [self.repository],
            "result": ["SUCCESS"],
        }
        pattern = {"source": ["aws.ecr"], "detail-type": ["ECR Image Action"], "detail": detail}
        return EventTrigger(
            pattern=pattern,
            description="a push of the image tag",
            revision_type="IMAGE_DIGEST",
            revision_path="$.detail.image-digest",
        )
