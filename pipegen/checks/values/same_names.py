"""Checks of the names of objects in definitions from Python code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from pipegen.errors import Problem
from pipegen.fields.model import Model, step
from pipegen.model.created import created_at
from pipegen.model.stack_settings import named_in


def conflicting_names(model: Model) -> Iterator[Problem]:
    """Find different objects with one name in a definition from Python code. In files, names are keys and thus
    unique."""
    if model.created is None:
        return
    with suppress(RecursionError):  # reported elsewhere
        for each in named_in(model):
            name = getattr(each, each.named_by)
            if step(step(model, each.declared_in), name) not in (None, each):
                text = f"{name} is also the name of another object, from {created_at(each, ())}"
                yield Problem("duplicate-name", (each.declared_in, name), text, "use one object, or rename one")
