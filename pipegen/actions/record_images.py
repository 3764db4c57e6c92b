"""Image records: deployed images that CodePipeline's Commands action writes to SSM parameters.
https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-Commands.html"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from typing import Annotated, ClassVar, Literal

from pipegen.errors import Problem, quoted, there_are
from pipegen.fields.constraints import RELATIVE_PATH, Length, Matches
from pipegen.fields.gaps import is_known
from pipegen.frozen import frozen
from pipegen.iam.grant import Grant
from pipegen.model.log_group import commands_log_grant
from pipegen.pipeline.action import INPUT_ARTIFACTS, Action, ActionType
from pipegen.pipeline.artifact import DeploymentBundle, ImageDefinitions, ImageDetail, Reference, Tree
from pipegen.pipeline.binding import Bound, Context
from pipegen.pipeline.requirement import ImageDefinitionsFile, ImageDetailFile, Input
from pipegen.references.secrets import parameter_arns
from pipegen.syntax import names
from pipegen.values.value import Value, concat

_MOST = 10
"""The largest number of artifacts of the action. Each image detail is an artifact.
https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-Commands.html"""

_FILE = "imagedefinitions.json"

_PUT = "AWS_MAX_ATTEMPTS=10 aws ssm put-parameter"
"""An image that is not recorded is lost in the next update of the service's stack. A retry of the stage would repeat
the deployment. https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-retries.html"""

_PARAMETER = Matches(
    r"(?!/?(?:[aA][wW][sS]|[sS][sS][mM]))(?:[A-Za-z0-9_.-]+|(?:/[A-Za-z0-9_.-]+){1,15})",
    "the name of an SSM parameter: letters, digits, or . - _, or /up/to/15/of/them; not starting with aws or ssm",
    "https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html",
)

_IMAGE = r'select(test("^\\w(/?[\\w.:@-])*$"))'
"""A jq filter for references to images. Other texts are not recorded, such as an empty one or one that the CLI reads as
an option or a file. https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-parameters-file.html"""

_TYPE = ActionType(category="Compute", provider="Commands", inputs=(1, _MOST), distinct_inputs=False)


@frozen(kw_only=True)
class RecordImages(Action):
    """Commands that write the deployed images to SSM parameters, which stacks read. An update of such a stack deploys
    the image that was recorded last.

    The action must run after the deployment, with a higher `run_order` or in a later stage, and reads the same file. If
    an image is missing in it, the action fails and writes nothing. It runs in CodePipeline's smallest Linux build, for
    at most 55 minutes, with the role of the pipeline.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-Commands.html
    """

    kind: Literal["record-images"] = "record-images"
    parameters: Annotated[
        Mapping[Annotated[str, names.CONTAINER], Annotated[Value, _PARAMETER]], Length(1, _MOST, "images")
    ]
    """The name of the SSM parameter, of the type String, for each container.
    https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html"""
    source: Literal["image-definitions", "image-details"] = "image-definitions"
    """The files that the deployment reads: `image-definitions`, one file for all containers, for deployments by ECS; or
    `image-details`, an imageDetail.json for each container, for those through CodeDeploy. Default:
    image-definitions."""
    input: Annotated[Reference[ImageDefinitions | ImageDetail | DeploymentBundle | Tree], INPUT_ARTIFACTS] | None = None
    """The artifact with the image definitions file, or with the only image detail. Default: the only one that contains
    it."""
    file_name: Annotated[str, RELATIVE_PATH] = _FILE
    """The path of the image definitions file in the artifact. Default: imagedefinitions.json."""
    inputs: Annotated[Mapping[str, Reference[ImageDetail | DeploymentBundle | Tree]], INPUT_ARTIFACTS] = field(
        default_factory=dict
    )
    """The artifact with the image detail of each container. Default: the only one that contains it."""

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
        because = "records the deployed images"
        record = Grant(actions=("ssm:PutParameter",), resources=written, because=because)
        return Bound(
            commands=[*self._commands([wired.artifact for wired in context.inputs])],
            grants=(commands_log_grant(context.pipeline), record),
        )

    def _commands(self, artifacts: Sequence[str]) -> Iterator[Value]:
        """The commands. All images are read before the first is written, and no command depends on the shell of another
        one."""
        paths = {artifact: f"${{CODEBUILD_SRC_DIR_{artifact}:-.}}" for artifact in artifacts}
        if len(paths) > 1:
            yield _assert_distinct([*paths.values()])
        directories = [paths[artifact] if len(paths) > 1 else "." for artifact in artifacts]
        reads = [*self._reads(directories)]
        if len(reads) > 1:
            yield from reads
        for read, name in zip(reads, self.parameters.values(), strict=True):
            put = f'IMAGE="$({read})" && {_PUT} --type String --overwrite --value "$IMAGE" --name '
            yield put + shlex.quote(name) if isinstance(name, str) else concat(f"{put}'", name, "'")

    def _reads(self, directories: Sequence[str]) -> Iterator[str]:
        """The command for each container that prints its image, or fails."""
        if self.source == "image-definitions":
            for container in self.parameters:
                text = f"[.[] | select(.name == {json.dumps(container)}).imageUri] | select(length == 1)[]"
                yield f"jq -er {shlex.quote(f'{text} | {_IMAGE}')} {shlex.quote(f'./{self.file_name}')}"
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
                text = f"the containers {quoted(other)} and {quoted(container)} have the same parameter, {name}"
                yield Problem("record-parameter", ("parameters", container), text, "use a separate parameter for each")

    def _input_problems(self) -> Iterator[Problem]:
        if self.source == "image-definitions" and self.inputs:
            text = "inputs requires source image-details, got image-definitions"
            yield Problem("record-input", ("inputs",), text, "use input, or set source: image-details")
        if self.source == "image-details" and self.file_name != _FILE:
            text = "file_name requires source image-definitions, got image-details"
            fix = "remove file_name, or set source: image-definitions"
            yield Problem("record-input", ("file_name",), text, fix)
        for container in self.inputs:
            if container not in self.parameters:
                text = f"inputs contains the container {quoted(container, 80)}, which is missing in parameters"
                fix = f"add it to parameters; {there_are(self.parameters)}"
                yield Problem("record-input", ("inputs", container), text, fix)


def _assert_distinct(paths: Sequence[str]) -> str:
    """A command that fails if two artifacts have the same directory, so that no image is recorded for another
    container.

    CodeBuild, which runs the commands, has a variable for the directory of each artifact except the primary one, in
    whose directory it starts. The page on the Commands action does not mention it.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeBuild.html"""
    listed = " ".join(f'"{path}"' for path in paths)
    return f"test \"$(printf '%s\\n' {listed} | sort -u | wc -l)\" -eq {len(paths)}"
