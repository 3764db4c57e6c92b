"""The mutants that somebody thought of, from the files of families."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path as File

from yaml import Node

from tests.mutants import documents
from tests.mutants.documents import Path
from tests.mutants.mutant import DIRECTORY, Mutant, Region, bases
from tests.support.rejects import compose, entries

KNOWN_KEYS = {"base", "set", "remove", "replace", "file", "at", "says", "hides", "severity"}
KNOWN = DIRECTORY / "known.yaml"


@cache
def families() -> Mapping[str, tuple[str, tuple[Mutant, ...]]]:
    """The title and the mutants of each family."""
    files = [file for file in sorted(DIRECTORY.glob("*.yaml")) if file != KNOWN]
    return {file.stem: _family(file) for file in files}


def _family(file: File) -> tuple[str, tuple[Mutant, ...]]:
    family = entries(compose(file.read_text()))
    mutants = entries(family["mutants"])
    return family["title"].value, tuple(_mutant(name, file.stem, entries(node)) for name, node in mutants.items())


def _mutant(name: str, family: str, given: Mapping[str, Node]) -> Mutant:
    assert given.keys() <= KNOWN_KEYS, f"{name} in {family}: {sorted(given)}"
    base = bases()[given["base"].value]
    file = given["file"].value if "file" in given else base.file
    try:
        text, regions, words = (_replaced if "replace" in given else _changed)(base.files[file], given)
    except (KeyError, ValueError, IndexError) as error:
        raise AssertionError(f"{name} in {family}: {error!r}") from error
    files = {**base.files, file: text}
    return Mutant(
        name=name,
        family=family,
        files=files,
        main=base.main,
        regions=tuple(_regions(given, file, files)) or tuple(Region(file, *lines) for lines in regions),
        words=tuple((each.value,) for each in given["says"].value) if "says" in given else words,
        hides=given["hides"].value if "hides" in given else "",
        severity=given["severity"].value if "severity" in given else "",
    )


Change = tuple[str, list[tuple[int, int]], tuple[tuple[str, ...], ...]]
"""The text, the lines of what changed, and the words for it."""


def _replaced(text: str, given: Mapping[str, Node]) -> Change:
    regions = []
    for old, node in entries(given["replace"]).items():
        if text.count(old) != 1:
            raise ValueError(f"{old!r} is there {text.count(old)} times")
        first = text[: text.index(old)].count("\n") + 1
        text = text.replace(old, node.value)
        regions.append((_call(text, first), first + node.value.count("\n")))
    return text, regions, ()


def _call(text: str, line: int) -> int:
    """The line where the call begins that a line of Python is in: of objects, no more is known."""
    lines = text.splitlines()
    indentation = len(lines[line - 1]) - len(lines[line - 1].lstrip())
    above = (
        number
        for number in range(line - 1, 0, -1)
        if lines[number - 1].endswith(("(", "=["))
        and len(lines[number - 1]) - len(lines[number - 1].lstrip()) < indentation
    )
    return next(above, line)


def _changed(text: str, given: Mapping[str, Node]) -> Change:
    definition = documents.compose(text)
    removed = [documents.resolved(definition, each.value) for each in _items(given, "remove")]
    gone = documents.compose(documents.changed(text, removed, {})) if removed else definition
    given_values = entries(given["set"]) if "set" in given else {}
    values = {documents.resolved(gone, path): value for path, value in given_values.items()}
    made = documents.changed(text, removed, values)
    regions = [documents.lines(made, path) for path in values]
    regions = regions or [documents.opening(made, path[:-1]) for path in removed]
    words = [word for path, value in values.items() for word in words_for(path, documents.scalar(value))]
    return made, regions, tuple(words or [word for path in removed for word in words_for(path, "")])


def words_for(path: Path, value: str) -> tuple[tuple[str, ...], ...]:
    """The name of the field, or of the one that has it, and the value."""
    names = [str(key) for key in path if isinstance(key, str)]
    spellings = [spelling for name in names[-2:] for spelling in (name, name.replace("_", " "), name.rstrip("s"))]
    return (tuple(spellings), *([(value,)] if value else []))


def _regions(given: Mapping[str, Node], file: str, files: Mapping[str, str]) -> Iterator[Region]:
    for each in _items(given, "at"):
        other, _, path = each.value.rpartition("#")
        text = files[other or file]
        if "replace" in given:  # what a line contains
            [line] = [number for number, line in enumerate(text.splitlines(), start=1) if path in line]
            yield Region(other or file, line, line)
        else:
            found = documents.resolved(documents.compose(text), path)
            yield Region(other or file, *documents.lines(text, found))


def _items(given: Mapping[str, Node], key: str) -> list[Node]:
    return list(given[key].value) if key in given else []
