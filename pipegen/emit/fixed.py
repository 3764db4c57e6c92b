"""What a template would change of a running stack that must stay as it was."""

from __future__ import annotations

from collections.abc import Iterator

from pipegen.errors import Problem
from pipegen.stack import Document, Stack, mapping


def fixed_changes(stack: Stack, earlier: Document, now: Document) -> Iterator[Problem]:
    """Of resources that are there before and after; both documents are of the same stack, read from their texts."""
    before, after = mapping(earlier.get("Resources")), mapping(now.get("Resources"))
    for logical_id, fixed in stack.fixed.items():
        old, new = mapping(before.get(logical_id)), mapping(after.get(logical_id))
        if not old or old.get("Type") != new.get("Type"):
            continue
        was, will_be = mapping(old.get("Properties")), mapping(new.get("Properties"))
        changed = [name for name in fixed.properties if was.get(name) != will_be.get(name)]
        if changed:
            text = f"{stack.name}: {' and '.join(changed)} of {logical_id} would change, but {fixed.because}"
            yield Problem("fixed-property", stack.origins.get(logical_id, ()), text, fixed.fix)
