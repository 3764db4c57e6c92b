"""Writing the files of a plan; existing ones are never replaced without the user's consent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from pipegen.cli import report
from pipegen.cli.init.plan import Plan
from pipegen.errors import OutputFailed

if TYPE_CHECKING:
    from pipegen.output.files import Change


def fail_for_existing(paths: Sequence[Path], also: str = "") -> None:
    """Report that files exist, and leave the command."""
    exist = "exists" if len(paths) == 1 else "exist"
    names = ", ".join(map(str, paths))
    report.fail(f"{names} already {exist}, and nothing was written; --force replaces {_them(paths)}{also}")
    raise typer.Exit(1)


def _them(paths: Sequence[Path]) -> str:
    return "it" if len(paths) == 1 else "them"


def write_plan(plan: Plan, force: bool, decide: Callable[[Plan, Sequence[Path]], Plan | None] | None = None) -> bool:
    """Write the files; whether they were written.

    decide: asks what to do about existing files, and returns the plan to write over them, or None to write nothing.
    """
    try:
        changes = _changes(plan)
        existing = _existing(plan, changes)
        if existing and not force:
            if decide is None:
                is_offered = any(path in plan.offered for path in existing)
                fail_for_existing(existing, ", --no-files leaves the blueprint's files out" * is_offered)
            decided = decide(plan, existing) if decide is not None else None
            if decided is None:
                return False
            plan, changes = decided, _changes(decided)
        _write(plan, changes)
    except OutputFailed as error:
        report.fail(str(error))
        raise typer.Exit(1) from None
    return True


def without_offered(plan: Plan, paths: Sequence[Path]) -> Plan:
    """The plan without those of the blueprint's files."""
    texts = {path: text for path, text in plan.texts.items() if path not in paths}
    return replace(plan, texts=texts, offered=plan.offered.difference(paths))


def _changes(plan: Plan) -> Sequence[Change]:
    from pipegen.output.files import compare

    return compare({path: text for path, text in plan.texts.items() if path not in plan.kept or not path.exists()})


def _existing(plan: Plan, changes: Sequence[Change]) -> list[Path]:
    return [each.path for each in changes if each.status == "changed" and each.path not in plan.changed]


def _write(plan: Plan, changes: Sequence[Change]) -> None:
    from pipegen.output.files import compare, write

    kept = compare({path: plan.texts[path] for path in plan.kept if path.exists()})
    write(changes)
    for change in changes:
        typer.echo(f"{change.status:9} {change.path}")
    for change in kept:
        if change.status == "changed":
            report.fail(
                f"{change.path} was kept, and is of another version of pipegen; remove it to get the current one"
            )
