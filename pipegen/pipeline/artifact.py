"""What an artifact contains, and how others refer to it.

A producer declares the contents of its outputs; what a consumer requires of them is in `requirement.py`. The type
parameter of `Artifact` carries the contents to mypy and pyright.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Annotated, Any, ClassVar, Generic, TypeVar

from pipegen.errors import Path
from pipegen.fields.base import INVALID, Json, Reading, Schemas, Type
from pipegen.fields.model import Model
from pipegen.fields.scalars import TextType
from pipegen.frozen import frozen
from pipegen.iam.grant import Grant


@frozen(kw_only=True)
class Contents(Model):
    """What is in an artifact."""

    noun: ClassVar[str] = "files"

    def has(self, files: Sequence[str]) -> bool:
        """Whether it is known to have files under these paths."""
        return False

    @property
    def words(self) -> str:
        return self.noun


@frozen(kw_only=True)
class Tree(Contents):
    """Anything a build can start from."""

    noun: ClassVar[str] = "a source tree"


@frozen(kw_only=True)
class SourceTree(Tree):
    """A zip of one revision of a source. Which files are in it is not known."""


@frozen(kw_only=True)
class GitClone(Tree):
    """A reference to a full git clone, which only CodeBuild can read, with permissions of its own.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/tutorials-codecommit-gitclone.html"""

    noun: ClassVar[str] = "a full git clone"
    reader_grants: Sequence[Grant] = ()


@frozen(kw_only=True)
class Files(Tree):
    """Files that a build lists; patterns as CodeBuild takes them."""

    files: Sequence[str] = ()

    def has(self, files: Sequence[str]) -> bool:
        patterns = [re.compile(_expression(pattern)) for pattern in self.files]
        return all(any(pattern.fullmatch(file) for pattern in patterns) for file in files)

    def lists(self, file: str) -> bool:
        """Whether it names a file itself."""
        return file in self.files

    @property
    def words(self) -> str:
        return f"the files {', '.join(self.files)}"


def _expression(pattern: str) -> str:
    """The regular expression of a pattern, in which * stays in its directory and **/ stands for any number of them.
    https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.artifacts.files"""
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", pattern.removeprefix("./"))
    return "".join(_WILDCARDS.get(part) or re.escape(part) for part in parts)


_WILDCARDS = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


@frozen(kw_only=True)
class ImageDefinitions(Contents):
    """Which image each container gets, in a file for each reader that asks for one.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/file-reference.html#pipelines-create-image-definitions"""

    noun: ClassVar[str] = "image definitions (imagedefinitions.json)"
    containers: Sequence[str] = ()
    """The containers that the build makes images for."""


@frozen(kw_only=True)
class ImageDetail(Contents):
    """One image's URI, in a file whose name is fixed.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/file-reference.html#file-reference-ecs-bluegreen"""

    file: ClassVar[str] = "imageDetail.json"
    container: str | None = None
    """Whose image it is, where that is known."""

    @property
    def words(self) -> str:
        return detail_words(self.container)


def detail_words(container: str | None) -> str:
    """An image detail, in words."""
    return f"the image detail ({ImageDetail.file})" + (f" of {container}" if container else "")


@frozen(kw_only=True)
class DeploymentBundle(Contents):
    """A task definition and an AppSpec with placeholders for the images, in files for each reader that asks for them,
    and the image detail of the `image`, if there is one.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECSbluegreen.html"""

    noun: ClassVar[str] = "a deployment bundle"
    image: str | None = None
    """The container of the image."""

    @property
    def words(self) -> str:
        return self.noun if self.image is None else f"{self.noun} with the image detail of {self.image}"


@frozen(kw_only=True)
class Output:
    """What a producer hands on under `name`. `always`: it is made even if nobody reads it; `on_request`: it is not for
    readers that take anything."""

    name: str
    contents: Contents
    always: bool = False
    on_request: bool = False


C_co = TypeVar("C_co", bound=Contents, covariant=True)


@frozen
class Artifact(Generic[C_co]):
    """A reference to an output: `Action.output`, or `Action` where it has but one.

    In YAML it is written as that text.
    """

    name: str


_NAME = TextType(minimum=1)


@frozen
class ReferenceType:
    """A reference to an artifact: of files its text."""

    expected: str = "a string"

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
