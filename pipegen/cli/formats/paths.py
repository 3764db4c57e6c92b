"""Paths in reports for other programs: from the working directory, with `/` on every system."""

from __future__ import annotations

import os
from pathlib import PurePath


def relative(file: str) -> str:
    """Return the path as seen from the working directory if it is below that, else unchanged."""
    path = os.path.relpath(file) if os.path.isabs(file) else os.path.normpath(file) if file else ""  # noqa: PTH117
    return PurePath(file if path.startswith("..") else path).as_posix() if file else ""
