"""Files in artifacts, which actions read."""

from __future__ import annotations

from dataclasses import KW_ONLY
from typing import Annotated

from pipegen.fields.constraints import RELATIVE_PATH
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.pipeline.artifact import Files, Reference, SourceTree
from pipegen.pipeline.requirement import Input, OneFile


@frozen
class ArtifactFile(Model):
    """A file in an artifact."""

    path: Annotated[str, RELATIVE_PATH]
    """The path of the file in the artifact."""
    _: KW_ONLY
    artifact: Reference[SourceTree | Files] | None = None
    """The artifact. Default: the only one that contains the file."""


def file_input(field: str, file: ArtifactFile) -> Input:
    """The input for a file in a field."""
    return Input(path=(field, "artifact"), requires=OneFile(path=file.path), artifact=file.artifact)


def path_in(artifact: str | None, file: ArtifactFile | None) -> str | None:
    """The file as `Artifact::path`, which actions of CloudFormation expect."""
    return None if file is None else f"{artifact}::{file.path}"
