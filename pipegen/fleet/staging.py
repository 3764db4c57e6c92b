"""A staging directory inside the output directory, locked while a run uses it.

Files are moved from there by renaming, so a run that is killed leaves only complete files. Its staging directory is no
longer locked then, and the next run removes it. Files are not flushed to disk, which would take longer than rendering
them: after a power failure a file may be empty, and the next render detects that by its digest.
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
    """Create a staging directory, and remove those of runs that were killed. Raises OutputFailed."""
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
        with suppress(FileNotFoundError):  # another run removed it before it was locked
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
    """Lock a file; whether no other process has locked it. The lock is released when the process ends in any way."""
    try:
        import fcntl
    except ImportError:  # on Windows, where an open file cannot be removed
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def prepare(out: Path, path: str) -> None:
    """Create the directories of a file. Raises OutputFailed if it cannot be written there, or one of them is a link."""
    target = out / path
    try:
        for parent in reversed(target.relative_to(out).parents[:-1]):
            _own_directory(out / parent)
        descriptor = _mode(target)
        if descriptor is not None and stat.S_ISDIR(descriptor):
            raise IsADirectoryError(21, "is a directory")
    except OSError as error:
        raise failed(target, error) from None


def _own_directory(directory: Path) -> None:
    descriptor = _mode(directory)
    if descriptor is None:
        directory.mkdir(exist_ok=True)
    elif not stat.S_ISDIR(descriptor):
        raise NotADirectoryError(20, f"{directory} is a link or a file, not a directory")


def move_into_place(staged: Path, out: Path, path: str) -> None:
    """Move a staged file into the output directory. Raises OutputFailed."""
    try:
        os.replace(staged, out / path)
    except OSError as error:
        raise failed(out / path, error) from None


def remove(out: Path, path: str) -> None:
    """Remove a file, and the directories that become empty, without following links. Raises OutputFailed."""
    parents = [out / parent for parent in Path(path).parents[:-1]]
    if any(not stat.S_ISDIR(_mode(parent) or 0) for parent in parents) or stat.S_ISDIR(_mode(out / path) or 0):
        raise OutputFailed(f"{out / path}: not removed: it is a directory, or its path contains a link")
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
    """Whether a file exists, without following links."""
    parents = [out / parent for parent in Path(path).parents[:-1]]
    return all(stat.S_ISDIR(_mode(parent) or 0) for parent in parents) and _mode(out / path) is not None


def _mode(path: Path) -> int | None:
    try:
        return path.lstat().st_mode
    except OSError:  # missing, or a name that is too long
        return None


def failed(path: Path, error: OSError) -> OutputFailed:
    return OutputFailed(
        f"{path}: cannot be written: {one_line(error.strerror or error)}; choose another directory with -o"
    )
