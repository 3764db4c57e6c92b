"""Artifacts that an action creates, for kinds whose definitions list them, and their inputs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY
from typing import Annotated

from pipegen.errors import Problem, quoted
from pipegen.fields.constraints import Length, Matches
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.pipeline.artifact import Artifact, Contents, Files, Output
from pipegen.pipeline.requirement import AnyArtifact, Input
from pipegen.syntax import names

OUTPUT_VARIABLE = Matches(
    r"[A-Za-z0-9@_-]{1,128}",
    "1 to 128 letters, digits, or @ - _",
    "https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PutJobSuccessResult.html",
)
"""The name of an output variable."""


@frozen
class ActionOutput(Model):
    """An artifact that an action creates."""

    name: Annotated[str, names.OUTPUT]
    """The name of the output. Other actions refer to the artifact as `Action.name`."""
    _: KW_ONLY
    files: Annotated[Sequence[str], Length(1, None, "patterns")] = ("**/*",)
    """Patterns of the files in the artifact, which other actions may read. Default: any files."""


def every_input(artifacts: Sequence[Artifact[Contents]]) -> Sequence[Input]:
    """The inputs of a kind that reads any artifacts, which `inputs` lists."""
    return [
        Input(path=("inputs", index), requires=AnyArtifact(), artifact=artifact)
        for index, artifact in enumerate(artifacts)
    ]


def every_output(outputs: Sequence[ActionOutput]) -> Sequence[Output]:
    """The outputs of a kind that creates all that it lists, whether they are read or not."""
    return [Output(name=each.name, contents=Files(files=each.files), always=True) for each in outputs]


def output_problems(outputs: Sequence[ActionOutput]) -> Iterator[Problem]:
    """Find outputs of equal names."""
    for index, output in enumerate(outputs):
        if output.name in [other.name for other in outputs[:index]]:
            text = f"two outputs are named {quoted(output.name)}"
            yield Problem("duplicate-name", ("outputs", index, "name"), text, "rename one of them")
