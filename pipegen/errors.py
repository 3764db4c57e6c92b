"""Problems as values and as exceptions.

PipegenError
├── InvalidDefinition   the definition is invalid; contains all problems that were found
└── OutputFailed        a file could not be written

Checks yield problems; one `InvalidDefinition` is raised at the end with all of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

from pipegen.frozen import frozen

Path = tuple[str | int, ...]
"""The path of a value in a definition: field names and list indices."""

LIMIT_NUMBER = 10**18
"""The limit of integers, as in YAML. No field allows larger ones, and Python limits converting them to strings."""

Severity = Literal["error", "warning", "note"]


@frozen
class Problem:
    """A problem that a check found: a stable `code`, the location, what is wrong, and the fix.

    As text it is one line, `FILE:LINE:COLUMN: error: text; fix [code]`, and a second one for the related location.
    """

    code: str
    path: Path
    text: str
    fix: str = ""
    severity: Severity = "error"
    location: str = ""
    """The location, `file:line:column` as far as it is known. Code that reads files sets it."""
    related: str = ""
    """The related location in another file: the blueprint, or the definition that uses it."""
    subject: str = ""
    """The expression for the value in Python, such as `orders.pipeline.stages[0].name`."""

    def under(self, *prefix: str | int) -> Problem:
        """The same problem with a prefix added to its path."""
        return replace(self, path=(*prefix, *self.path))

    def __str__(self) -> str:
        where = self.location or spell(self.path) or "definition"
        line = f"{printable(where)}: {self.severity}: {self.message} [{self.code}]"
        return f"{line}\n{printable(self.related)}: note: related location" if self.related else line

    @property
    def message(self) -> str:
        """What is wrong, and the fix, in one line. A subject replaces the field's name at the beginning of the text."""
        subject, text = printable(self.subject), one_line(self.text, 600)
        field, _, rest = text.partition(" ")
        if subject:
            text = f"{subject} {rest}" if subject.endswith(f".{field.removesuffix(':')}") else f"{subject}: {text}"
        return f"{text}; {one_line(self.fix, 600)}" if self.fix else text


class PipegenError(Exception):
    """The base class of all exceptions that pipegen raises."""


class InvalidDefinition(PipegenError):
    """A definition has errors. problems: all of them, including warnings and notes, in the order of their locations."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(by_location(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class OutputFailed(PipegenError):
    """A file could not be written. Each existing file is complete, with either its old or its new content."""


def by_location(problems: Iterable[Problem]) -> list[Problem]:
    """Sort problems by file, line and column: files in the order in which they first appear, and problems without a
    line after the others of their file."""
    located = [(*split_location(each.location), each) for each in problems]
    files = {file: number for number, file in enumerate(dict.fromkeys(file for file, *_ in located))}
    located.sort(key=lambda each: (files[each[0]], not each[1], each[1], each[2]))
    return [problem for *_, problem in located]


def split_location(location: str) -> tuple[str, int, int]:
    """Split `file:line:column` into its parts; a number is 0 if it is missing."""
    file, numbers = location, list[int]()
    while len(numbers) < 2:
        before, colon, number = file.rpartition(":")
        if not colon or not number.isdecimal():
            break
        file, numbers = before, [int(number), *numbers]
    line, column = (*numbers, 0, 0)[:2]
    return file, line, column


def spell(path: Path) -> str:
    """Format a path: `('stages', 0, 'name')` as `stages[0].name`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def last_of(path: Path) -> str:
    """The last part of a path, for messages."""
    named = next((index for index in reversed(range(len(path))) if isinstance(path[index], str)), None)
    return spell(path[named:]) if named is not None else "the definition"


def printable(text: str) -> str:
    """Escape the unprintable characters of a text."""
    return text if text.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def there_are(names: Iterable[str]) -> str:
    """`there is web`, or `there are web, worker`."""
    listed = list(names)
    return f"there {'is' if len(listed) == 1 else 'are'} {', '.join(listed) or 'none'}"


def one_line(text: object, limit: int = 300) -> str:
    """Format external text for a one-line message: collapse white space, escape control characters, cut at `limit`."""
    shown = printable(" ".join(str(text).split()))
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def quoted(value: object, limit: int = 80) -> str:
    """Return a value as messages show it: a text in double quotes, or in single quotes where it contains double quotes.
    Control characters are escaped, and a longer text is cut at `limit`, with a closing quote."""
    if not isinstance(value, str):
        return one_line(repr(value), limit)
    mark = "'" if '"' in value else '"'
    shown = f"{mark}{printable(value)}{mark}"
    return shown if len(shown) <= limit else f"{shown[: limit - 2]}…{mark}"


def did_you_mean(*names: str | None) -> str:
    """Return `did you mean "web"?`; empty if there is no name."""
    found = [quoted(name, 60) for name in names if name]
    return f"did you mean {' or '.join(found)}?" if found else ""


def unreported(problems: Iterable[Problem], reported: set[Problem]) -> list[Problem]:
    """Return the problems that are not in `reported` yet, and add them to it, so that a mistake in a file that many
    definitions use is reported once. Problems without a line are always returned: nothing shows that they are equal."""
    new = []
    for problem in problems:
        key = Problem(problem.code, (), problem.text, location=problem.location, subject=problem.subject)
        if key not in reported or ":" not in problem.location:
            new.append(problem)
        reported.add(key)
    return new


def has_errors(problems: Iterable[Problem]) -> bool:
    return any(problem.severity == "error" for problem in problems)
