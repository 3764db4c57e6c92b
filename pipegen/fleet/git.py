"""What changed since a revision, and what files held at one, as git has it."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipegen.errors import PipegenError, one_line


class NotInGit(PipegenError):
    """Git cannot answer."""


def changed_since(revision: str, root: Path) -> frozenset[str]:
    """The absolute paths of files in the repository of a directory that are not as they were at a revision, and of
    those that are not tracked. Raises NotInGit."""
    top, commit = _found(root, revision)
    changed = _git(Path(top), "diff", "--name-only", "--no-renames", "--no-ext-diff", "-z", commit, "--")
    untracked = _git(Path(top), "ls-files", "--others", "--exclude-standard", "-z")
    return frozenset(os.path.join(top, name) for name in (changed + untracked).split("\0") if name)  # noqa: PTH118


@dataclass(frozen=True, slots=True)
class Revision:
    """The files below a directory as they are at a revision. blobs: their ids, by path from `top`, the root of the
    repository."""

    name: str
    top: str
    blobs: Mapping[str, str]

    def text(self, path: Path, now: str) -> str | None:
        """What a file holds there, or None if it is not there; `now` is what it is compared with. Raises NotInGit."""
        relative = os.path.relpath(os.path.realpath(path), self.top).replace(os.sep, "/")
        blob = self.blobs.get(relative)
        if blob is None:
            return None
        return now if blob == _blob_id(now.encode()) else _git(Path(self.top), "cat-file", "blob", blob)


def at_revision(revision: str, directory: Path) -> Revision:
    """The files below a directory, which need not be there now. Raises NotInGit."""
    real = Path(os.path.realpath(directory))
    there = next(each for each in (real, *real.parents) if each.is_dir())
    top, commit = _found(there, revision)
    below = os.path.relpath(real, top).replace(os.sep, "/")
    listed = _git(Path(top), "ls-tree", "-r", "-z", "--full-tree", commit, *([] if below == "." else ["--", below]))
    entries = (entry.partition("\t") for entry in listed.split("\0") if entry)
    return Revision(revision, top, {path: words.split()[2] for words, _, path in entries if words.startswith("100")})


def _found(directory: Path, revision: str) -> tuple[str, str]:
    """The root of the repository that a directory is in, and the commit that a revision names."""
    top = _git(directory, "rev-parse", "--show-toplevel").rstrip("\n")
    try:
        words = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        return top, _git(directory, *words).strip()
    except NotInGit as error:
        if _git(directory, "rev-parse", "--is-shallow-repository").strip() != "true":
            raise
        fix = "this clone is shallow: fetch the revision, or clone with more history (fetch-depth of actions/checkout)"
        raise NotInGit(f"{error}; {fix}") from None


def _blob_id(content: bytes) -> str:
    """https://git-scm.com/book/en/v2/Git-Internals-Git-Objects"""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


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
