"""What a consumer requires of an artifact: which file, for which containers. Producers write what is required."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from pipegen.errors import Path
from pipegen.fields.model import Model
from pipegen.frozen import frozen
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
    """What an artifact must contain for a reader."""

    made_by: ClassVar[str] = ""
    """What an earlier action would have to be to make it."""

    @property
    def words(self) -> str:
        raise NotImplementedError

    @property
    def files(self) -> Sequence[str]:
        """The paths of the files that must be in it; an empty one stands for a file that only a build of pipegen's can
        write."""
        return ()

    def of_containers(self) -> Sequence[str]:
        """The containers that must be among those whose images the build makes."""
        return ()

    @property
    def fix(self) -> str:
        """What to do where nothing meets it."""
        if not all(self.files):
            return "add a docker-build action before it, which writes it"
        listed = " and ".join(self.files)
        build = f"add a docker-build action before it, or a codebuild action with an output that lists {listed}"
        return f"{build}, or name a source that has it"

    def is_met_by(self, contents: Contents) -> bool:
        """Whether an artifact with these contents serves the reader."""
        return bool(self.files) and all(self.files) and contents.has(self.files)

    def may_be_met_by(self, contents: Contents) -> bool:
        """Whether it can serve a reader that names it, though it is not known which files are in it."""
        return isinstance(contents, SourceTree) and bool(self.files) and all(self.files)

    def is_likely_met_by(self, contents: Contents) -> bool:
        """Whether it is to serve the reader if nothing else does, though it is not known which files are in it."""
        return False

    def decides(self, reader: str, contents: Contents) -> Mapping[str, object]:
        """What that reader wants in each file that the build writes for it; two readers of a file must want the
        same."""
        return {}

    def relies_on(self) -> Mapping[str, Sequence[str]]:
        """What must be in each file for a reader that leaves the rest to others."""
        return {}


@frozen(kw_only=True)
class AnyArtifact(Requirement):
    """Any artifact serves."""

    @property
    def words(self) -> str:
        return "any artifact"

    def is_met_by(self, contents: Contents) -> bool:
        return True


@frozen(kw_only=True)
class AnyTree(Requirement):
    """Anything a build can start from."""

    @property
    def words(self) -> str:
        return Tree.noun

    def is_met_by(self, contents: Contents) -> bool:
        return isinstance(contents, Tree)


@frozen(kw_only=True)
class OneFile(Requirement):
    """A file that a source or a `codebuild` action can have under any path."""

    path: str

    @property
    def words(self) -> str:
        return f"the file {self.path}"

    @property
    def files(self) -> Sequence[str]:
        return (self.path,)

    @property
    def fix(self) -> str:
        return f"name a source that has it, or add a codebuild action before it with an output that lists {self.path}"

    def is_met_by(self, contents: Contents) -> bool:
        return isinstance(contents, SourceTree) or Requirement.is_met_by(self, contents)


@frozen(kw_only=True)
class ImageDefinitionsFile(Requirement):
    """The file from which CodePipeline's ECS action takes the image of each container.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/file-reference.html#pipelines-create-image-definitions"""

    file: str = "imagedefinitions.json"
    containers: Sequence[str] = ()
    """The containers that the reader needs; none means all that the build makes."""
    only_reads: bool = False
    """Whether others decide which containers are in it, as long as these are."""

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
    """The file from which CodePipeline's CodeDeployToECS action takes one image.
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
        return f"list it in a docker-build before it, {image}, or name its artifact"

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

    Either is data to be written, or a path in the source to be copied from.
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
        # Templates lie in a source, as in
        # https://docs.aws.amazon.com/codepipeline/latest/userguide/tutorials-ecs-ecr-codedeploy.html.
        # A task definition without placeholders is written by a build, which then has to list it.
        return bool(self.placeholders) and self.may_be_met_by(contents)

    def decides(self, reader: str, contents: Contents) -> Mapping[str, object]:
        if not isinstance(contents, DeploymentBundle):
            return {}
        return dict(zip(self.file_names(reader), (self.task_definition, self.appspec), strict=True))

    @staticmethod
    def file_names(reader: str) -> tuple[str, str]:
        """What the build writes for one reader."""
        return f"taskdef-{reader}.json", f"appspec-{reader}.yaml"


@frozen(kw_only=True)
class Input:
    """What a consumer reads: the `path` of its field that may name an artifact, what it named, and what it requires."""

    path: Path
    requires: Requirement
    artifact: Artifact[Contents] | None = None


@frozen(kw_only=True)
class Request:
    """What one reader requires of an output. `reader` names it in file names: stage and action."""

    reader: str
    requires: Requirement


def serves(output: Output, required: Requirement) -> bool:
    """Whether an output is for such a reader."""
    return required.is_met_by(output.contents) and not (output.on_request and isinstance(required, AnyArtifact))
