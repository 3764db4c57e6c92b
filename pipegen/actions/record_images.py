"""CodePipeline's Commands action that writes down which images were deployed.
https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-Commands.html"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pipegen import names
from pipegen.action import Action, ActionType, Bound, Context
from pipegen.artifact import Contents, DeploymentBundle, Files, ImageDefinitions, ImageDetail, Input, Reference
from pipegen.errors import Problem, one_line
from pipegen.files import is_relative
from pipegen.grant import Grant
from pipegen.values import Value, arn

_MOST = 10
"""Input artifacts. https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-action-artifacts.html"""

_PARAMETER = names.NamePattern(
    "name of an SSM parameter",
    r"(?!/?(aws|AWS|ssm|SSM))/?[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+){0,14}",
    "letters, digits, or . - _, with / between up to 15 parts, not beginning with aws or ssm",
    "https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordImages(Action):
    """Writes the images that were deployed into SSM parameters, for stacks that take them from there.

    It runs with the pipeline's role in the smallest build there is, after the deployment and in its stage.
    parameters: container -> name of its SSM parameter, which is there already; at most 10.
    source: what the deployment read: image-definitions, one file for all containers, or image-details, a file each.
    input: the artifact with the image definitions; found where there is but one. file_name: of that file.
    """

    kind: Literal["record-images"] = "record-images"
    parameters: Mapping[str, str]
    source: Literal["image-definitions", "image-details"] = "image-definitions"
    input: Reference[ImageDefinitions | ImageDetail | DeploymentBundle | Files] | None = None
    file_name: str = "imagedefinitions.json"

    @property
    def action_type(self) -> ActionType:
        return ActionType(category="Compute", provider="Commands", inputs=(1, _MOST), distinct_inputs=False)

    def reads(self) -> Sequence[Input]:
        return [Input(path=("input",), wish=wish, artifact=self.input) for wish in self._wishes()]

    def _wishes(self) -> Iterator[Contents]:
        if self.source == "image-definitions":
            yield ImageDefinitions(file=self.file_name, containers=[*self.parameters])
        else:
            yield from (ImageDetail(container=container) for container in self.parameters)

    def problems(self) -> Iterator[Problem]:
        if not 1 <= len(self.parameters) <= _MOST:
            yield Problem("record-images", ("parameters",), f"{len(self.parameters)} images", f"1 to {_MOST}")
        for container, parameter in self.parameters.items():
            if not names.CONTAINER.matches(container):
                text = f"{one_line(repr(container), 80)} is no name of a container"
                yield Problem("container-name", ("parameters", container), text, names.CONTAINER.words)
            if not _PARAMETER.matches(parameter):
                text = f"{one_line(repr(parameter), 80)} is no {_PARAMETER.noun}"
                yield Problem("record-parameter", ("parameters", container), text, _PARAMETER.words)
        if not is_relative(self.file_name):
            text = f"{one_line(repr(self.file_name), 80)} is no file inside an artifact"
            yield Problem("file-name", ("file_name",), text, "a relative path, such as imagedefinitions.json")

    def bind(self, context: Context) -> Bound:
        log = arn("logs", f"log-group:/aws/codepipeline/{context.pipeline}")
        streams = arn("logs", f"log-group:/aws/codepipeline/{context.pipeline}:*")
        actions = ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents")
        written: list[Value] = [arn("ssm", "parameter/", name.removeprefix("/")) for name in self.parameters.values()]
        return Bound(
            commands=[*self._commands([wired.artifact for wired in context.inputs])],
            grants=(
                Grant(actions=actions, resources=(log, streams), because="writes the log of the commands"),
                Grant(
                    actions=("ssm:PutParameter",), resources=written, because="records the images that were deployed"
                ),
            ),
        )

    def _commands(self, artifacts: Sequence[str]) -> Iterator[str]:
        for index, (container, parameter) in enumerate(self.parameters.items()):
            if self.source == "image-definitions":
                query = f".[] | select(.name == {json.dumps(container)}) | .imageUri"
                file = shlex.quote(f"./{self.file_name}")
            else:
                # The first artifact is where commands begin; the others are where their variables say.
                query, file = ".ImageURI", f'"${{CODEBUILD_SRC_DIR_{artifacts[index]}:-.}}/imageDetail.json"'
            put = f'aws ssm put-parameter --overwrite --type String --name {parameter} --value "$IMAGE"'
            yield f'IMAGE="$(jq -er {shlex.quote(query)} {file})" && {put}'
