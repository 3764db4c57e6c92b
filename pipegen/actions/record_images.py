"""The images that were deployed, written down in SSM parameters by CodePipeline's Commands action.
https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-Commands.html"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from typing import Annotated, ClassVar, Literal

from pipegen.errors import Problem, one_line, there_are
from pipegen.fields.constraints import RELATIVE_PATH, Length, Matches
from pipegen.fields.gaps import is_known
from pipegen.frozen import frozen
from pipegen.iam.grant import Grant
from pipegen.model.log_group import commands_log_grant
from pipegen.pipeline.action import INPUT_ARTIFACTS, Action, ActionType, Bound, Context
from pipegen.pipeline.artifact import DeploymentBundle, ImageDefinitions, ImageDetail, Reference, Tree
from pipegen.pipeline.requirement import ImageDefinitionsFile, ImageDetailFile, Input
from pipegen.references.secrets import parameter_arns
from pipegen.syntax import names
from pipegen.values.value import Value, concat

_MOST = 10
"""Artifacts that the action takes, and every image detail is one.
https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-Commands.html"""

_FILE = "imagedefinitions.json"

_PUT = "AWS_MAX_ATTEMPTS=10 aws ssm put-parameter"
"""An image that is not recorded is lost at the next update of the service's stack. A stage's own retry would start the
deployment before it once more. https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-retries.html"""

_PARAMETER = Matches(
    r"(?!/?(?:[aA][wW][sS]|[sS][sS][mM]))(?:[A-Za-z0-9_.-]+|(?:/[A-Za-z0-9_.-]+){1,15})",
    "the name of an SSM parameter: letters, digits, or . - _, or /up/to/15/of/them; not beginning with aws or ssm",
    "https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html",
)

_IMAGE = r'select(test("^\\w(/?[\\w.:@-])*$"))'
"""jq: what can name an image. Nothing else is recorded: no empty text, nor one that the CLI takes for an option or a
file. https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-parameters-file.html"""

_TYPE = ActionType(category="Compute", provider="Commands", inputs=(1, _MOST), distinct_inputs=False)


@frozen(kw_only=True)
class RecordImages(Action):
    """Commands that write the deployed images into SSM parameters, from which stacks take them. An update of such a
    stack deploys the image that was recorded last.

    The action runs after the deployment, with a higher `run_order` or in a later stage, and reads the file that the
    deployment read. If an image is missing in it, the action fails and writes nothing. It runs in CodePipeline's
    smallest Linux build, for at most 55 minutes, with the role of the pipeline.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-Commands.html
    """

    kind: Literal["record-images"] = "record-images"
    parameters: Annotated[
        Mapping[Annotated[str, names.CONTAINER], Annotated[Value, _PARAMETER]], Length(1, _MOST, "images")
    ]
    """Names of the SSM parameters, of the type String, by the names of the containers.
    https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html"""
    source: Literal["image-definitions", "image-details"] = "image-definitions"
    """What the deployment read: `image-definitions`, one file for all containers, for deployments by ECS; or
    `image-details`, an imageDetail.json for each container, for those through CodeDeploy. Default:
    image-definitions."""
    input: Annotated[Reference[ImageDefinitions | ImageDetail | DeploymentBundle | Tree], INPUT_ARTIFACTS] | None = None
    """The artifact with the image definitions file, or with the only image detail. Default: the only one that has
    it."""
    file_name: Annotated[str, RELATIVE_PATH] = _FILE
    """The path of the image definitions file in the artifact. Default: imagedefinitions.json."""
    inputs: Annotated[Mapping[str, Reference[ImageDetail | DeploymentBundle | Tree]], INPUT_ARTIFACTS] = field(
        default_factory=dict
    )
    """The artifacts with the image details, by the names of the containers. Default: for each container the only one
    that has it."""

    after_deployment: ClassVar[bool] = True

    @property
    def action_type(self) -> ActionType:
        return _TYPE

    def reads(self) -> Sequence[Input]:
        if self.source == "image-definitions":
            requires = ImageDefinitionsFile(file=self.file_name, containers=[*self.parameters], only_reads=True)
            return (Input(path=("input",), requires=requires, artifact=self.input),)
        return [self._detail(container) for container in [*self.parameters][:_MOST]]

    def _detail(self, container: str) -> Input:
        several = container in self.inputs or len(self.parameters) > 1
        path = ("inputs", container) if several else ("input",)
        requires = ImageDetailFile(container=container)
        return Input(path=path, requires=requires, artifact=self.inputs.get(container, self.input))

    def bind(self, context: Context) -> Bound:
        written = [each for name in self.parameters.values() for each in parameter_arns(name)]
        because = "records the images that were deployed"
        record = Grant(actions=("ssm:PutParameter",), resources=written, because=because)
        return Bound(
            commands=[*self._commands([wired.artifact for wired in context.inputs])],
            grants=(commands_log_grant(context.pipeline), record),
        )

    def _commands(self, artifacts: Sequence[str]) -> Iterator[Value]:
        """All images are read before one is written, and no command relies on the shell of another one."""
        places = {artifact: f"${{CODEBUILD_SRC_DIR_{artifact}:-.}}" for artifact in artifacts}
        if len(places) > 1:
            yield _all_apart([*places.values()])
        directories = [places[artifact] if len(places) > 1 else "." for artifact in artifacts]
        reads = [*self._reads(directories)]
        if len(reads) > 1:
            yield from reads
        for read, name in zip(reads, self.parameters.values(), strict=True):
            put = f'IMAGE="$({read})" && {_PUT} --type String --overwrite --value "$IMAGE" --name '
            yield put + shlex.quote(name) if isinstance(name, str) else concat(f"{put}'", name, "'")

    def _reads(self, directories: Sequence[str]) -> Iterator[str]:
        """For each container the command that prints its image, or fails."""
        if self.source == "image-definitions":
            for container in self.parameters:
                found = f"[.[] | select(.name == {json.dumps(container)}).imageUri] | select(length == 1)[]"
                yield f"jq -er {shlex.quote(f'{found} | {_IMAGE}')} {shlex.quote(f'./{self.file_name}')}"
        else:
            query = shlex.quote(f".ImageURI | {_IMAGE}")
            yield from (f'jq -er {query} "{directory}/{ImageDetail.file}"' for directory in directories)

    def problems(self) -> Iterator[Problem]:
        yield from self._parameter_problems()
        yield from self._input_problems()

    def _parameter_problems(self) -> Iterator[Problem]:
        seen: dict[str, str] = {}
        for container, name in self.parameters.items():
            if not is_known(name):
                continue
            other = seen.setdefault(name, container)
            if other != container:
                text = f"the images of {other} and {container} would both be written into {name}"
                yield Problem("record-parameter", ("parameters", container), text, "give each a parameter of its own")

    def _input_problems(self) -> Iterator[Problem]:
        if self.source == "image-definitions" and self.inputs:
            text = "the image definitions of all containers are in one artifact"
            yield Problem("record-input", ("inputs",), text, "name it with input:, or say source: image-details")
        if self.source == "image-details" and self.file_name != _FILE:
            text = f"an image detail is always in {ImageDetail.file}"
            yield Problem("record-input", ("file_name",), text, "leave file_name out, or say source: image-definitions")
        for container in self.inputs:
            if container not in self.parameters:
                text = f"the image of {one_line(container, 80)} is not recorded"
                fix = f"list it under parameters; {there_are(self.parameters)}"
                yield Problem("record-input", ("inputs", container), text, fix)


def _all_apart(places: Sequence[str]) -> str:
    """Fails where two artifacts would be looked for in one place, and an image be taken for another container's.

    CodeBuild, which runs the commands, has a variable for the directory of each artifact but the primary one, and
    begins in that. The page on the Commands action says nothing of it.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeBuild.html"""
    listed = " ".join(f'"{place}"' for place in places)
    return f"test \"$(printf '%s\\n' {listed} | sort -u | wc -l)\" -eq {len(places)}"
