"""CloudFormation's short tags: `!Ref x` for `{"Ref": "x"}`.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_TAGS = {
    name if name == "Ref" else f"Fn::{name}": f"!{name}"
    for name in ("Ref", "Sub", "GetAtt", "ImportValue", "Join", "Select", "Split", "If", "FindInMap", "GetAZs")
} | {f"Fn::{name}": f"!{name}" for name in ("Equals", "And", "Or", "Not")}


def short_tag(data: Mapping[str, Any]) -> tuple[str, str | Sequence[Any]] | None:
    """The short tag of an intrinsic function and its argument; None for other mappings.

    A function whose argument is a function keeps the long form, because a YAML node cannot have two tags.
    """
    if len(data) != 1:
        return None
    [(name, argument)] = data.items()
    tag = _TAGS.get(name)
    if tag is None or not isinstance(argument, (str, list, tuple)):
        return None
    if name == "Fn::GetAtt" and not isinstance(argument, str) and all(isinstance(part, str) for part in argument):
        return tag, ".".join(argument)
    return tag, argument
