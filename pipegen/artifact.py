"""What flows between actions, by the files in it.

A consumer says what it reads (`Contents` as a wish: which file, which containers); a producer says what it holds or can
hold; `holds.satisfies(wish)` decides. The type parameter of `Artifact` carries the same to mypy and pyright.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Generic, TypeVar

from pipegen.grant import Grant
from pipegen.model import Model


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents(Model):
    """What is in an artifact."""

    noun: ClassVar[str] = "files"

    def satisfies(self, wish: Contents) -> bool:
        """Whether an artifact with these contents serves a reader with that wish."""
        return isinstance(wish, Anything) or isinstance(self, type(wish))

    @property
    def words(self) -> str:
        return self.noun


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree(Contents):
    """Anything a build can start from."""

    noun: ClassVar[str] = "a source tree"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTree(Tree):
    """A zip of one revision of a source."""


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
        wanted = wish.file if isinstance(wish, ImageDefinitions | ImageDetail) else None
        if wanted is None:
            return isinstance(wish, Anything | Tree)
        return any(fnmatch.fnmatchcase(wanted, pattern.replace("**/", "*")) for pattern in self.files)

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

    @property
    def words(self) -> str:
        return f"image definitions ({self.file})"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageDetail(Contents):
    """One image's URI, as CodePipeline's CodeDeployToECS action reads it; the file name is fixed.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/file-reference.html#file-reference-ecs-bluegreen"""

    noun: ClassVar[str] = "image detail (imageDetail.json)"
    file: ClassVar[str] = "imageDetail.json"


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


class ReferenceSchema:
    """Tells pydantic how a reference is read from data."""

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: Any) -> Any:
        from pydantic_core import core_schema

        name = core_schema.no_info_after_validator_function(Artifact, core_schema.str_schema(strict=True, min_length=1))
        made = core_schema.is_instance_schema(Artifact)
        return core_schema.json_or_python_schema(json_schema=name, python_schema=made)


Reference = Annotated[Artifact[C_co], ReferenceSchema]
"""A field that refers to an output with such contents."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """A consumer's wish: the model's `field` that may name an artifact, what it named, and what must be in it."""

    field: str
    wish: Contents
    artifact: Artifact[Contents] | None = None
    index: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What a producer hands on under `name`. `containers` are those that image files of it can name; `always`: it is
    made even if nobody reads it."""

    name: str
    holds: Contents
    containers: Sequence[str] = field(default=())
    always: bool = False
