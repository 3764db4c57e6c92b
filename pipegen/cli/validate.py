"""`pipegen validate`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipegen.cli import report
from pipegen.cli.fleet import is_fleet, validate_fleet

if TYPE_CHECKING:
    from pipegen.definitions import Loaded
    from pipegen.rendering import Render, Rendered


def command(
    paths: Annotated[
        list[Path],
        typer.Argument(
            help="Definitions: YAML files, or Python modules that assign Definition objects. Or a fleet's directory."
        ),
    ],
    lint: Annotated[
        bool, typer.Option("--lint", help="Also run cfn-lint over the templates (pip install 'pipegen-aws[lint]').")
    ] = False,
) -> None:
    """Check definitions without writing anything; every problem is shown, with its place and the way out.

    YAML is only read. A Python file is executed.
    """
    if is_fleet(paths):
        validate_fleet(paths[0])
        if lint and not _lint(_stacks_of_fleet(paths[0])):
            raise typer.Exit(1)
        return
    from pipegen.cli.loading import render_all

    outcome = render_all(paths, _render)
    fine = outcome.fine
    if lint:
        fine &= _lint(outcome.stacks)
    if not fine:
        raise typer.Exit(1)
    typer.echo(f"{len(paths)} file{'s' if len(paths) != 1 else ''}: no errors")


def _render(loaded: Loaded) -> Render:
    from pipegen.rendering import render

    return render(loaded.definition, source=Path(loaded.file).name)


def _stacks_of_fleet(root: Path) -> Iterator[Rendered]:
    """All stacks of a fleet that is in order, once more and one after the other."""
    from pipegen.definitions import load
    from pipegen.definitions.fleet import read_fleet
    from pipegen.rendering import render_foundation

    fleet = read_fleet(root)
    if fleet.foundation is not None:
        yield render_foundation(fleet.foundation)
    for file in fleet.files():
        for loaded in load(file, fleet):
            yield from _render(loaded).stacks


def _lint(stacks: Iterable[Rendered]) -> bool:
    try:
        from cfnlint import core  # noqa: F401
        from cfnlint.api import lint
    except ImportError:
        report.fail("--lint needs cfn-lint: pip install 'pipegen-aws[lint]'")
        raise typer.Exit(2) from None
    fine = True
    for stack in stacks:
        for match in lint(stack.text):
            fine = False
            place = f"{stack.file_name}:{match.linenumber}:{match.columnnumber}"
            report.fail(f"{place}: {match.rule.id} {match.message}")
    return fine
