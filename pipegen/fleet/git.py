"""What changed since a revision, as git has it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from pipegen.errors import PipegenError, one_line


class NotInGit(PipegenError):
    """What changed cannot be told."""


def changed_since(revision: str, root: Path) -> frozenset[str]:
    """The absolute paths of files in the repository of a directory that are not as they were at a revision, and of
    those that are not tracked. Raises NotInGit."""
    top = _git(root, "rev-parse", "--show-toplevel").rstrip("\n")
    commit = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}").strip()
    changed = _git(Path(top), "diff", "--name-only", "--no-renames", "--no-ext-diff", "-z", commit, "--")
    untracked = _git(Path(top), "ls-files", "--others", "--exclude-standard", "-z")
    return frozenset(os.path.join(top, name) for name in (changed + untracked).split("\0") if name)  # noqa: PTH118


def _git(directory: Path, *words: str) -> str:
    try:
        ran = subprocess.run(["git", "-C", str(directory), *words], capture_output=True, check=False)
    except OSError as error:
        raise NotInGit(f"git cannot be run: {one_line(error.strerror or error)}") from None
    if ran.returncode:
        said = os.fsdecode(ran.stderr).strip().splitlines()
        raise NotInGit(
            one_line(said[0].removeprefix("fatal: "))
            if said
            else f"git knows no revision {one_line(words[-1].removesuffix('^{commit}'), 60)}"
        )
    return os.fsdecode(ran.stdout)
