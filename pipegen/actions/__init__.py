"""Action kinds, one per module, and the classes for custom action kinds. The kinds that most definitions use are in
`pipegen`."""

from __future__ import annotations

from pipegen.lazy import public_names

TYPE_CHECKING = False  # as type checkers know it, without the time that the import of typing takes
if TYPE_CHECKING:
    from pipegen.actions.cloudformation import (
        ArtifactAttribute as ArtifactAttribute,
        FileValue as FileValue,
    )
    from pipegen.actions.commands import Commands as Commands
    from pipegen.actions.function import LambdaInvoke as LambdaInvoke
    from pipegen.actions.generic import GenericAction as GenericAction
    from pipegen.actions.s3_deploy import S3Deploy as S3Deploy
    from pipegen.actions.start_pipeline import SourceRevision as SourceRevision, StartPipeline as StartPipeline
    from pipegen.actions.step_functions import StepFunctions as StepFunctions
    from pipegen.fields.aws import ConfigurationKey as ConfigurationKey, Property as Property
    from pipegen.fields.constraints import Between as Between, Length as Length, Matches as Matches, OneOf as OneOf
    from pipegen.frozen import frozen as frozen
    from pipegen.iam.grant import Grant as Grant, ServiceRole as ServiceRole
    from pipegen.pipeline.action import Action as Action, ActionType as ActionType, variable_of as variable_of
    from pipegen.pipeline.action_output import ActionOutput as ActionOutput
    from pipegen.pipeline.artifact import (
        Artifact as Artifact,
        Contents as Contents,
        DeploymentBundle as DeploymentBundle,
        Files as Files,
        GitClone as GitClone,
        ImageDefinitions as ImageDefinitions,
        ImageDetail as ImageDetail,
        Output as Output,
        Reference as Reference,
        SourceTree as SourceTree,
        Tree as Tree,
    )
    from pipegen.pipeline.artifact_file import ArtifactFile as ArtifactFile
    from pipegen.pipeline.binding import (
        Bound as Bound,
        Context as Context,
        EventTrigger as EventTrigger,
        Wired as Wired,
    )
    from pipegen.pipeline.effects import Target as Target
    from pipegen.pipeline.requirement import (
        AnyArtifact as AnyArtifact,
        AnyTree as AnyTree,
        Input as Input,
        OneFile as OneFile,
        Requirement as Requirement,
    )
    from pipegen.values.value import (
        Text as Text,
        TextValue as TextValue,
        Value as Value,
        Values as Values,
        arn as arn,
        concat as concat,
    )
else:
    __getattr__, __dir__, __all__ = public_names(
        __name__,
        {
            "pipegen.actions.cloudformation": "ArtifactAttribute FileValue",
            "pipegen.actions.commands": "Commands",
            "pipegen.actions.function": "LambdaInvoke",
            "pipegen.actions.generic": "GenericAction",
            "pipegen.actions.s3_deploy": "S3Deploy",
            "pipegen.actions.start_pipeline": "SourceRevision StartPipeline",
            "pipegen.actions.step_functions": "StepFunctions",
            "pipegen.fields.aws": "ConfigurationKey Property",
            "pipegen.fields.constraints": "Between Length Matches OneOf",
            "pipegen.frozen": "frozen",
            "pipegen.iam.grant": "Grant ServiceRole",
            "pipegen.pipeline.action": "Action ActionType variable_of",
            "pipegen.pipeline.action_output": "ActionOutput",
            "pipegen.pipeline.artifact": (
                "Artifact Contents DeploymentBundle Files GitClone ImageDefinitions ImageDetail "
                "Output Reference SourceTree Tree"
            ),
            "pipegen.pipeline.artifact_file": "ArtifactFile",
            "pipegen.pipeline.binding": "Bound Context EventTrigger Wired",
            "pipegen.pipeline.effects": "Target",
            "pipegen.pipeline.requirement": "AnyArtifact AnyTree Input OneFile Requirement",
            "pipegen.values.value": "Text TextValue Value Values arn concat",
        },
    )
