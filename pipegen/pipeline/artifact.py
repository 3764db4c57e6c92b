"""Artifacts: their contents, and references to them.

Actions declare the contents of their outputs; `requirement.py` has what other actions require of them. The type
parameter of `Artifact` lets mypy and pyright check the contents.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY
from typing import Annotated, Any, ClassVar, Generic, TypeVar

from pipegen.errors import Path
from pipegen.fields.base import INVALID, Json, Reading, Schemas, Type
from pipegen.fields.model import Model
from pipegen.fields.scalars import TextType
from pipegen.frozen import frozen
from pipegen.iam.grant import Grant


@frozen(kw_only=True)
class Contents(Model):
    """The contents of an artifact."""

    noun: ClassVar[str] = "files"

    def has(self, files: Sequence[str]) -> bool:
        """Whether the artifact is known to contain files with these paths."""
        return False

    @property
    def words(self) -> str:
        return self.noun


@frozen(kw_only=True)
class Tree(Contents):
    """Contents that can be the input of a build."""

    noun: ClassVar[str] = "a source tree"


@frozen(kw_only=True)
class SourceTree(Tree):
    """A ZIP file with one revision of a source. Its files are not known."""


@frozen(kw_only=True)
class GitClone(Tree):
    """A reference to a full Git clone, which only CodeBuild can read, with additional permissions.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/tutorials-codecommit-gitclone.html"""

    noun: ClassVar[str] = "a full Git clone"
    reader_grants: Sequence[Grant] = ()


@frozen
class Files(Tree):
    """Files that a build lists, as patterns of CodeBuild."""

    files: Sequence[str] = ()

    def has(self, files: Sequence[str]) -> bool:
        patterns = [re.compile(_expression(pattern)) for pattern in self.files]
        return all(any(pattern.fullmatch(file) for pattern in patterns) for file in files)

    def lists(self, file: str) -> bool:
        """Whether a file is listed by its path, not only by a pattern."""
        return file in self.files

    @property
    def words(self) -> str:
        return f"the files {', '.join(self.files)}"


def _expression(pattern: str) -> str:
    """The regular expression of a pattern, in which * matches within a directory and **/ any number of directories.
    https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.artifacts.files"""
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", pattern.removeprefix("./"))
    return "".join(_WILDCARDS.get(part) or re.escape(part) for part in parts)


_WILDCARDS = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


@frozen
class ImageDefinitions(Contents):
    """The image of each container, in a file for each action that requires one.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/file-reference.html#pipelines-create-image-definitions"""

    noun: ClassVar[str] = "image definitions (imagedefinitions.json)"
    containers: Sequence[str] = ()
    """The containers whose images the build builds."""


@frozen
class ImageDetail(Contents):
    """The URI of one image, in a file with a fixed name.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/file-reference.html#file-reference-ecs-bluegreen"""

    file: ClassVar[str] = "imageDetail.json"
    container: str | None = None
    """The container of the image, if it is known."""

    @property
    def words(self) -> str:
        return detail_words(self.container)


def detail_words(container: str | None) -> str:
    """Describe an image detail in messages."""
    return f"the image detail ({ImageDetail.file})" + (f" of {container}" if container else "")


@frozen(kw_only=True)
class DeploymentBundle(Contents):
    """A task definition and an AppSpec with placeholders for the images, in files for each action that requires them,
    and the image detail of `image`, if it is set.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECSbluegreen.html"""

    noun: ClassVar[str] = "a deployment bundle"
    image: str | None = None
    """The container of the image."""

    @property
    def words(self) -> str:
        return self.noun if self.image is None else f"{self.noun} with the image detail of {self.image}"


@frozen
class Output:
    """An output of an action. `always`: it is created even if no action reads it. `on_request`: it is not used for
    inputs that accept any artifact."""

    name: str
    contents: Contents
    _: KW_ONLY
    always: bool = False
    on_request: bool = False


C_co = TypeVar("C_co", bound=Contents, covariant=True)


@frozen
class Artifact(Generic[C_co]):
    """A reference to an output: `Action.output`, or `Action` if it has only one.

    In YAML it is written as that text.
    """

    name: str


_NAME = TextType(minimum=1)


@frozen
class ReferenceType:
    """The type of a field that refers to an artifact. In files the reference is a text."""

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
    """Marker of a field that refers to an artifact."""

    @staticmethod
    def type_of(_resolve: Callable[[Any], Type], _plain: Any) -> Type:
        return ReferenceType()


Reference = Annotated[Artifact[C_co], _IsReference]
"""A field that refers to an output with such contents."""
