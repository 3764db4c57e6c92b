"""Paths inside a source tree, an artifact or an output directory."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from pipegen.errors import OutputFailed


def is_relative(path: str) -> bool:
    """Whether a path is relative and stays inside the directory that it is relative to."""
    parts = PurePosixPath(path).parts
    return bool(path.strip()) and not path.startswith("/") and ".." not in parts and "\0" not in path and bool(parts)


def open_regular(path: Path) -> BinaryIO:
    """Open a regular file for reading. Raises OSError, also for pipes and devices, which may never end."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    raise OSError(errno.EINVAL, "is not a regular file")


def not_a_directory(path: Path) -> OutputFailed:
    """The error about a file in place of a directory on the way to `path`."""
    file = next((each for each in (path, *path.parents) if each.exists() and not each.is_dir()), path)
    return OutputFailed(f"{file}: is not a directory; give -o a directory, which gets a file for each stack")
