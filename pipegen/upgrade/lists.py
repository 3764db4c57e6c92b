"""Find lists that replaced those of a blueprint in 0.1.0, and whose named items merge now."""

from __future__ import annotations

from collections.abc import Iterator

from yaml import Node, SequenceNode

from pipegen.loading.yaml.merging import IDENTITIES
from pipegen.upgrade.document import Question, pairs, value_at


def merged_lists(root: Node) -> Iterator[Question]:
    """Return a question about each outermost list of named items in a definition, except in its arguments."""
    paths: list[tuple[str | int, ...]] = []
    for pair in pairs(root):
        if pair.path[0] == "with" or any(pair.path[: len(path)] == path for path in paths):
            continue
        if isinstance(pair.value, SequenceNode) and pair.value.value and all(map(_is_named, pair.value.value)):
            paths.append(pair.path)
            mark = pair.key.start_mark
            text = f"{pair.key.value} replaced the list of the blueprint in 0.1.0; items with the same name now merge"
            fix = "check the result with pipegen explain; `when: false` removes an item"
            yield Question(mark.line + 1, mark.column + 1, text, fix)


def _is_named(item: Node) -> bool:
    return any(value_at(item, key) is not None for key in IDENTITIES)
