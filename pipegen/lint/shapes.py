"""The shape of a template: its structure without values. Templates of one shape have the same findings, except those
about values."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from pipegen.stacks.stack import Document, mapping


def shape_of(document: Document) -> str:
    """Return a digest of the template's resources, properties and functions, without names, strings, numbers and
    repeated list items of one shape."""
    sections = [
        sorted(f"{mapping(each).get('Type')} {_shape(each)}" for each in mapping(document.get(section)).values())
        for section in ("Parameters", "Conditions", "Mappings", "Resources", "Outputs")
    ]
    return sha256(repr(sections).encode()).hexdigest()


def _shape(data: Any) -> str:
    if isinstance(data, dict):
        return f"{{{','.join(sorted(f'{key}:{_shape(value)}' for key, value in data.items()))}}}"
    if isinstance(data, list | tuple):
        return f"[{','.join(dict.fromkeys(map(_shape, data)))}]"
    return type(data).__name__
