"""`pipegen validate`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipegen.cli import report
from pipegen.cli.completing import complete_definition
from pipegen.cli.fleet import is_fleet, validate_fleet
from pipegen.cli.reporting import FormatOption, SeverityOption, StrictOption, reporter_of
from pipegen.errors import InvalidDefinition, has_errors

if TYPE_CHECKING:
    from pipegen.loading import Loaded
    from pipegen.rendering import Rendered


def command(
    paths: Annotated[
        list[Path],
        typer.Argument(
            help="YAML files, Python modules that assign Definition objects, - for YAML on standard input, or the "
            "directory of a fleet.",
            autocompletion=complete_definition,
        ),
    ],
    format: FormatOption = None,
    severity: SeverityOption = None,
    strict: StrictOption = False,
    lint: Annotated[
        bool | None,
        typer.Option(
            "--lint/--no-lint",
            help="Also run cfn-lint on the templates. Default: only if it is installed (pip install "
            "'pipegen-aws[lint]'), and in a fleet once for templates that differ only in values; --lint checks every "
            "template.",
        ),
    ] = None,
) -> None:
    """Find every problem of definitions, without writing anything.

    Each problem is reported with its location, a fix and a code; `pipegen explain CODE` explains it. The exit code is 0
    if there are no errors, 1 if there are some, and 2 if the command is used wrongly. YAML is only read. A Python file
    is executed.

    Example: pipegen validate services/*.yaml --strict
    """
    reporter = reporter_of(format, severity, strict=strict)
    lints = _lints(lint)
    if is_fleet(paths):
        validate_fleet(paths[0], lints, reporter, every=bool(lint))
        return
    from pipegen.cli.loading import render_all

    result = render_all(paths, _linted if lints else _render, reporter)
    reporter.finish(result.definitions)
    if not result.is_valid:
        raise typer.Exit(1)


def _lints(asked: bool | None) -> bool:
    from pipegen.lint import is_installed

    if asked and not is_installed():
        report.fail("--lint needs cfn-lint, which is not installed: pip install 'pipegen-aws[lint]'")
        raise typer.Exit(2)
    return is_installed() if asked is None else asked


def _render(loaded: Loaded) -> Rendered:
    from pipegen.cli.loading import render_loaded

    return render_loaded(loaded)


def _linted(loaded: Loaded) -> Rendered:
    """Render a definition, and lint its stacks if it has no errors."""
    from pipegen.lint import findings

    rendered = _render(loaded)
    problems = [*rendered.problems, *findings(loaded.definition, rendered.stacks, rendered.problems)]
    if has_errors(problems):
        raise InvalidDefinition(problems)
    return replace(rendered, problems=problems)
