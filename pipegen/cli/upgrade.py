"""`pipegen upgrade`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipegen.cli import report
from pipegen.errors import InvalidDefinition, OutputFailed, Problem, printable

if TYPE_CHECKING:
    from pipegen.upgrade.rewriting import Rewriting

HERE = (Path(),)


def command(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Definitions and blueprint.yaml files, or the directory of a fleet.  [default: the fleet in .]"
        ),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; list the changes, and exit 1 if there are any.")
    ] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Write nothing; print the changes as a diff, and exit 1 if there are any.")
    ] = False,
    keep_parallel: Annotated[
        bool,
        typer.Option(
            "--keep-parallel",
            help="Set run_order: 1 for actions that ran in parallel in 0.1.0 because they had no run_order.",
        ),
    ] = False,
) -> None:
    """Rewrite files of version 0.1.0 in place, for this version.

    Keys are renamed; comments, quotes and line ends are kept. Commit your files first, and look at the diff.

    Example: pipegen upgrade --diff .
    """
    rewritings, failed = _rewritings(paths or HERE, keep_parallel)
    changed = {file: each for file, each in rewritings.items() if each.edits}
    for file, each in changed.items():
        typer.echo("".join(_diff(file, each) if diff else _edits(file, each)), nl=False)
    if not (check or diff):
        _write(changed)
    _summarise(changed, rewritings, failed, dry=check or diff)
    if failed or ((check or diff) and changed):
        raise typer.Exit(1)


def _rewritings(paths: Sequence[Path], keep_parallel: bool) -> tuple[dict[Path, Rewriting], int]:
    """Return the rewritings by file, and the number of files that cannot be rewritten. Reports why not."""
    from pipegen.upgrade.files import files_of

    rewritings: dict[Path, Rewriting] = {}
    failed = 0
    for path in paths:
        try:
            for file in files_of(path):
                if file not in rewritings and (rewriting := _rewriting(file, keep_parallel)) is not None:
                    rewritings[file] = rewriting
                    report.show(_questions(file, rewriting))
                elif file not in rewritings:
                    failed += 1
        except InvalidDefinition as error:
            report.show(error.problems)
            failed += 1
    return rewritings, failed


def _rewriting(file: Path, keep_parallel: bool) -> Rewriting | None:
    """Rewrite a file. Returns None if it cannot be rewritten, after reporting why."""
    from pipegen.upgrade.document import NotUpgraded
    from pipegen.upgrade.files import read
    from pipegen.upgrade.rewriting import rewriting

    try:
        if file.suffix == ".py":
            text, fix = "Python is not rewritten", "change it yourself; type checkers report names that have changed"
            raise InvalidDefinition([_failure(str(file), text, fix)])
        return rewriting(read(file), str(file), file.name, keep_parallel=keep_parallel)
    except NotUpgraded as error:
        report.show([_failure(f"{file}:{error.line}:{error.column}", error.text, error.fix)])
    except InvalidDefinition as error:
        report.show(error.problems)
    return None


def _failure(location: str, text: str, fix: str) -> Problem:
    return Problem("upgrade-failed", (), text, fix, location=location)


def _questions(file: Path, rewriting: Rewriting) -> Iterator[Problem]:
    for each in rewriting.questions:
        location = f"{file}:{each.line}:{each.column}"
        yield Problem("upgrade-check", (), each.text, each.fix, "warning", location)


def _edits(file: Path, rewriting: Rewriting) -> Iterator[str]:
    for edit in rewriting.edits:
        yield f"{printable(str(file))}:{edit.line}: {printable(edit.what)}\n"


def _diff(file: Path, rewriting: Rewriting) -> Iterator[str]:
    from difflib import unified_diff

    from pipegen.upgrade.files import read

    old, new = (re.findall(r"[^\n]*\n|[^\n]+", text) for text in (read(file), rewriting.text))
    for line in unified_diff(old, new, fromfile=f"a/{file}", tofile=f"b/{file}"):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _write(changed: Mapping[Path, Rewriting]) -> None:
    from pipegen.upgrade.files import write

    try:
        write((file, each.text) for file, each in changed.items())
    except OutputFailed as error:
        report.fail(str(error))
        raise typer.Exit(1) from None


def _summarise(
    changed: Mapping[Path, Rewriting], rewritings: Mapping[Path, Rewriting], failed: int, *, dry: bool
) -> None:
    counts = [f"{len(changed)} {'to upgrade' if dry else 'upgraded'}", f"{len(rewritings) - len(changed)} unchanged"]
    if failed:
        counts.append(f"{failed} failed")
    more = "; run pipegen validate to see what is left to change" if changed and not dry else ""
    print(f"files: {', '.join(counts)}{more}", file=sys.stderr)
