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
    refuse,
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

    It is JSON as `aws ecs register-task-definition --cli-input-json file://…` takes it. Nothing is sent to AWS. YAML is
    only read. A Python file is executed.
    """
    from pipegen.cli.manual import ask, code_deploy, show
    from pipegen.deploy.manual import task_definition_text

    asked = ask(path, definition, parameter, account, region)
    located, made = code_deploy(asked, action)
    if isinstance(made.task_definition, str):
        marks = ", ".join(made.images.values())
        refuse(
            f"the task definition of {located.words} is the file {made.task_definition} in the source: register that "
            f"one, with the image in the place of {marks}"
        )
    uris = images(image, made.images, all_of_them=True)
    show(task_definition_text(asked.resolved(made.task_definition, [located]), uris))
