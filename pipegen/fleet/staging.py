"""Where output waits until all of it is known: a directory inside the output's own, locked while its run lives.

A file comes to its place by renaming, so whoever is killed leaves whole files; what waited then lies in a directory
that nobody holds any more, and the next run removes it. Files are not flushed to the disk one by one, which would take
longer than rendering them: after a loss of power a file may be empty, and the next render sees that by its digest.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pipegen.errors import OutputFailed, one_line
from pipegen.syntax.paths import not_a_directory

PREFIX = ".pipegen-"
_LOCK = "lock"


@contextmanager
def staging(out: Path) -> Iterator[Path]:
    """A directory of this run's own; what earlier runs left is removed. Raises OutputFailed."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        for abandoned in out.glob(f"{PREFIX}*"):
            _remove_unless_locked(abandoned)
        directory, descriptor = _create_locked(out)
    except (FileExistsError, NotADirectoryError):
        raise not_a_directory(out) from None
    except OSError as error:
        raise failed(out, error) from None
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)
        os.close(descriptor)


def _create_locked(out: Path) -> tuple[Path, int]:
    while True:
        directory = Path(tempfile.mkdtemp(prefix=PREFIX, dir=out))
        with suppress(FileNotFoundError):  # another run took it for a left one, before it was descriptor
            descriptor = os.open(directory / _LOCK, os.O_CREAT | os.O_RDWR, 0o600)
            if _lock(descriptor) and (directory / _LOCK).exists():
                return directory, descriptor
            os.close(descriptor)


def _remove_unless_locked(directory: Path) -> None:
    if directory.is_symlink() or not directory.is_dir():
        return
    try:
        descriptor = os.open(directory / _LOCK, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        with suppress(OSError):
            directory.rmdir()
        return
    try:
        if _lock(descriptor):
            shutil.rmtree(directory, ignore_errors=True)
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    """Whether nobody else holds it. The system lets go of it when the process ends, however it does."""
    try:
        import fcntl
    except ImportError:  # elsewhere an open file cannot be removed
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def prepare(out: Path, path: str) -> None:
    """Make the directories of a file, none of which may be a link. Raises OutputFailed where it could not be put."""
    target = out / path
    try:
        for parent in reversed(target.relative_to(out).parents[:-1]):
            _own_directory(out / parent)
        found = _mode(target)
        if found is not None and stat.S_ISDIR(found):
            raise IsADirectoryError(21, "is a directory")
    except OSError as error:
        raise failed(target, error) from None


def _own_directory(directory: Path) -> None:
    found = _mode(directory)
    if found is None:
        directory.mkdir(exist_ok=True)
    elif not stat.S_ISDIR(found):
        raise NotADirectoryError(20, f"{directory} is a link or a file, and no directory")


def move_into_place(staged: Path, out: Path, path: str) -> None:
    """A staged file in its place. Raises OutputFailed."""
    try:
        os.replace(staged, out / path)
    except OSError as error:
        raise failed(out / path, error) from None


def remove(out: Path, path: str) -> None:
    """Remove a file, and directories that it leaves empty; nothing that links lead to. Raises OutputFailed."""
    parents = [out / parent for parent in Path(path).parents[:-1]]
    if any(not stat.S_ISDIR(_mode(parent) or 0) for parent in parents) or stat.S_ISDIR(_mode(out / path) or 0):
        raise OutputFailed(f"{out / path}: is not removed: a link or a directory is in its place")
    try:
        (out / path).unlink(missing_ok=True)
    except OSError as error:
        raise OutputFailed(f"{out / path}: cannot be removed: {one_line(error.strerror or error)}") from None
    for parent in parents:
        try:
            parent.rmdir()
        except OSError:
            return


def exists(out: Path, path: str) -> bool:
    """Whether a file is there, not by way of links."""
    parents = [out / parent for parent in Path(path).parents[:-1]]
    return all(stat.S_ISDIR(_mode(parent) or 0) for parent in parents) and _mode(out / path) is not None


def _mode(path: Path) -> int | None:
    try:
        return path.lstat().st_mode
    except OSError:  # a name that is too long is none either
        return None


def failed(path: Path, error: OSError) -> OutputFailed:
    return OutputFailed(
        f"{path}: cannot be written: {one_line(error.strerror or error)}; choose another directory with -o"
    )
