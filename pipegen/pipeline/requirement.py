"""Requirements: the files and containers that an action requires of an artifact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY
from typing import ClassVar

from pipegen.errors import Path
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.model.environment import Environment
from pipegen.pipeline.artifact import (
    Artifact,
    Contents,
    DeploymentBundle,
    ImageDefinitions,
    ImageDetail,
    Output,
    SourceTree,
    Tree,
    detail_words,
)
from pipegen.values.data import Data


@frozen(kw_only=True)
class Requirement(Model):
    """The contents that an action requires of an artifact."""

    made_by: ClassVar[str] = ""
    """The kind of action that creates such an artifact."""

    @property
    def words(self) -> str:
        raise NotImplementedError

    @property
    def files(self) -> Sequence[str]:
        """The paths of the required files; an empty path is a file that only a build of pipegen can write."""
        return ()

    def of_containers(self) -> Sequence[str]:
        """The containers whose images the build must build."""
        return ()

    @property
    def fix(self) -> str:
        """The fix if no artifact meets the requirement."""
        if not all(self.files):
            return "add a docker-build action before it"
        listed = " and ".join(self.files)
        build = f"add a docker-build action before it, or a codebuild action with an output that lists {listed}"
        return f"{build}, or refer to a source that contains it"

    def is_met_by(self, contents: Contents) -> bool:
        """Whether an artifact with these contents meets the requirement."""
        return bool(self.files) and all(self.files) and contents.has(self.files)

    def may_be_met_by(self, contents: Contents) -> bool:
        """Whether an artifact of unknown files may meet the requirement, if the action refers to it explicitly."""
        return isinstance(contents, SourceTree) and bool(self.files) and all(self.files)

    def is_likely_met_by(self, contents: Contents) -> bool:
        """Whether to use an artifact of unknown files if no other artifact meets the requirement."""
        return False

    def decides(self, reader: str, contents: Contents) -> Mapping[str, object]:
        """The contents of each file that the build writes for the reader. Readers of the same file must agree."""
        return {}

    def relies_on(self) -> Mapping[str, Sequence[str]]:
        """The containers that each file must contain for a reader that does not decide on all of its contents."""
        return {}


@frozen(kw_only=True)
class AnyArtifact(Requirement):
    """Any artifact."""

    @property
    def words(self) -> str:
        return "any artifact"

    def is_met_by(self, contents: Contents) -> bool:
        return True


@frozen(kw_only=True)
class AnyTree(Requirement):
    """Any artifact that can be the input of a build."""

    @property
    def words(self) -> str:
        return Tree.noun

    def is_met_by(self, contents: Contents) -> bool:
        return isinstance(contents, Tree)


@frozen
class OneFile(Requirement):
    """A file with any path in a source or in an output of a `codebuild` action."""

    path: str

    @property
    def words(self) -> str:
        return f"the file {self.path}"

    @property
    def files(self) -> Sequence[str]:
        return (self.path,)

    @property
    def fix(self) -> str:
        build = f"add a codebuild action before it with an output that lists {self.path}"
        return f"refer to a source that contains it, or {build}"

    def is_met_by(self, contents: Contents) -> bool:
        return isinstance(contents, SourceTree) or Requirement.is_met_by(self, contents)


@frozen(kw_only=True)
class ImageDefinitionsFile(Requirement):
    """The file from which CodePipeline's ECS action reads the image of each container.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/file-reference.html#pipelines-create-image-definitions"""

    file: str = "imagedefinitions.json"
    containers: Sequence[str] = ()
    """The containers that the reader requires. Empty: all containers of the build."""
    only_reads: bool = False
    """Whether other readers decide which further containers are in the file."""

    @property
    def words(self) -> str:
        return f"image definitions ({self.file})"

    @property
    def files(self) -> Sequence[str]:
        return (self.file,)

    def of_containers(self) -> Sequence[str]:
        return self.containers

    def is_met_by(self, contents: Contents) -> bool:
        return isinstance(contents, ImageDefinitions) or Requirement.is_met_by(self, contents)

    def decides(self, reader: str, contents: Contents) -> Mapping[str, object]:
        if self.only_reads or not isinstance(contents, ImageDefinitions):
            return {}
        return {self.file: frozenset(self.containers or contents.containers)}

    def relies_on(self) -> Mapping[str, Sequence[str]]:
        return {self.file: self.containers} if self.only_reads else {}


@frozen(kw_only=True)
class ImageDetailFile(Requirement):
    """The file from which CodePipeline's CodeDeployToECS action reads one image.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/file-reference.html#file-reference-ecs-bluegreen"""

    container: str

    @property
    def words(self) -> str:
        return detail_words(self.container)

    @property
    def files(self) -> Sequence[str]:
        return (ImageDetail.file,)

    @property
    def fix(self) -> str:
        image = f"images: [{{container: {self.container}, …}}]"
        return f"add it to a docker-build action before it, {image}, or refer to its artifact"

    def is_met_by(self, contents: Contents) -> bool:
        if isinstance(contents, ImageDetail):
            return contents.container in (None, self.container)
        if isinstance(contents, DeploymentBundle):
            return contents.image == self.container
        return Requirement.is_met_by(self, contents)


@frozen(kw_only=True)
class BundleFiles(Requirement):
    """The task definition and the AppSpec, with placeholders for images, of CodePipeline's CodeDeployToECS action.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECSbluegreen.html

    Each is either data, which the build writes, or a path in the source, from which the build copies it.
    """

    task_definition: str | Mapping[str, Data]
    appspec: str | Mapping[str, Data]
    placeholders: Sequence[str] = ()

    @property
    def words(self) -> str:
        return DeploymentBundle.noun

    @property
    def files(self) -> Sequence[str]:
        return [file if isinstance(file, str) else "" for file in (self.task_definition, self.appspec)]

    def is_met_by(self, contents: Contents) -> bool:
        return isinstance(contents, DeploymentBundle) or Requirement.is_met_by(self, contents)

    def is_likely_met_by(self, contents: Contents) -> bool:
        # Templates are in a source, as in
        # https://docs.aws.amazon.com/codepipeline/latest/userguide/tutorials-ecs-ecr-codedeploy.html.
        # A task definition without placeholders is written by a build, which then has to list it.
        return bool(self.placeholders) and self.may_be_met_by(contents)

    def decides(self, reader: str, contents: Contents) -> Mapping[str, object]:
        if not isinstance(contents, DeploymentBundle):
            return {}
        return dict(zip(self.file_names(reader), (self.task_definition, self.appspec), strict=True))

    @staticmethod
    def file_names(reader: str) -> tuple[str, str]:
        """The names of the files that the build writes for a reader."""
        return f"taskdef-{reader}.json", f"appspec-{reader}.yaml"


@frozen
class Input:
    """An input of an action or rule: the `path` of its field, the artifact in that field, and the requirement."""

    path: Path
    requires: Requirement
    _: KW_ONLY
    artifact: Artifact[Contents] | None = None


@frozen(kw_only=True)
class Request:
    """The requirement of one reader of an output. `reader`: its stage and action, as used in file names. environment:
    that of the reader, if it runs in another account or region than the pipeline."""

    reader: str
    requires: Requirement
    environment: Environment | None = None


def serves(output: Output, required: Requirement) -> bool:
    """Whether an output meets a requirement."""
    return required.is_met_by(output.contents) and not (output.on_request and isinstance(required, AnyArtifact))
