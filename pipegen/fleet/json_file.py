"""JSON files of the output that may have been changed by others: parts of them that have the form that is written."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from typing import Any

from pipegen.syntax.paths import is_relative, open_regular

NAME = re.compile(r"[a-zA-Z][-a-zA-Z0-9]{0,99}")
"""Names of definitions, which are those of their directories."""


def content_of(file: Path) -> bytes | None:
    """The content of a file; None if it does not exist. Raises OSError."""
    try:
        with open_regular(file) as opened:
            return opened.read()
    except FileNotFoundError:
        return None


def is_output(path: str) -> bool:
    """Whether it is the normalised path of a file in a definition's directory below the output."""
    path.encode()  # raises ValueError for lone surrogates
    first, slash, _ = path.partition("/")
    is_normalised = is_relative(path) and PurePosixPath(path).as_posix() == path and "\\" not in path
    return is_normalised and bool(slash) and NAME.fullmatch(first) is not None


def string(data: Any) -> str:
    """The data, if it is text. Raises ValueError."""
    require(isinstance(data, str))
    return str(data)


def strings(data: Any) -> tuple[str, ...]:
    """The data, if it is a list of texts. Raises ValueError."""
    require(isinstance(data, list) and all(isinstance(each, str) for each in data))
    return tuple(data)


def require(condition: object) -> None:
    """Raise ValueError if the condition is false."""
    if not condition:
        raise ValueError
