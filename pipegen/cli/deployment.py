"""`pipegen deployment`."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipegen.cli.options import (
    AccountOption,
    ActionOption,
    DefinitionOption,
    ImageOption,
    ParameterOption,
    PathArgument,
    RegionOption,
    images,
    s3_object,
    task_definition_arn,
    usage_error,
)

if TYPE_CHECKING:
    from pipegen.cli.manual import ManualRequest
    from pipegen.deploy.manual import Object
    from pipegen.pipeline.effects import ManualDeployment
    from pipegen.pipeline.located import LocatedAction


def command(
    path: PathArgument,
    action: ActionOption = None,
    task_definition: Annotated[
        str | None,
        typer.Option("--task-definition", metavar="ARN", help="The registered revision to deploy."),
    ] = None,
    image: ImageOption = None,
    s3: Annotated[
        str | None,
        typer.Option(
            "--s3", metavar="s3://BUCKET/KEY", help="Use the appspec in this S3 object instead of an inline one."
        ),
    ] = None,
    parameter: ParameterOption = None,
    account: AccountOption = None,
    region: RegionOption = None,
    definition: DefinitionOption = None,
) -> None:
    """Print a deployment through CodeDeploy, to start it outside the pipeline.

    The output is JSON for `aws deploy create-deployment --cli-input-json file://…`. It contains the appspec, or with
    --s3 its location; the command that uploads it is then printed on standard error. The deployed images are those of
    the registered task definition. Nothing is sent to AWS. YAML is only read. A Python file is executed.

    Example: pipegen deployment orders.yaml --task-definition ARN
    """
    from pipegen.cli.manual import code_deploy, load_request, show
    from pipegen.deploy.manual import Object, appspec_text, deployment_text

    arn = task_definition_arn(task_definition)
    stored = Object(*s3_object(s3)) if s3 is not None else None
    request = load_request(path, definition, parameter, account, region)
    located, deployment = code_deploy(request, action)
    images(image, deployment.images, all_of_them=False)
    if arn is None:
        _missing_arn_error(request, located, deployment, image or ())
    if stored is None and isinstance(deployment.appspec, str):
        fix = "put the task definition's ARN into it, upload it, and give --s3"
        usage_error(f"the appspec of {located.words} is the file {deployment.appspec} in the source: {fix}")
    deployment_request: dict[str, Any] = {"application": deployment.application, "group": deployment.deployment_group}
    if stored is None:
        deployment_request["appspec"] = deployment.appspec
    found = request.resolved(deployment_request, [located])
    appspec = stored or appspec_text(found["appspec"], arn)
    show(deployment_text(found["application"], found["group"], appspec))
    if stored is not None:
        _show_upload(request, located, deployment, str(arn), stored)


def _missing_arn_error(
    request: ManualRequest, located: LocatedAction, deployment: ManualDeployment, options: Sequence[str]
) -> None:
    """Exit with an error that shows how to register a task definition."""
    if isinstance(deployment.task_definition, str):
        fix = f"register {deployment.task_definition} of the source, with its images"
    else:
        shown = options or [f"{container}=URI" for container in deployment.images]
        command = request.command("taskdef", located, *(word for each in shown for word in ("--image", each)))
        # Not by a pipe: of `file:///dev/stdin` the AWS CLI's version 1 (1.46) finds nothing, as it reads a file twice.
        register = f'aws ecs register-task-definition --cli-input-json "$({command})"'
        fix = f"{register} --query taskDefinition.taskDefinitionArn --output text"
    usage_error(f"a deployment takes a registered task definition: --task-definition ARN; to get one: {fix}")


def _show_upload(
    request: ManualRequest, located: LocatedAction, deployment: ManualDeployment, arn: str, stored: Object
) -> None:
    """Print the command that uploads the AppSpec."""
    from pipegen.deploy.manual import TASK_DEFINITION

    target = shlex.quote(f"s3://{stored.bucket}/{stored.key}")
    if isinstance(deployment.appspec, str):
        filled = f"sed {shlex.quote(f's|{TASK_DEFINITION}|{arn}|')} {shlex.quote(deployment.appspec)}"
        command = f"{filled} | aws s3 cp - {target}"
    else:
        command = f"{request.command('appspec', located, '--task-definition', arn)} | aws s3 cp - {target}"
    print(command, file=sys.stderr)
