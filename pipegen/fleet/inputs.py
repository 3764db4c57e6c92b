"""Digests of what definitions are rendered from."""

from __future__ import annotations

import hashlib
import os
import posixpath
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field
from pathlib import Path

from pipegen._version import __version__
from pipegen.errors import Problem
from pipegen.fleet.portable_paths import PortablePaths, is_portable
from pipegen.frozen import frozen
from pipegen.loading.layout import BLUEPRINT_FILE, FLEET_FILE, template_files
from pipegen.syntax.paths import open_regular

CLOCKS = 0.011
"""Seconds by which modification times may lag behind the clock: slightly more than a tick."""


@frozen(kw_only=True)
class Settings:
    """The settings that affect the output.

    directory: the output directory relative to the root of the repository, which Git sync needs.
    """

    format: str = "yaml"
    git_sync: bool = False
    script: bool = False
    directory: str = ""
    version: str = __version__

    @property
    def options(self) -> str:
        """The options as they are written in the fleet's manifest."""
        flags = [name for name, is_set in (("git-sync", self.git_sync), ("script", self.script)) if is_set]
        return " ".join([self.format, *flags])

    @property
    def words(self) -> str:
        """All settings and the version of pipegen."""
        return " ".join(["pipegen", self.version, self.options, *([self.directory] if self.git_sync else [])])

    def problems(self, earlier: str, location: str) -> list[Problem]:
        """Warn if an earlier render used other options."""
        now, then = set(self.options.split()), set(earlier.split())
        keys = {"json": "format", "script": "deploy_script", "git-sync": "git_sync"}
        different = [key for word, key in keys.items() if (word in now) != (word in then)]
        text = f"the existing output was rendered with other options ({', '.join(different)})"
        fix = f"set them under render: in {FLEET_FILE}, so that every render agrees"
        return [Problem("render-options", (), text, fix, "warning", location)] if different else []


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@frozen
class Digests:
    """Digests of inputs. Those of shared files are remembered.

    started: in nanoseconds. A file that was modified later has no digest, as it may have been read before.
    """

    paths: PortablePaths
    settings: Settings
    started: int
    _known: dict[str, str | None] = field(default_factory=dict)

    def definition(self, source: str, shared: Iterable[str]) -> str:
        """Return the digest of all inputs of a definition; "" if one of them may be changing now."""
        digests = [self._once(name) for name in (FLEET_FILE, *shared)]
        digests.append(self._of(source))
        if None in digests:
            return ""
        return sha256("\n".join([self.settings.words, source, *map(str, digests)]).encode())

    def fleet(self) -> str:
        return self._once(FLEET_FILE) or ""

    def _once(self, name: str) -> str | None:
        if name not in self._known:
            self._known[name] = self._of(name)
        return self._known[name]

    def _of(self, name: str) -> str | None:
        path = self.paths.local(name)
        try:
            if name.endswith("/"):
                return sha256("\n".join(file.name for file in template_files(path.parent)).encode())
            with open_regular(path) as file:
                content, changed = file.read(), os.fstat(file.fileno()).st_mtime_ns
        except OSError:
            return "absent"
        return sha256(content) if changed < self.started - int(CLOCKS * 1e9) else None


def is_shared(path: str, paths: Iterable[str]) -> bool:
    """Whether a portable path can be an input of the users of a blueprint.

    paths: all inputs of the blueprint, including those of the blueprints that it extends.
    """
    directory, _, name = path.rpartition("/")
    if name == BLUEPRINT_FILE:
        return is_portable(path)
    beside = posixpath.join(posixpath.dirname(directory), BLUEPRINT_FILE)
    is_template = posixpath.basename(directory) == "files" and beside in paths
    return is_template and not name.startswith(".") and is_portable(path)


def shared_inputs(blueprints: Iterable[Path], directories: Sequence[Path], paths: PortablePaths) -> Iterator[str]:
    """Return the files that all users of a blueprint depend on: its own and those of the blueprints that it extends,
    whether they exist or not, and blueprints of the same name in other directories, which would hide it."""
    for blueprint in blueprints:
        yield paths.portable(blueprint / BLUEPRINT_FILE)
        yield paths.portable(blueprint / "files") + "/"
        for file in template_files(blueprint):
            yield paths.portable(file)
        for directory in directories:
            candidate = directory / blueprint.name / BLUEPRINT_FILE
            if directory != blueprint.parent:
                yield paths.portable(candidate)
