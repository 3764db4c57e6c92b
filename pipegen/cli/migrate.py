"""`pipegen migrate`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipegen.cli import report
from pipegen.cli.output_directory import output_directory
from pipegen.errors import InvalidDefinition, OutputFailed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pipegen.deploy.migration import Step
    from pipegen.errors import Problem
    from pipegen.loading import Loaded
    from pipegen.stacks.stack import Document


def command(
    before: Annotated[
        Path, typer.Argument(help="The deployed version of the definition, such as the output of git show HEAD:FILE.")
    ],
    after: Annotated[Path, typer.Argument(help="The new version of the definition.")],
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="DIR",
            parser=output_directory,
            help="Write the template of each step into this directory.",
        ),
    ],
) -> None:
    """Render the steps of a change that one stack update cannot make, such as another deployment strategy.

    The services keep running. The template of each step only adds, only changes or only removes resources. The commands
    that deploy the steps are printed in their order. Nothing is sent to AWS. YAML is only read. A Python file is
    executed.

    Example: pipegen migrate deployed.yaml orders.yaml -o steps
    """
    from pipegen.cli.manual import show
    from pipegen.deploy.migration import migration_problems, steps
    from pipegen.deploy.replacement import replacement_problems
    from pipegen.output.files import compare, write

    old, new = _loaded(before), _loaded(after)
    _exit_on_problems(new, migration_problems(old.definition, new.definition))
    earlier, later = _documents(old), _documents(new)
    _exit_on_problems(new, replacement_problems(earlier, later, new.definition))
    migration = steps(earlier, later, new.definition)
    texts = _texts(migration, output, Path(new.file).name)
    try:
        write(compare(dict(texts.values())))
    except OutputFailed as error:
        report.fail(str(error))
        raise typer.Exit(1) from None
    show(_script(migration, texts, old, new) if migration else "# Nothing changes.\n")


def _exit_on_problems(new: Loaded, problems: Iterable[Problem]) -> None:
    """Report problems of the later definition, and exit if there are any."""
    if found := [*problems]:
        report.show(new.located(found))
        raise typer.Exit(1)


def _loaded(path: Path) -> Loaded:
    from pipegen.cli.options import usage_error
    from pipegen.loading import load_file

    try:
        definitions = load_file(path)
    except InvalidDefinition as error:
        report.show(error.problems)
        raise typer.Exit(1) from None
    if len(definitions) != 1:
        usage_error(f"{path} has {len(definitions)} definitions; give files with one definition each")
    return definitions[0]


def _documents(loaded: Loaded) -> Mapping[str, Document]:
    """Return the templates of a definition by stack. Exits if the definition has errors."""
    from pipegen.rendering import render_definition

    try:
        rendered = render_definition(loaded.definition)
    except InvalidDefinition as error:
        report.show(loaded.located(error.problems))
        raise typer.Exit(1) from None
    report.show(loaded.located(rendered.problems))
    return {each.stack.name: each.stack.document() for each in rendered.stacks}


def _texts(steps: Sequence[Step], output: Path, source: str) -> dict[int, tuple[Path, str]]:
    """Return the file and the template of each step that has one."""
    from pipegen.rendering import template_text

    return {
        number: (output / f"{number}-{step.stack}.yaml", template_text(step.document, source=source))
        for number, step in enumerate(steps, start=1)
        if step.document is not None
    }


def _script(steps: Sequence[Step], texts: Mapping[int, tuple[Path, str]], old: Loaded, new: Loaded) -> str:
    from pipegen.deploy.commands import transition_command
    from pipegen.deploy.migration import deploy_stages, left_two_groups

    stages, pipeline = deploy_stages(old.definition), old.definition.pipeline_name
    lines = ["# Stop deployments while the deployment strategy changes."]
    lines += [transition_command(pipeline, stage, enable=False) for stage in stages]
    for key in left_two_groups(old.definition, new.definition):
        lines.append(
            f"# {key}: its traffic must go to the first target group (TargetGroup of the stack). If it goes to"
        )
        lines.append("# the other one, deploy once more with the previous strategy before you continue.")
    again = ["# Allow deployments again."]
    again += [transition_command(pipeline, stage, enable=True) for stage in deploy_stages(new.definition)]
    for number, step in enumerate(steps, start=1):
        if step.verb == "delete" and again:
            lines += [*again, "# Deploy now, and wait until traffic reaches the new resources before you continue."]
            again = []
        lines += _step_lines(number, step, texts.get(number))
    return "\n".join([*lines, *again]) + "\n"


def _step_lines(number: int, step: Step, written: tuple[Path, str] | None) -> list[str]:
    from pipegen.deploy.commands import delete_command, deploy_document_command

    head = f"# {number}. {step.stack}: {step.verb} {', '.join(step.resources)}"
    if written is None or step.document is None:
        return [head, "# Only when it gets no more traffic:", delete_command(step.stack)]
    path, text = written
    return [head, deploy_document_command(step.stack, step.document, text, str(path), step.parameters)]
