"""Read and validate the JSON files of the output, which other programs may have changed."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from typing import Any

from pipegen.syntax.paths import is_relative, open_regular

NAME = re.compile(r"[a-zA-Z][-a-zA-Z0-9]{0,99}")
"""Names of definitions and of their directories."""


def content_of(file: Path) -> bytes | None:
    """Read a file. Returns None if it does not exist. Raises OSError."""
    try:
        with open_regular(file) as opened:
            return opened.read()
    except FileNotFoundError:
        return None


def is_output(path: str) -> bool:
    """Whether a path is the normalized path of a file in the output directory of a definition."""
    path.encode()  # raises ValueError for lone surrogates
    first, slash, _ = path.partition("/")
    is_normalized = is_relative(path) and PurePosixPath(path).as_posix() == path and "\\" not in path
    return is_normalized and bool(slash) and NAME.fullmatch(first) is not None


def string(data: Any) -> str:
    """Return data that is text. Raises ValueError."""
    require(isinstance(data, str))
    return str(data)


def strings(data: Any) -> tuple[str, ...]:
    """Return data that is a list of texts. Raises ValueError."""
    require(isinstance(data, list) and all(isinstance(each, str) for each in data))
    return tuple(data)


def require(condition: object) -> None:
    """Raise ValueError if a condition is false."""
    if not condition:
        raise ValueError
