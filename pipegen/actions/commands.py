"""Shell commands without a project.
https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-Commands.html"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import field
from typing import Annotated, Literal

from pipegen.codebuild.commands import command_problems, unset_exports
from pipegen.codebuild.environment import SecretsManager, environment_grants, typed
from pipegen.errors import Path, Problem
from pipegen.fields.aws import ConfigurationKey, Property
from pipegen.fields.constraints import ONE_LINE, Length
from pipegen.fields.marks import Keyed
from pipegen.frozen import frozen
from pipegen.iam.grant import Grant, grant_problems
from pipegen.model.log_group import commands_log_grant
from pipegen.pipeline.action import INPUT_ARTIFACTS, Action, ActionType, variable_of
from pipegen.pipeline.artifact import Artifact, Contents, Files, Output, Reference
from pipegen.pipeline.binding import Bound, Context
from pipegen.pipeline.requirement import AnyArtifact, AnyTree, Input
from pipegen.syntax import names
from pipegen.values.expression import Expression
from pipegen.values.value import TextValue

_ACTION = "AWS::CodePipeline::Pipeline.ActionDeclaration"
_LINUX, _WINDOWS = "LINUX_CONTAINER", "WINDOWS_SERVER_2022_CONTAINER"
_SMALL = "BUILD_GENERAL1_SMALL"
_TYPE = ActionType(category="Compute", provider="Commands", inputs=(1, 10), outputs=(0, 1))

EnvironmentType = Literal["LINUX_CONTAINER", "WINDOWS_SERVER_2022_CONTAINER"]
ComputeType = Literal["BUILD_GENERAL1_SMALL", "BUILD_GENERAL1_MEDIUM", "BUILD_GENERAL1_LARGE"]
_Value = Annotated[str | Expression | SecretsManager, Keyed(secrets_manager=SecretsManager, otherwise=TextValue)]


@frozen(kw_only=True)
class Commands(Action):
    """Commands in a build that CodePipeline manages, without a project, for at most 55 minutes.

    The commands have the permissions of the pipeline's role, or of the role of the actions in the other account or
    region. For another image, a cache, a VPC or separate permissions, use a `codebuild` action.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-Commands.html"""

    kind: Literal["commands"] = "commands"
    commands: Annotated[
        Sequence[Annotated[str, Length(1, 1000), ONE_LINE]],
        Length(1, 50, "commands"),
        Property(f"{_ACTION}.Commands"),
    ]
    """The commands, one line each, which may use `#{namespace.variable}`.
    https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ActionDeclaration.html"""
    input: Annotated[Reference[Contents], INPUT_ARTIFACTS] | None = None
    """The artifact in whose directory the commands start. Default: the only source tree."""
    extra_inputs: Annotated[Sequence[Reference[Contents]], INPUT_ARTIFACTS] = ()
    """Additional artifacts, at most 9, in the directories `$CODEBUILD_SRC_DIR_<artifact>`."""
    output_files: Annotated[
        Sequence[Annotated[str, Length(1, 128)]],
        Length(0, 10, "patterns"),
        Property("AWS::CodePipeline::Pipeline.OutputArtifact.Files"),
    ] = ()
    """Patterns of the files in the artifact that the action creates, if another action reads it. Default: no artifact.
    https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_OutputArtifact.html"""
    output_variables: Annotated[
        Sequence[Annotated[str, names.ENVIRONMENT]], Length(0, 15, "variables"), Property(f"{_ACTION}.OutputVariables")
    ] = ()
    """Environment variables of the commands that later actions may use as `#{namespace.variable}`."""
    environment: Annotated[
        Mapping[Annotated[str, names.ENVIRONMENT], _Value],
        Length(0, 10, "variables"),
        Property(f"{_ACTION}.EnvironmentVariables"),
    ] = field(default_factory=dict)
    """Environment variables: text, which may use `#{namespace.variable}`, or secrets of Secrets Manager.
    https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_EnvironmentVariable.html"""
    environment_type: Annotated[EnvironmentType, ConfigurationKey("EnvironmentType")] = "LINUX_CONTAINER"
    """The operating system. Default: LINUX_CONTAINER."""
    compute_type: Annotated[ComputeType, ConfigurationKey("ComputeType")] = "BUILD_GENERAL1_SMALL"
    """The compute type; BUILD_GENERAL1_SMALL does not exist for Windows. Default: BUILD_GENERAL1_SMALL.
    https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-compute-types.html"""
    grants: Sequence[Grant] = ()
    """Additional permissions for the commands. Other actions with the role have them as well."""

    @property
    def action_type(self) -> ActionType:
        return _TYPE

    @property
    def may_deploy(self) -> bool:
        return True

    @property
    def output(self) -> Artifact[Files]:
        """The artifact with the output files."""
        return self.reference()

    def reads(self) -> Sequence[Input]:
        requires = AnyTree() if self.input is None else AnyArtifact()
        extra = (
            Input(path=("extra_inputs", index), requires=AnyArtifact(), artifact=artifact)
            for index, artifact in enumerate(self.extra_inputs)
        )
        return (Input(path=("input",), requires=requires, artifact=self.input), *extra)

    def makes(self) -> Sequence[Output]:
        return (Output(name="files", contents=Files(files=self.output_files)),) if self.output_files else ()

    def variable(self, name: str) -> str:
        return variable_of(self, name)

    def own_variables(self) -> AbstractSet[str]:
        return frozenset(self.output_variables)

    def scripts(self) -> Iterator[tuple[Path, str]]:
        if self.environment_type == _LINUX:
            yield from ((("commands", index), command) for index, command in enumerate(self.commands))

    def problems(self) -> Iterator[Problem]:
        if self.environment_type == _LINUX:
            known = {*self.environment}
            yield from command_problems("commands", self.commands, known, has_docker=False, is_own_image=False)
            yield from unset_exports(self.output_variables, self.commands, known, "output_variables")
        elif self.compute_type == _SMALL:
            text = f"environment_type {_WINDOWS} does not support compute_type {_SMALL}"
            yield Problem("action-compute", ("environment_type",), text, "set compute_type: BUILD_GENERAL1_MEDIUM")
        yield from grant_problems(self.grants)

    def bind(self, context: Context) -> Bound:
        machine = {"EnvironmentType": self.environment_type, "ComputeType": self.compute_type}
        defaults = {"EnvironmentType": _LINUX, "ComputeType": _SMALL}
        return Bound(
            configuration={key: value for key, value in machine.items() if value != defaults[key]},
            grants=(commands_log_grant(context.pipeline), *environment_grants(self.environment), *self.grants),
            commands=self.commands,
            environment=tuple(typed(self.environment)),
            output_variables=self.output_variables,
            output_files={"files": self.output_files},
        )
