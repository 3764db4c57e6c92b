"""Rename keys of 0.1.0, in files and in the locked paths of a pipegen.yaml."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from yaml import Node

from pipegen.loading.locks import PART, path_of
from pipegen.loading.renamed import DEFINITION_KEYS, new_name
from pipegen.upgrade.document import Edit, NotUpgraded, own_pairs, pairs, renaming, value_at


def renamed_keys(text: str, root: Node, keys: Mapping[str, str]) -> Iterator[Edit]:
    """Return the edits that rename keys. Raises NotUpgraded for a mapping with both names of a key."""
    for pair in pairs(root):
        new = new_name(pair.path, keys)
        if new is None:
            continue
        if any(each.key.value == new for each in own_pairs(pair.mapping)):
            raise NotUpgraded(
                pair.key, f"{pair.key.value} and {new}, its new name, cannot both be set", "remove one of them"
            )
        yield renaming(text, pair.key, new, f"{pair.key.value} renamed to {new}")


def renamed_locks(text: str, root: Node) -> Iterator[Edit]:
    """Return the edits of locked paths."""
    locked = value_at(root, "locked")
    for pair in own_pairs(locked) if locked is not None else ():
        old = pair.key.value
        new = _renamed_path(old)
        if new != old:
            yield renaming(text, pair.key, new, f"{old} renamed to {new}")


def _renamed_path(locked: str) -> str:
    parts = path_of(locked)
    for length, part in enumerate(re.finditer(PART, locked), start=1):
        new = new_name(parts[:length], DEFINITION_KEYS)
        if new is not None:
            return locked[: part.start()] + new + locked[part.end() :]
    return locked
