"""`pipegen appspec`."""

from __future__ import annotations

from typing import Annotated

import typer

from pipegen.cli.options import (
    AccountOption,
    ActionOption,
    DefinitionOption,
    ParameterOption,
    PathArgument,
    RegionOption,
    task_definition_arn,
    usage_error,
)


def command(
    path: PathArgument,
    action: ActionOption = None,
    task_definition: Annotated[
        str | None,
        typer.Option(
            "--task-definition",
            metavar="ARN",
            help="The registered revision to deploy.  [default: the placeholder <TASK_DEFINITION>]",
        ),
    ] = None,
    parameter: ParameterOption = None,
    account: AccountOption = None,
    region: RegionOption = None,
    definition: DefinitionOption = None,
) -> None:
    """Print a deployment's appspec, to start the deployment outside the pipeline.

    The output is YAML. Nothing is sent to AWS. A YAML definition is only read. A Python file is executed.

    Example: pipegen appspec orders.yaml --task-definition ARN
    """
    from pipegen.cli.manual import code_deploy, load_request, show
    from pipegen.deploy.manual import appspec_text

    arn = task_definition_arn(task_definition)
    request = load_request(path, definition, parameter, account, region)
    located, deployment = code_deploy(request, action)
    if isinstance(deployment.appspec, str):
        usage_error(f"the appspec of {located.words} is the file {deployment.appspec} in the source: use that one")
    show(appspec_text(request.resolved(deployment.appspec, [located]), arn))
