"""Paths inside a source tree, an artifact or an output directory."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from pipegen.errors import OutputFailed


def is_relative(path: str) -> bool:
    """Whether a path stays inside the tree that it is relative to, and names a place in it."""
    parts = PurePosixPath(path).parts
    return bool(path.strip()) and not path.startswith("/") and ".." not in parts and "\0" not in path and bool(parts)


def open_regular(path: Path) -> BinaryIO:
    """A file to read. Raises OSError, also for what may never end: pipes and devices."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    raise OSError(errno.EINVAL, "is no regular file")


def not_a_directory(path: Path) -> OutputFailed:
    """What to report where a file stands in the place of a directory that leads to `path`."""
    file = next((each for each in (path, *path.parents) if each.exists() and not each.is_dir()), path)
    return OutputFailed(f"{file}: is not a directory; give -o a directory, which gets a file for each stack")
