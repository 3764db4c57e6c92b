"""Report progress on a fleet: collect problems, and show a progress bar on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pipegen.cli import report
from pipegen.cli.report import Reporter
from pipegen.errors import Problem
from pipegen.fleet.request import Listener

if TYPE_CHECKING:
    from rich.progress import Progress


class _Reporter(Listener):
    def __init__(self, reporter: Reporter) -> None:
        self.reporter = reporter

    def problems(self, problems: Sequence[Problem]) -> None:
        self.reporter.add(problems)

    def error(self, text: str) -> None:
        report.fail(text)


class _Bar(_Reporter):
    def __init__(self, doing: str, reporter: Reporter) -> None:
        super().__init__(reporter)
        self.doing = doing
        self.progress: Progress | None = None

    def begin(self, total: int) -> None:
        self.end()
        if total > 1:
            from rich.console import Console
            from rich.progress import MofNCompleteColumn, Progress

            first, second, _, *others = Progress.get_default_columns()
            columns = (first, second, MofNCompleteColumn(), *others)
            self.progress = Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False)
            self.task = self.progress.add_task(self.doing, total=total)
            self.progress.start()

    def done(self) -> None:
        if self.progress is not None:
            self.progress.advance(self.task)

    def end(self) -> None:
        if self.progress is not None:
            self.progress.stop()
            self.progress = None


@contextmanager
def listening(doing: str, reporter: Reporter) -> Iterator[Listener]:
    """Provide a listener that reports progress."""
    if not sys.stderr.isatty():
        yield _Reporter(reporter)
        return
    bar = _Bar(doing, reporter)
    try:
        yield bar
    finally:
        bar.end()
