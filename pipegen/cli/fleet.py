"""What `render` and `validate` do with a fleet: how it is told while it goes on, and at its end."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from pipegen.cli import report
from pipegen.definitions.layout import FLEET_FILE
from pipegen.errors import InvalidDefinition, OutputFailed, Problem, printable

if TYPE_CHECKING:
    from rich.progress import Progress

    from pipegen.fleet.rendering import Listener, Outcome, Request


def is_fleet(paths: Sequence[Path]) -> bool:
    """Whether the one path is the directory of a fleet."""
    try:
        return len(paths) == 1 and (paths[0] / FLEET_FILE).is_file()
    except (OSError, ValueError):  # a name that no file can have
        return False


def render_fleet(
    root: Path,
    output: Path | None,
    format: str,
    check: bool,
    prune: bool,
    changed_since: str | None,
    jobs: int | None,
    git_sync: bool,
    script: bool,
) -> None:
    from pipegen.fleet.inputs import Settings
    from pipegen.fleet.rendering import Request

    if output is None:
        raise typer.BadParameter("a fleet goes to a directory; say which", param_hint="-o DIR")
    if check and prune:
        raise typer.BadParameter("--check writes and removes nothing; keep one of them", param_hint="--prune")
    if check and changed_since is not None:
        raise typer.BadParameter("--check renders everything; keep one of them", param_hint="--changed-since")
    root = _called(root)
    request = Request(
        root=root,
        out=output,
        settings=Settings(format=format, git_sync=git_sync, script=script, directory=_from_repository(output)),
        check=check,
        prune=prune,
        jobs=jobs,
        changed=_changed(changed_since, root) if changed_since is not None else None,
    )
    outcome = _run(request)
    for status, path in outcome.changes:
        typer.echo(f"{status:9} {printable(str(output / path))}")
    sys.stdout.flush()
    _summarise(outcome, prune)
    is_left = prune and outcome.count("gone") > 0
    raise typer.Exit(int(bool(outcome.failed) or is_left or (check and bool(outcome.changes))))


def validate_fleet(root: Path) -> None:
    from pipegen.fleet.rendering import Request

    outcome = _run(Request(root=_called(root), out=None))
    if outcome.failed:
        raise typer.Exit(1)
    typer.echo(f"{outcome.files} file{'s' if outcome.files != 1 else ''}: no errors")


def _called(root: Path) -> Path:
    """The directory as problems tell it: from the working directory where it is below that."""
    root = Path(os.path.normpath(root))
    try:
        return root.relative_to(Path.cwd())
    except (ValueError, OSError):
        return root


def _from_repository(output: Path) -> str:
    """The output's directory as seen from the root of the git repository that it is in; else its name."""
    absolute = Path(os.path.abspath(output))  # noqa: PTH100  not through links
    top = next((each for each in (absolute, *absolute.parents) if (each / ".git").exists()), absolute.parent)
    return absolute.relative_to(top).as_posix()


def _changed(revision: str, root: Path) -> frozenset[str]:
    from pipegen.fleet.git import NotInGit, changed_since

    try:
        return changed_since(revision, root)
    except NotInGit as error:
        report.fail(f"--changed-since: {error}")
        raise typer.Exit(2) from None


def _run(request: Request) -> Outcome:
    from pipegen.fleet.rendering import render_fleet

    try:
        with _listener() as listener:
            return render_fleet(request, listener)
    except InvalidDefinition as error:
        report.show(error.problems)
    except OutputFailed as error:
        report.fail(str(error))
    except KeyboardInterrupt:
        report.fail("interrupted; every file is whole, and the next render goes on from here")
        raise typer.Exit(130) from None
    raise typer.Exit(1)


@contextmanager
def _listener() -> Iterator[Listener]:
    """Who tells what happens; on a terminal with a bar that says how far it is."""
    from pipegen.fleet.rendering import Listener

    class Teller(Listener):
        def problems(self, problems: Sequence[Problem]) -> None:
            report.show(problems)

        def error(self, text: str) -> None:
            report.fail(text)

    if not sys.stderr.isatty():
        yield Teller()
        return

    class Bar(Teller):
        def __init__(self) -> None:
            self.progress: Progress | None = None

        def begin(self, total: int) -> None:
            if total > 1:
                from rich.console import Console
                from rich.progress import MofNCompleteColumn, Progress

                columns = (
                    *Progress.get_default_columns()[:2],
                    MofNCompleteColumn(),
                    *Progress.get_default_columns()[3:],
                )
                console = Console(stderr=True)
                self.progress = Progress(*columns, console=console, transient=True, redirect_stdout=False)
                self.task = self.progress.add_task("Rendering", total=total)
                self.progress.start()

        def done(self) -> None:
            if self.progress is not None:
                self.progress.advance(self.task)

    bar = Bar()
    try:
        yield bar
    finally:
        if bar.progress is not None:
            bar.progress.stop()


def _summarise(outcome: Outcome, prune: bool) -> None:
    counts = {
        "rendered": outcome.rendered,
        "unchanged": outcome.kept,
        "failed": len(outcome.failed),
        "new": outcome.count("new"),
        "changed": outcome.count("changed"),
        "gone": outcome.count("gone"),
    }
    if prune:
        counts["removed"] = outcome.count("removed")
    if sys.stderr.isatty():
        _show_table(counts)
    else:
        words = [f"{count} {name}" for name, count in counts.items()]
        print(f"definitions: {', '.join(words[:3])}; files: {', '.join(words[3:])}", file=sys.stderr)
    for name in outcome.failed:
        print(f"failed    {printable(name)}", file=sys.stderr)


def _show_table(counts: dict[str, int]) -> None:
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table

    table = Table(box=SIMPLE, show_header=False)
    table.add_column()
    table.add_column()
    table.add_column(justify="right")
    for index, (name, count) in enumerate(counts.items()):
        table.add_row({0: "definitions", 3: "files"}.get(index, ""), name, f"{count:,}")
    Console(stderr=True).print(table)
