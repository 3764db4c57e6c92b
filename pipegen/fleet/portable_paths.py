"""Paths that are the same on every machine: relative to the fleet's root, or to pipegen's own blueprints."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from pipegen.errors import Problem
from pipegen.frozen import frozen
from pipegen.loading.layout import own_directory
from pipegen.syntax.paths import is_relative

_OWN = "pipegen:"


def is_portable(path: str) -> bool:
    """Whether a path is portable. It may lead out of the fleet's root, as paths of blueprints do."""
    if path.startswith(_OWN):
        return is_relative(path.removeprefix(_OWN))
    return not Path(path).is_absolute() and "\0" not in path


@frozen
class PortablePaths:
    """Converts paths of a fleet. root: the fleet's directory as the user names it."""

    root: Path

    def portable(self, path: Path) -> str:
        absolute = os.path.abspath(path)  # noqa: PTH100  not through links
        own = f"{own_directory()}{os.sep}"
        if absolute.startswith(own):
            return _OWN + absolute.removeprefix(own).replace(os.sep, "/")
        return os.path.relpath(absolute, self.root).replace(os.sep, "/")

    def local(self, portable: str) -> Path:
        if portable.startswith(_OWN):
            return own_directory() / portable.removeprefix(_OWN)
        return self.root / portable

    def seen_from(self, out: Path) -> str:
        """Return the root relative to another directory, with symbolic links resolved."""
        return os.path.relpath(os.path.realpath(self.root), os.path.realpath(out)).replace(os.sep, "/")

    def stored(self, problems: Iterable[Problem]) -> list[Problem]:
        """Convert the locations of problems for the cache."""
        return [
            replace(each, location=self._without(each.location), related=self._without(each.related))
            for each in problems
        ]

    def restored(self, problems: Iterable[Problem]) -> list[Problem]:
        """Convert the locations of problems from the cache."""
        return [
            replace(each, location=self._with(each.location), related=self._with(each.related)) for each in problems
        ]

    @property
    def _prefix(self) -> str:
        return "" if self.root == Path() else f"{self.root}{os.sep}"

    def _without(self, location: str) -> str:
        return location.removeprefix(self._prefix)

    def _with(self, location: str) -> str:
        if not location or location.startswith(_OWN) or os.path.isabs(location):  # noqa: PTH117  not a path
            return location
        return self._prefix + location
