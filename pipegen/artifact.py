"""What flows between actions, by the files in it.

A consumer says what it reads (`Contents` as a wish: which file, which containers); a producer says what it holds or can
hold; `holds.satisfies(wish)` decides. The type parameter of `Artifact` carries the same to mypy and pyright.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Generic, TypeVar

from pipegen.data import Data
from pipegen.errors import Path
from pipegen.fields.base import INVALID, Json, Reading, Schemas, Type
from pipegen.fields.scalars import TextType
from pipegen.grant import Grant
from pipegen.model import Model


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents(Model):
    """What is in an artifact."""

    noun: ClassVar[str] = "files"

    def satisfies(self, wish: Contents) -> bool:
        """Whether an artifact with these contents serves a reader with that wish."""
        return isinstance(wish, Anything) or isinstance(self, type(wish))

    def may_hold(self, wish: Contents) -> bool:
        """Whether they can serve that wish where a reader names them, though it is not known which files they are."""
        return False

    def files_wanted(self) -> Sequence[str]:
        """As a wish: the files that a `codebuild` action would have to write for it; none where any will do."""
        return ()

    @property
    def way_out(self) -> str:
        """As a wish: what to do where nothing serves it."""
        files = self.files_wanted()
        if not all(files):
            return "add a docker-build action before it, which writes it"
        listed = " and ".join(files)
        build = f"add a docker-build action before it, or a codebuild action with an output that lists {listed}"
        return f"{build}, or name a source that has it"

    def containers_wanted(self) -> Sequence[str]:
        """As a wish: the containers that must be among those whose images the build makes."""
        return ()

    def wants(self, reader: str) -> Mapping[str, object]:
        """As a wish: per file what that reader wants in it; two readers of a file must want the same."""
        return {}

    def counts_on(self) -> Mapping[str, Sequence[str]]:
        """As a wish: per file what must be in it for a reader that leaves the rest to others."""
        return {}

    @property
    def words(self) -> str:
        return self.noun


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree(Contents):
    """Anything a build can start from."""

    noun: ClassVar[str] = "a source tree"


@dataclass(frozen=True, slots=True, kw_only=True)
class HasFile(Contents):
    """A reader's wish for one file, which a source or a `codebuild` action can hold under any path."""

    noun: ClassVar[str] = "a file"
    path: str

    def files_wanted(self) -> Sequence[str]:
        return (self.path,)

    @property
    def way_out(self) -> str:
        return f"name a source that has it, or add a codebuild action before it with an output that lists {self.path}"

    @property
    def words(self) -> str:
        return f"the file {self.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTree(Tree):
    """A zip of one revision of a source."""

    def satisfies(self, wish: Contents) -> bool:
        """Which files are in it is not known, so any may be."""
        return isinstance(wish, HasFile) or Tree.satisfies(self, wish)

    def may_hold(self, wish: Contents) -> bool:
        files = wish.files_wanted()
        return bool(files) and all(files)


