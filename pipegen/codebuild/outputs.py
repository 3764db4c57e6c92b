"""Artifacts and reports of builds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY
from typing import Annotated, Literal

from pipegen.fields.constraints import Length
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.syntax import names

ReportFormat = Literal[
    "JUNITXML",
    "CUCUMBERJSON",
    "NUNITXML",
    "NUNIT3XML",
    "TESTNGXML",
    "VISUALSTUDIOTRX",
    "CLOVERXML",
    "COBERTURAXML",
    "JACOCOXML",
    "SIMPLECOV",
]


@frozen
class Report(Model):
    """A test or coverage report.
    https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#reports-buildspec-file"""

    files: Annotated[Sequence[str], Length(1, None, "patterns")]
    """Patterns of the report's files, relative to `base_directory`."""
    _: KW_ONLY
    format: ReportFormat = "JUNITXML"
    """The format of the files. Default: JUNITXML."""
    base_directory: str | None = None
    """The directory of the files. Default: the root of the source."""


@frozen
class BuildOutput(Model):
    """An artifact that the build creates.
    https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.artifacts"""

    name: Annotated[str, names.OUTPUT]
    """The name of the output. Other actions refer to the artifact as `Action.name`."""
    _: KW_ONLY
    files: Annotated[Sequence[str], Length(1, None, "patterns")]
    """Patterns of the artifact's files, relative to `base_directory`; `**/*` matches all files."""
    base_directory: str | None = None
    """The directory of the files. Default: the root of the source."""
