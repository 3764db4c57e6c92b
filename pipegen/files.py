"""Paths inside a source tree or an artifact."""

from __future__ import annotations

from pathlib import PurePosixPath


def is_relative(path: str) -> bool:
    """Whether a path stays inside the tree that it is relative to, and names a place in it."""
    parts = PurePosixPath(path).parts
    return bool(path.strip()) and not path.startswith("/") and ".." not in parts and "\0" not in path and bool(parts)
