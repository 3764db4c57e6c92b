"""`pipegen taskdef`."""

from __future__ import annotations

from pipegen.cli.options import (
    AccountOption,
    ActionOption,
    DefinitionOption,
    ImageOption,
    ParameterOption,
    PathArgument,
    RegionOption,
    images,
    usage_error,
)


def command(
    path: PathArgument,
    action: ActionOption = None,
    image: ImageOption = None,
    parameter: ParameterOption = None,
    account: AccountOption = None,
    region: RegionOption = None,
    definition: DefinitionOption = None,
) -> None:
    """Print a deployment's task definition with its images, to register it outside the pipeline.

    The output is JSON for `aws ecs register-task-definition --cli-input-json file://…`. Nothing is sent to AWS. YAML is
    only read. A Python file is executed.

    Example: pipegen taskdef orders.yaml --image web=123456789012.dkr.ecr.eu-west-1.amazonaws.com/orders:1f2e3d4
    """
    from pipegen.cli.manual import code_deploy, load_request, show
    from pipegen.deploy.manual import task_definition_text

    request = load_request(path, definition, parameter, account, region)
    located, deployment = code_deploy(request, action)
    if isinstance(deployment.task_definition, str):
        marks = ", ".join(deployment.images.values())
        usage_error(
            f"the task definition of {located.words} is the file {deployment.task_definition} in the source: register "
            f"that one, with the image in place of {marks}"
        )
    uris = images(image, deployment.images, all_of_them=True)
    show(task_definition_text(request.resolved(deployment.task_definition, [located]), uris))
