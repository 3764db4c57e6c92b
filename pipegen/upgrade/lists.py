"""Lists in definitions with a blueprint: in 0.1.0 they replaced the blueprint's lists; now named items merge."""

from __future__ import annotations

from collections.abc import Iterator

from yaml import Node, SequenceNode

from pipegen.loading.yaml.merging import IDENTITIES
from pipegen.upgrade.document import Question, pairs, value_at


def merged_lists(root: Node) -> Iterator[Question]:
    """Questions about the outermost lists of named items in a definition, its arguments apart."""
    found: list[tuple[str | int, ...]] = []
    for pair in pairs(root):
        if pair.path[0] == "with" or any(pair.path[: len(path)] == path for path in found):
            continue
        if isinstance(pair.value, SequenceNode) and pair.value.value and all(map(_is_named, pair.value.value)):
            found.append(pair.path)
            mark = pair.key.start_mark
            text = f"in 0.1.0 {pair.key.value} replaced the blueprint's list; now items of one name merge"
            fix = "look at the result with pipegen explain; `when: false` removes an item"
            yield Question(mark.line + 1, mark.column + 1, text, fix)


def _is_named(item: Node) -> bool:
    return any(value_at(item, key) is not None for key in IDENTITIES)
