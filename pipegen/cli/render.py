"""`pipegen render`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipegen.cli import report
from pipegen.cli.completing import complete_definition
from pipegen.cli.fleet import FleetOptions, explain_unsafe_changes, is_fleet, missed_templates, render_fleet, revision
from pipegen.cli.formats import ReportFormat
from pipegen.cli.output_directory import output_directory
from pipegen.cli.reporting import FormatOption, SeverityOption, StrictOption, reporter_of
from pipegen.errors import PipegenError

if TYPE_CHECKING:
    from pipegen.cli.loading import LoadResult
    from pipegen.cli.report import Reporter
    from pipegen.errors import Problem
    from pipegen.fleet.git import Revision
    from pipegen.loading import Loaded
    from pipegen.output.files import Change
    from pipegen.rendering import Rendered, RenderedStack


_FOR_FLEETS = "--changed-since, --prune, --jobs, --git-sync, --deploy-script"


class TemplateFormat(StrEnum):
    """How templates are written."""

    yaml = "yaml"
    json = "json"


def command(
    paths: Annotated[
        list[Path],
        typer.Argument(
            help="YAML files, Python modules that assign Definition objects, - for YAML on standard input, or the "
            "directory of a fleet.",
            autocompletion=complete_definition,
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="DIR",
            parser=output_directory,
            help="Write one file per stack into this directory.",
        ),
    ] = None,
    template_format: Annotated[
        TemplateFormat | None, typer.Option("--template-format", help="How templates are written.  [default: yaml]")
    ] = None,
    check: Annotated[
        bool,
        typer.Option(
            "--check", help="Write nothing; list the files in DIR that would change, and exit 1 if there are any."
        ),
    ] = False,
    against: Annotated[
        str | None,
        typer.Option(
            "--against",
            metavar="REV",
            help="With --check, compare with the templates in DIR at a git revision, such as the base of a pull "
            "request, and exit 1 if a running stack may not survive the change.",
        ),
    ] = None,
    accept_unsafe: Annotated[
        bool,
        typer.Option(
            "--accept-unsafe-changes",
            help="Write changes that running stacks may not survive, with a warning for each. Default: reject them.",
        ),
    ] = False,
    changed_since: Annotated[
        str | None,
        typer.Option(
            "--changed-since",
            metavar="REV",
            help="Fleets only: render the definitions that changes since this git revision can affect.",
        ),
    ] = None,
    prune: Annotated[
        bool, typer.Option("--prune", help="Fleets only: remove files in DIR that no definition renders any more.")
    ] = False,
    jobs: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="N", help="Fleets only: render in N processes.  [default: depends on the fleet's size]"
        ),
    ] = None,
    git_sync: Annotated[
        bool,
        typer.Option("--git-sync", help="Fleets only: also write deployment files for CloudFormation's Git sync."),
    ] = False,
    script: Annotated[
        bool, typer.Option("--deploy-script", help="Fleets only: also write a deploy.sh for each definition.")
    ] = False,
    format: FormatOption = None,
    severity: SeverityOption = None,
    strict: StrictOption = False,
) -> None:
    """Render definitions, or a fleet, into CloudFormation templates.

    Example: pipegen render services/orders.yaml -o templates

    Without -o, a single stack is printed on standard output. The commands that deploy the stacks are printed on
    standard error. A directory with a pipegen.yaml is a fleet: each definition gets a directory below DIR, beside a
    manifest.json, and files that are up to date are not written again.

    YAML is only read. A Python file is executed: render only files that you would run.
    """
    if against is not None and not check:
        raise typer.BadParameter("add --check: it compares, and writes nothing", param_hint="--against")
    reporter = reporter_of(format, severity, strict=strict)
    if is_fleet(paths):
        options = FleetOptions(
            output=output,
            format=None if template_format is None else template_format.value,
            check=check,
            prune=prune,
            changed_since=changed_since,
            jobs=jobs,
            git_sync=git_sync,
            script=script,
            against=against,
            accept_unsafe=accept_unsafe,
        )
        render_fleet(paths[0], options, reporter)
        return
    if check and output is None:
        raise typer.BadParameter("it compares with the files in a directory; name it with -o DIR", param_hint="--check")
    if any((changed_since is not None, prune, jobs is not None, git_sync, script)):
        raise typer.BadParameter("these are for a fleet: one directory with a pipegen.yaml", param_hint=_FOR_FLEETS)
    if reporter.format is not ReportFormat.text and output is None:
        raise typer.BadParameter(
            "a report on standard output needs a directory for templates: -o DIR", param_hint="--format"
        )
    from pipegen.cli.loading import render_all

    result = render_all(paths, lambda loaded: _render(loaded, template_format or TemplateFormat.yaml), reporter)
    if not result.is_valid:
        reporter.finish(result.definitions)
        raise typer.Exit(1)
    if output is not None:
        _to_directory(result, output, reporter, check=check, against=against, accept_unsafe=accept_unsafe)
    elif len(result.stacks) == 1:
        sys.stdout.write(result.stacks[0].text)
        _show_commands([(result.stacks[0], result.stacks[0].file_name)])
    else:
        report.fail(f"{len(result.stacks)} stacks do not go to standard output; give a directory with -o DIR")
        raise typer.Exit(2)


def _render(loaded: Loaded, format: TemplateFormat) -> Rendered:
    from pipegen.cli.loading import render_loaded

    return render_loaded(loaded, format=format.value)


def _to_directory(
    result: LoadResult, output: Path, reporter: Reporter, *, check: bool, against: str | None, accept_unsafe: bool
) -> None:
    from pipegen.output.files import compare, write

    stacks = result.stacks
    base = revision(against, output) if against is not None else None
    try:
        changes = compare({output / stack.file_name: stack.text for stack in stacks})
        is_unsafe = reporter.show(_unsafe(stacks, changes, base, check, accept_unsafe))
        if not check and not is_unsafe:
            write(changes)
    except PipegenError as error:
        report.fail(str(error))
        raise typer.Exit(1) from None
    changed = [str(change.path) for change in changes if change.status != "unchanged"]
    if check:
        reporter.outdated(changed)
    if is_unsafe or reporter.format is not ReportFormat.text:
        reporter.finish(result.definitions)
    if is_unsafe:
        explain_unsafe_changes(check)
    if check or not is_unsafe:
        for change in changes:
            reporter.say(f"{change.status:9} {change.path}")
    missed = base is not None and missed_templates(base, output, [stack.file_name for stack in stacks], accept_unsafe)
    if check or is_unsafe:
        raise typer.Exit(int(missed or is_unsafe or bool(changed)))
    from pipegen.deploy.removed import removal_notes

    _show_commands([(stack, str(output / stack.file_name)) for stack in stacks], removal_notes(stacks, output))


def _unsafe(
    stacks: Sequence[RenderedStack], changes: Sequence[Change], base: Revision | None, check: bool, accept_unsafe: bool
) -> list[Problem]:
    """Find changes that running stacks may not survive."""
    from pipegen.deploy.immutable_changes import PreviousTemplate, unsafe_changes
    from pipegen.output.files import earlier_text

    problems: list[Problem] = []
    for stack, change in zip(stacks, changes, strict=True):
        earlier = PreviousTemplate(str(change.path), earlier_text(change, base.text if base is not None else None))
        problems += unsafe_changes(stack, earlier, "warning" if accept_unsafe else "error", check=check)
    return problems


def _show_commands(stacks: Sequence[tuple[RenderedStack, str]], removed: str = "") -> None:
    from pipegen.deploy.commands import deploy_commands, deploy_notes

    sys.stdout.flush()
    print(deploy_notes([stack for stack, _ in stacks]) + removed + deploy_commands(stacks), file=sys.stderr)
