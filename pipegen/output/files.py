"""Writing files atomically, and only if they changed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal

from pipegen.errors import OutputFailed, one_line
from pipegen.frozen import frozen
from pipegen.syntax.paths import not_a_directory, open_regular


@frozen
class Change:
    """The effect of writing a file. old: its existing content, if it changes."""

    path: Path
    text: str
    status: Literal["new", "changed", "unchanged"]
    old: str = ""


def compare(texts: Mapping[Path, str]) -> tuple[Change, ...]:
    """Compare texts with existing files. Raises OutputFailed if a file cannot be read."""
    return tuple(_change(path, text) for path, text in texts.items())


def _change(path: Path, text: str) -> Change:
    try:
        with open_regular(path) as file:
            old = file.read()
        has_mode = not _is_script(text) or os.access(path, os.X_OK)
    except FileNotFoundError:
        return Change(path, text, "new")
    except NotADirectoryError:
        raise not_a_directory(path) from None
    except OSError as error:
        raise OutputFailed(f"{path}: cannot be read: {_reason(error)}") from None
    if old == text.encode() and has_mode:
        return Change(path, text, "unchanged")
    return Change(path, text, "changed", old.decode(errors="replace"))


def earlier_text(change: Change, at_revision: Callable[[Path, str], str | None] | None = None) -> str | None:
    """The content of a file, now or at a revision. A template that does not exist is looked up in the other format."""
    if at_revision is None and change.status != "new":
        return change.old if change.status == "changed" else change.text
    other = change.path.with_suffix({".yaml": ".json", ".json": ".yaml"}.get(change.path.suffix, ".yaml"))
    texts = ((at_revision or _on_disk)(path, change.text) for path in (change.path, other))
    return next((text for text in texts if text is not None), None)


def _on_disk(path: Path, _: str) -> str | None:
    try:
        with open_regular(path) as file:
            return file.read().decode(errors="replace")
    except OSError:
        return None


def write(changes: Sequence[Change]) -> None:
    """Write new and changed files. All texts are on disk before the first file is replaced.

    Raises OutputFailed; each file then has either its old or its new content.
    """
    staged: list[tuple[str, Path]] = []
    path = Path()
    try:
        for change in changes:
            path = change.path
            if change.status != "unchanged":
                staged.append((_stage(change), path))
        for temporary, path in staged:
            os.replace(temporary, path)
    except OSError as error:
        raise OutputFailed(f"{path}: cannot be written: {_reason(error)}; choose another directory with -o") from None
    finally:
        for temporary, _ in staged:
            Path(temporary).unlink(missing_ok=True)


def _stage(change: Change) -> str:
    change.path.parent.mkdir(parents=True, exist_ok=True)
    if change.path.is_dir():
        raise IsADirectoryError(21, "is a directory")
    descriptor, name = tempfile.mkstemp(dir=change.path.parent, prefix=f".{change.path.name}.")
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123  a descriptor has no path
            file.write(change.text.encode())
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, (0o777 if _is_script(change.text) else 0o666) & ~_umask())
    except BaseException:
        Path(name).unlink()
        raise
    return name


def _is_script(text: str) -> bool:
    """Whether a text is an executable script."""
    return text.startswith("#!")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _reason(error: OSError) -> str:
    return one_line(error.strerror or error)
