"""Files and images that deployments through CodeDeploy read from artifacts."""

from __future__ import annotations

from dataclasses import KW_ONLY
from typing import Annotated

from pipegen.fields.constraints import RELATIVE_PATH, Matches
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.pipeline.artifact import DeploymentBundle, ImageDetail, Reference, Tree

_PLACEHOLDER = Matches(
    r"(?!TASK_DEFINITION$)[A-Za-z0-9_-]{1,100}",
    "1 to 100 letters, digits, _ or -, other than TASK_DEFINITION",
    "https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECSbluegreen.html",
)


@frozen
class File(Model):
    """A task definition or AppSpec file of your own."""

    file: Annotated[str, RELATIVE_PATH]
    """The path of the file: in the source of the image build, which copies and checks it, or in the artifact of a
    source or a `codebuild` action."""


@frozen
class DeployedImage(Model):
    """An image that the deployment inserts into the task definition.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/file-reference.html#file-reference-ecs-bluegreen"""

    container: str
    """The name of the container in the build."""
    _: KW_ONLY
    placeholder: Annotated[str, _PLACEHOLDER] | None = None
    """The placeholder of the image in the task definition, without `<` and `>`. Default: IMAGE1_NAME for the first
    image, IMAGE2_NAME for the second, and so on."""
    input: Reference[ImageDetail | DeploymentBundle | Tree] | None = None
    """The artifact with the image detail. Default: the only artifact that contains it."""
