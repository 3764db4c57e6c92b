"""A registry of kinds: the names of kinds in definitions, with classes that are imported when they are looked up.

A definition uses few of the existing kinds; importing all of them would take a large part of a render's time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Kinds(Mapping[str, type[T]], Generic[T]):
    """A mapping of the names of kinds to classes. `classes`: `module.Class` below `package` for each name."""

    def __init__(self, package: str, classes: Mapping[str, str]) -> None:
        self._package = package
        self._classes = classes

    def __getitem__(self, kind: str) -> type[T]:
        module, _, name = self._classes[kind].rpartition(".")
        loaded: Any = getattr(import_module(f"{self._package}.{module}"), name)
        return loaded  # type: ignore[no-any-return]

    def __contains__(self, kind: object) -> bool:
        return kind in self._classes

    def __iter__(self) -> Iterator[str]:
        return iter(self._classes)

    def __len__(self) -> int:
        return len(self._classes)
