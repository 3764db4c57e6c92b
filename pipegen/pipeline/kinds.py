"""A registry of kinds: words in a definition, and the classes that they stand for, imported when they are asked for.

A definition uses few of the kinds that there are; importing the others would be a good part of a render's time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Kinds(Mapping[str, type[T]], Generic[T]):
    """`homes`: for each word, `module.Class` below `package`."""

    def __init__(self, package: str, homes: Mapping[str, str]) -> None:
        self._package = package
        self._homes = homes

    def __getitem__(self, word: str) -> type[T]:
        module, _, name = self._homes[word].rpartition(".")
        found: Any = getattr(import_module(f"{self._package}.{module}"), name)
        return found  # type: ignore[no-any-return]

    def __contains__(self, word: object) -> bool:
        return word in self._homes

    def __iter__(self) -> Iterator[str]:
        return iter(self._homes)

    def __len__(self) -> int:
        return len(self._homes)