@dataclass(frozen=True, slots=True, kw_only=True)
class GitClone(Tree):
    """A reference to a full git clone, which CodeBuild alone can read, with permissions of its own.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/tutorials-codecommit-gitclone.html"""

    noun: ClassVar[str] = "a full git clone"
    reader_grants: Sequence[Grant] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Files(Tree):
    """Files that a build names itself; patterns as CodeBuild takes them."""

    noun: ClassVar[str] = "files"
    files: Sequence[str] = ()

    def satisfies(self, wish: Contents) -> bool:
        wanted = wish.files_wanted()
        if not wanted:
            return isinstance(wish, Anything | Tree)
        patterns = [pattern.replace("**/", "*") for pattern in self.files]
        return all(any(fnmatch.fnmatchcase(file, pattern) for pattern in patterns) for file in wanted)

    @property
    def words(self) -> str:
        return f"the files {', '.join(self.files)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageDefinitions(Contents):
    """Which image each container gets, as CodePipeline's ECS action reads it.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/file-reference.html#pipelines-create-image-definitions"""

    noun: ClassVar[str] = "image definitions"
    file: str = "imagedefinitions.json"
    containers: Sequence[str] = ()
    """The containers that the reader updates; none means all that the build makes."""
    only_reads: bool = False
    """As a wish: others decide which containers are in it, as long as these are."""

    def files_wanted(self) -> Sequence[str]:
        return (self.file,)

    def containers_wanted(self) -> Sequence[str]:
        return self.containers

    def wants(self, reader: str) -> Mapping[str, object]:
        return {} if self.only_reads else {self.file: self.containers}

    def counts_on(self) -> Mapping[str, Sequence[str]]:
        return {self.file: self.containers} if self.only_reads else {}

    @property
    def words(self) -> str:
        return f"image definitions ({self.file})"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageDetail(Contents):
    """One image's URI, as CodePipeline's CodeDeployToECS action reads it; the file name is fixed.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/file-reference.html#file-reference-ecs-bluegreen"""

    noun: ClassVar[str] = "image detail"
    file: ClassVar[str] = "imageDetail.json"
    container: str | None = None
    """Whose image it is, where that is known."""

    def satisfies(self, wish: Contents) -> bool:
        if isinstance(wish, ImageDetail):
            return None in (self.container, wish.container) or self.container == wish.container
        return isinstance(wish, Anything)

    def files_wanted(self) -> Sequence[str]:
        return (self.file,)

    @property
    def way_out(self) -> str:
        image = f"images: [{{container: {self.container or '…'}, …}}]"
        return f"list it in a docker-build before it, {image}, or name its artifact"

    @property
    def words(self) -> str:
        return f"the image detail ({self.file})" + (f" of {self.container}" if self.container else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentBundle(Contents):
    """A task definition and an appspec with placeholders for the images, as CodeDeployToECS reads them.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECSbluegreen.html

    As a wish, either file is data to be written, or a path in the source to be copied from. As what a build holds, it
    has the image detail of its `image` in it too.
    """

    noun: ClassVar[str] = "a deployment bundle"
    task_definition: str | Mapping[str, Data] = "taskdef.json"
    appspec: str | Mapping[str, Data] = "appspec.yaml"
    placeholders: Sequence[str] = ()
    image: str | None = None

    def satisfies(self, wish: Contents) -> bool:
        if isinstance(wish, ImageDetail):
            return self.image is not None and wish.container in (None, self.image)
        return isinstance(wish, Anything | DeploymentBundle)

    def files_wanted(self) -> Sequence[str]:
        """A `codebuild` action hands on the files under the very paths; data it cannot know."""
        return [file if isinstance(file, str) else "" for file in (self.task_definition, self.appspec)]

    def wants(self, reader: str) -> Mapping[str, object]:
        return dict(zip(self.file_names(reader), (self.task_definition, self.appspec), strict=True))

    @staticmethod
    def file_names(reader: str) -> tuple[str, str]:
        """What the build writes for one reader."""
        return f"taskdef-{reader}.json", f"appspec-{reader}.yaml"

    @property
    def words(self) -> str:
        return self.noun if self.image is None else f"{self.noun} with the image detail of {self.image}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Anything(Contents):
    """A reader's wish that any artifact serves."""

    noun: ClassVar[str] = "any artifact"


C_co = TypeVar("C_co", bound=Contents, covariant=True)


@dataclass(frozen=True, slots=True)
class Artifact(Generic[C_co]):
    """A reference to an output: `Action.output`, or `Action` where it has but one.

    In YAML it is written as that text.
    """

    name: str


_NAME = TextType(minimum=1)


@dataclass(frozen=True, slots=True)
class ReferenceType:
    """A reference to an artifact: of files its text."""

    expected: str = "text"

    def fits(self, data: Any) -> bool:
        return isinstance(data, str | Artifact)

    def read(self, data: Any, path: Path, reading: Reading) -> Any:
        if isinstance(data, Artifact):
            name = _NAME.read(data.name, path, reading)
            return name if name is INVALID else data
        if reading.is_python:
            return reading.wrong_type(path, "Artifact(...)", data)
        name = _NAME.read(data, path, reading)
        return name if name is INVALID else Artifact(name)

    def schema(self, schemas: Schemas) -> Json:
        return _NAME.schema(schemas)


class _IsReference:
    """Marks a field that refers to an artifact."""

    @staticmethod
    def type_of(_resolve: Callable[[Any], Type], _plain: Any) -> Type:
        return ReferenceType()


Reference = Annotated[Artifact[C_co], _IsReference]
"""A field that refers to an output with such contents."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """A consumer's wish: the `path` of its field that may name an artifact, what it named, and what must be in it."""

    path: Path
    wish: Contents
    artifact: Artifact[Contents] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What a producer hands on under `name`. `containers` are those that image files of it can name; `always`: it is
    made even if nobody reads it; `on_request`: it serves no reader that takes anything."""

    name: str
    holds: Contents
    containers: Sequence[str] = field(default=())
    always: bool = False
    on_request: bool = False

    def serves(self, wish: Contents) -> bool:
        return self.holds.satisfies(wish) and not (self.on_request and isinstance(wish, Anything))


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What one reader wishes of an output. `reader` names it in file names: stage and action."""

    reader: str
    wish: Contents
