"""Problems on a terminal: in colour, with the source line and a mark under what is wrong.

The colours are red and magenta, of the terminal's own palette: they can be read on light and dark backgrounds, and
green, yellow and cyan cannot be read on white.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from pipegen.cli.formats.contents import Location, location
from pipegen.cli.formats.source import Excerpt, Sources
from pipegen.errors import Problem, printable, spell

_STYLES = {"error": "bold red", "warning": "bold magenta", "note": "bold"}
_TAB = " " * 4
_BEFORE = 20
"""Cells that stay visible before the mark where a line is cut."""


def show(problems: Iterable[Problem], texts: Mapping[str, str], started: float) -> None:
    """Print problems on standard error."""
    console = Console(stderr=True, highlight=False, emoji=False, markup=False)
    sources = Sources(texts, started)
    soft = not sys.stderr.isatty()  # a log has no width
    with console.capture() as shown:
        for problem in problems:
            for text in _lines(problem, sources, console.width):
                console.print(text, soft_wrap=soft)
    sys.stderr.write(shown.get())  # where a progress bar makes room for it


def _lines(problem: Problem, sources: Sources, width: int) -> Iterator[Text]:
    where = problem.location or spell(problem.path) or "definition"
    head = Text.assemble(
        (f"{printable(where)}:", "bold"),
        " ",
        (f"{problem.severity}:", _STYLES[problem.severity]),
        f" {problem.message} ",
        (f"[{problem.code}]", "dim"),
    )
    yield head
    yield from _excerpt(location(problem.location), problem, sources, width)
    if problem.related:
        yield Text.assemble(
            (f"{printable(problem.related)}:", "bold"), " ", ("note:", _STYLES["note"]), " related location"
        )
        yield from _excerpt(location(problem.related), problem, sources, width)


def _excerpt(where: Location | None, problem: Problem, sources: Sources, width: int) -> Iterator[Text]:
    excerpt = sources.excerpt(where, problem.code) if where is not None else None
    if excerpt is None:
        return
    number = f"{excerpt.number:>5}"
    line, start, length = _cut(excerpt, width - len(number) - 4)
    yield Text.assemble((f"{number} | ", "dim"), line)
    if length:
        yield Text.assemble((f"{' ' * len(number)} | ", "dim"), " " * start, ("^" * length, _STYLES[problem.severity]))


def _cut(excerpt: Excerpt, room: int) -> tuple[str, int, int]:
    """The part of a line that fits, with the cell at which its mark begins and the cells that this takes."""
    shown = [_TAB if character == "\t" else printable(character) for character in excerpt.text]
    start, end = cell_len("".join(shown[: excerpt.start])), cell_len("".join(shown[: excerpt.end]))
    first, cells = 0, cell_len("".join(shown))
    if cells > room and end > room - 1:
        first = _index(shown, max(0, start - _BEFORE))
        skipped = cell_len("".join(shown[:first])) - 1  # the ellipsis takes one
        shown, start, end, cells = ["…", *shown[first:]], start - skipped, end - skipped, cells - skipped
    if cells > room:
        shown = [*shown[: _index(shown, room - 1)], "…"]
    return "".join(shown), start, min(end, room) - start


def _index(shown: list[str], cells: int) -> int:
    """The number of characters that take at most so many cells."""
    taken = 0
    for index, character in enumerate(shown):
        taken += cell_len(character)
        if taken > cells:
            return index
    return len(shown)
