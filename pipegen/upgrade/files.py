"""Find, read and replace the files to upgrade."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pipegen.errors import InvalidDefinition, OutputFailed, Problem, one_line
from pipegen.loading.layout import BLUEPRINT_FILE, FLEET_FILE, definition_files
from pipegen.loading.yaml.parsing import nodes_of, text_of

_DEFAULT = ("services/**/*.yaml",)
_PATHS = ("./", "../")


def files_of(path: Path) -> Iterator[Path]:
    """Return a file, or the files of a fleet in a directory, with the blueprints that they refer to by path.

    Raises InvalidDefinition.
    """
    if not path.is_dir():
        yield path
        yield from _named_blueprints(path)
        return
    fleet = path / FLEET_FILE
    if not fleet.is_file():
        fix = "name the files, or the directory of a fleet"
        raise InvalidDefinition([Problem("unreadable", (), f"has no {FLEET_FILE}", fix, location=str(path))])
    yield fleet
    data = nodes_of(fleet).data
    for file in definition_files(path, _texts(data, "definitions") or _texts(data, "services") or _DEFAULT):
        yield from files_of(file)
    for directory in _texts(data, "blueprints"):
        yield from sorted((path / directory).glob(f"*/{BLUEPRINT_FILE}"))


def _named_blueprints(file: Path) -> Iterator[Path]:
    try:
        data = nodes_of(file).data if file.suffix != ".py" else None
    except InvalidDefinition:
        return  # reported when the file is rewritten
    named = data.get("blueprint") if isinstance(data, dict) else None
    if isinstance(named, str) and named.startswith(_PATHS):
        blueprint = Path(os.path.normpath(file.parent / named / BLUEPRINT_FILE))
        if blueprint.is_file():
            yield blueprint


def _texts(data: Any, key: str) -> list[str]:
    found = data.get(key) if isinstance(data, dict) else None
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []


def read(file: Path) -> str:
    """Read a file, keeping its line endings. Raises InvalidDefinition."""
    return text_of(file, str(file))


def write(texts: Iterable[tuple[Path, str]]) -> None:
    """Replace files atomically, keeping their modes and following symbolic links. Raises OutputFailed."""
    for file, text in texts:
        target = Path(os.path.realpath(file))
        try:
            mark = b"\xef\xbb\xbf" if target.read_bytes().startswith(b"\xef\xbb\xbf") else b""
            _replace(target, mark + text.encode())
        except OSError as error:
            raise OutputFailed(f"{file}: cannot be written: {one_line(error.strerror or error)}") from None


def _replace(target: Path, content: bytes) -> None:
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123  a descriptor has no path
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, stat.S_IMODE(target.stat().st_mode))
        os.replace(name, target)
    finally:
        Path(name).unlink(missing_ok=True)
