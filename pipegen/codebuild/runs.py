"""How an action runs a CodeBuild project, created or existing.
https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeBuild.html"""

from __future__ import annotations

from pipegen.codebuild.environment import Variables, action_variables
from pipegen.iam.grant import Grant
from pipegen.pipeline.binding import Bound, Context
from pipegen.values.value import Value, arn


def run_configuration(project: Value, variables: Variables, context: Context) -> dict[str, Value | int | bool]:
    """Return the configuration of an action. variables: those that it sets for its builds."""
    configuration: dict[str, Value | int | bool] = {"ProjectName": project}
    if len(context.inputs) > 1:
        configuration["PrimarySource"] = context.inputs[0].artifact
    if variables:
        configuration["EnvironmentVariables"] = action_variables(variables)
    return configuration


def start_grant(project: Value) -> Grant:
    """Return the permission to run a project, given by its ARN."""
    return Grant(
        actions=("codebuild:BatchGetBuilds", "codebuild:StartBuild"),
        resources=(project,),
        because="starts the build and waits for it",
    )


def bind_existing(project: Value, variables: Variables, context: Context) -> Bound:
    """Bind an action that runs an existing project, given by its name."""
    return Bound(
        configuration=run_configuration(project, variables, context),
        grants=(start_grant(arn("codebuild", "project/", project)),),
    )
