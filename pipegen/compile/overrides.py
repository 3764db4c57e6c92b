"""Apply `overrides`: patches of the properties of compiled resources."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from troposphere import encode_to_dict

from pipegen.compile.plain_resource import PlainResource
from pipegen.errors import InvalidDefinition, Path, Problem, did_you_mean, quoted
from pipegen.stacks.stack import Stack
from pipegen.values.data import Data


def apply_overrides(overrides: Mapping[str, Mapping[str, Data]], stacks: Sequence[Stack], path: Path) -> None:
    """Apply overrides to the resources of stacks. path: that of the overrides in the definition. Raises
    InvalidDefinition for unknown resources."""
    problems: list[Problem] = []
    for logical_id, patch in overrides.items():
        holders = [stack for stack in stacks if logical_id in stack.template.resources]
        for stack in holders:
            resource = stack.template.resources[logical_id].to_dict()
            resource["Properties"] = _patched(resource.get("Properties", {}), encode_to_dict(dict(patch)))
            stack.template.resources[logical_id] = PlainResource(logical_id, resource)
        if not holders:
            known = [title for stack in stacks for title in stack.template.resources]
            near = difflib.get_close_matches(logical_id, known, n=1)
            fix = did_you_mean(*near[:1]) or f"resources are {', '.join(known)}"
            text = f"unknown resource {quoted(logical_id)}"
            problems.append(Problem("override-unknown", (*path, logical_id), text, fix))
    if problems:
        raise InvalidDefinition(problems)


def _patched(properties: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """Return properties with a patch applied: mappings are merged, other values and expressions replaced, and null
    removes a property."""
    patched = dict(properties)
    for key, value in patch.items():
        old = patched.get(key)
        if value is None:
            patched.pop(key, None)
        elif isinstance(old, Mapping) and _is_plain(old) and _is_plain(value):
            patched[key] = _patched(old, value)
        else:
            patched[key] = value
    return patched


def _is_plain(data: Any) -> bool:
    """Return whether data is a mapping and not an expression."""
    return isinstance(data, Mapping) and not any(key == "Ref" or str(key).startswith("Fn::") for key in data)
