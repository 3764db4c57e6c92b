"""`pipegen render`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipegen.cli import report
from pipegen.errors import OutputFailed, Problem, Severity

if TYPE_CHECKING:
    from pipegen.definitions import Loaded
    from pipegen.emit import Render, Rendered
    from pipegen.emit.files import Change


class Format(StrEnum):
    """How templates are written."""

    yaml = "yaml"
    json = "json"


def command(
    paths: Annotated[
        list[Path], typer.Argument(help="Definitions: YAML files, or Python modules that assign Definition objects.")
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="DIR", help="Write one file per stack into this directory.")
    ] = None,
    format: Annotated[Format, typer.Option(help="How templates are written.")] = Format.yaml,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; say which files in DIR would change, and exit 1 if any.")
    ] = False,
) -> None:
    """Render definitions into CloudFormation templates.

    One stack goes to standard output; more of them want a directory. The commands that deploy them are printed on
    standard error. YAML is only read. A Python file is executed, with all that this can do: render none that you would
    not run.
    """
    if check and output is None:
        raise typer.BadParameter("say where the files are that it compares with: -o DIR", param_hint="--check")
    from pipegen.cli.loading import render_all

    outcome = render_all(paths, lambda loaded: _render(loaded, format))
    if not outcome.fine:
        raise typer.Exit(1)
    if output is not None:
        _to_directory(outcome.stacks, output, check)
    elif len(outcome.stacks) == 1:
        sys.stdout.write(outcome.stacks[0].text)
        _show_commands([(outcome.stacks[0], outcome.stacks[0].file_name)])
    else:
        report.fail(f"{len(outcome.stacks)} stacks do not go to standard output; give a directory with -o DIR")
        raise typer.Exit(2)


def _render(loaded: Loaded, format: Format) -> Render:
    from pipegen.emit import render

    return render(loaded.definition, format=format.value, source=Path(loaded.file).name)


def _to_directory(stacks: Sequence[Rendered], output: Path, check: bool) -> None:
    from pipegen.emit.files import compare, write

    try:
        changes = compare({output / stack.file_name: stack.text for stack in stacks})
        fixed = [*_fixed_changes(stacks, changes, "error" if check else "warning")]
        if not check:
            write(changes)
    except OutputFailed as error:
        report.fail(str(error))
        raise typer.Exit(1) from None
    report.show(fixed)
    for change in changes:
        typer.echo(f"{change.status:9} {change.path}")
    if check:
        raise typer.Exit(int(any(change.status != "unchanged" for change in changes)))
    _show_commands([(stack, str(output / stack.file_name)) for stack in stacks])


def _fixed_changes(stacks: Sequence[Rendered], changes: Sequence[Change], severity: Severity) -> Iterator[Problem]:
    """What the templates change, against those that are there, of running stacks that must stay as they were."""
    from pipegen.emit.fixed import fixed_changes, read_back

    for stack, change in zip(stacks, changes, strict=True):
        if change.status != "changed":
            continue
        earlier, now = read_back(change.old), read_back(stack.text)
        if earlier is not None and now is not None:
            for problem in fixed_changes(stack.stack, earlier, now):
                yield replace(problem, place=str(change.path), severity=severity)
        elif stack.stack.fixed:
            text = "what is there cannot be read, so whether anything changes that must not is unknown"
            yield Problem("fixed-property", (), text, "restore it, and render again", "warning", str(change.path))


def _show_commands(stacks: Sequence[tuple[Rendered, str]]) -> None:
    from pipegen.emit.commands import deploy_commands

    sys.stdout.flush()
    print(deploy_commands(stacks), file=sys.stderr)
