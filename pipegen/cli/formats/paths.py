"""Paths in reports for other programs, with `/` on every system."""

from __future__ import annotations

import os
from pathlib import PurePath


def relative(file: str, root: str = "") -> str:
    """Return the path as seen from the root, or the working directory, if it is below that; else unchanged."""
    path = os.path.relpath(file, root or None) if file else ""
    return PurePath(file if path.startswith("..") else path).as_posix() if file else ""


def in_repository(file: str) -> str:
    """Return the path as GitHub expects it: from the root of the checkout, wherever the command runs.

    https://docs.github.com/en/actions/reference/workflows-and-actions/variables
    """
    return relative(file, os.environ.get("GITHUB_WORKSPACE", ""))
