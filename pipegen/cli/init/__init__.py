"""`pipegen init`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipegen.cli import report
from pipegen.cli.completing import complete_blueprint, complete_set
from pipegen.cli.init.request import Request, Workflow
from pipegen.cli.options import usage_error
from pipegen.errors import InvalidDefinition, there_are

if TYPE_CHECKING:
    from pipegen.loading.fleet import Fleet


def command(
    file: Annotated[
        Path | None,
        typer.Argument(help="The definition to write.  [default: SERVICE.yaml, in a fleet services/SERVICE.yaml]"),
    ] = None,
    blueprint: Annotated[
        str | None,
        typer.Option(
            "--blueprint",
            metavar="NAME",
            help="The blueprint: a name, or ./path to one.",
            autocompletion=complete_blueprint,
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="An argument of the blueprint, with lists and mappings in YAML; may be repeated.",
            autocompletion=complete_set,
        ),
    ] = None,
    no_input: Annotated[
        bool, typer.Option("--no-input", help="Ask nothing, and report missing arguments as errors.")
    ] = False,
    files: Annotated[
        Path | None,
        typer.Option(
            "--files",
            metavar="DIR",
            help="The directory for the application's files, such as a Dockerfile.  [default: the directory of FILE; "
            "in a fleet, none are written]",
        ),
    ] = None,
    no_files: Annotated[bool, typer.Option("--no-files", help="Do not write files for the application.")] = False,
    pre_commit: Annotated[bool, typer.Option("--pre-commit", help="Add hooks to .pre-commit-config.yaml.")] = False,
    workflow: Annotated[
        Workflow | None, typer.Option("--workflow", help="Add a workflow that checks pull requests.")
    ] = None,
    fleet: Annotated[
        bool,
        typer.Option(
            "--fleet",
            help="Start a fleet: write pipegen.yaml into the directory FILE.  [default: the working directory]",
        ),
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace existing files.")] = False,
) -> None:
    """Write a definition that uses a blueprint, after asking for the blueprint's arguments.

    On a terminal, each answer is checked when it is given, and all of them can be changed before anything is written.
    Without a terminal, or with --no-input, nothing is asked:

    pipegen init --blueprint ecs-rolling --set service=orders --set repository=acme/orders

    Existing files are replaced only with --force, or if you confirm it.
    """
    request = Request(
        file=file,
        blueprint=blueprint,
        settings=tuple(settings or ()),
        files=files,
        no_files=no_files,
        no_input=no_input,
        pre_commit=pre_commit,
        workflow=workflow,
        force=force,
    )
    if fleet:
        _start_fleet(request)
    else:
        _start_definition(request)
    if pre_commit or workflow is not None:
        _warn_unpublished()


def _start_fleet(request: Request) -> None:
    from pipegen.cli.init.finishing import add_checks
    from pipegen.cli.init.next_steps import show_for_fleet
    from pipegen.cli.init.plan import fleet_plan
    from pipegen.cli.init.writing import write_plan

    if request.blueprint or request.settings or request.files or request.no_files:
        usage_error("--fleet starts a fleet; --blueprint, --set and --files are for a definition")
    plan = fleet_plan(request.file or Path())
    add_checks(plan, request)
    write_plan(plan, request.force)
    show_for_fleet()


def _start_definition(request: Request) -> None:
    from pipegen.cli.init.target import file_fault
    from pipegen.loading.fleet_file import find_fleet

    if request.file is not None and (fault := file_fault(request.file)):
        usage_error(fault)
    try:
        fleet = find_fleet(request.file or Path("any.yaml"))
        if request.asks:
            from pipegen.cli.init.questions import start_with_questions

            start_with_questions(request, fleet)
        else:
            _start_without_questions(request, fleet)
    except InvalidDefinition as error:
        report.show(error.problems)
        raise typer.Exit(1) from None


def _start_without_questions(request: Request, fleet: Fleet | None) -> None:
    from pipegen.cli.blueprints import named_blueprint
    from pipegen.cli.init.arguments import tried_without_questions
    from pipegen.cli.init.finishing import finish
    from pipegen.cli.init.target import Target
    from pipegen.loading.blueprints.catalog import catalog

    if request.blueprint is None:
        usage_error(f"--blueprint is missing; {there_are(catalog(fleet))}")
    directory = (request.file or Path("any.yaml")).parent
    blueprint, notes = named_blueprint(request.blueprint, fleet, directory, "--blueprint")
    report.show(notes)
    target = Target(request.blueprint, blueprint, fleet, request.file)
    finish(target, tried_without_questions(target, request.settings), request)


def _warn_unpublished() -> None:
    from pipegen import __version__

    text = (
        f"pipegen-aws=={__version__} is what they install, and is not published yet: put it into an index of your own"
    )
    typer.echo(f"Before hooks or workflow run: {text}", err=True)
