"""Rewrite a file for this version."""

from __future__ import annotations

from collections.abc import Iterator

from yaml import Node

from pipegen.frozen import frozen
from pipegen.loading.layout import BLUEPRINT_FILE, FLEET_FILE
from pipegen.loading.renamed import BLUEPRINT_KEYS, DEFINITION_KEYS, FLEET_KEYS
from pipegen.loading.yaml.parsing import parse
from pipegen.upgrade.document import Edit, Question, edited, root_of, value_at
from pipegen.upgrade.keys import renamed_keys, renamed_locks
from pipegen.upgrade.lists import merged_lists
from pipegen.upgrade.orders import kept_orders


@frozen
class Rewriting:
    """The new text of a file, the edits, and questions for a person."""

    text: str
    edits: tuple[Edit, ...] = ()
    questions: tuple[Question, ...] = ()


def rewriting(text: str, file: str, name: str, *, keep_parallel: bool = False) -> Rewriting:
    """Rewrite a text. file: its path as messages show it. name: the name of the file, which determines its kind.

    Raises NotUpgraded, and InvalidDefinition for a text that cannot be read.
    """
    parse(text, file)
    root = root_of(text)
    if root is None:
        return Rewriting(text)
    changes = [*_changes(text, root, name, keep_parallel)]
    edits = {edit.start: edit for edit in changes if isinstance(edit, Edit)}
    new = edited(text, edits.values())
    parse(new, file)
    questions = tuple(dict.fromkeys(each for each in changes if isinstance(each, Question)))
    return Rewriting(new, tuple(edits[start] for start in sorted(edits)), questions)


def _changes(text: str, root: Node, name: str, keep_parallel: bool) -> Iterator[Edit | Question]:
    """Return the edits of a file, and questions about it."""
    keys, path = _KINDS.get(name, (DEFINITION_KEYS, ()))
    yield from renamed_keys(text, root, keys)
    if name == FLEET_FILE:
        yield from renamed_locks(text, root)
    elif name != BLUEPRINT_FILE and value_at(root, "blueprint") is not None:
        yield from merged_lists(root)
    yield from kept_orders(text, value_at(root, *path, "pipeline", "stages"), keep_parallel=keep_parallel)


_KINDS = {FLEET_FILE: (FLEET_KEYS, ("defaults",)), BLUEPRINT_FILE: (BLUEPRINT_KEYS, ("definition",))}
"""By the name of a file: the new names of keys, and the path of the definition in it."""
