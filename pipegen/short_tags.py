"""CloudFormation's short tags: `!Ref x` for `{"Ref": "x"}`.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from pipegen.yaml_text import node, scalar

_TAGS = {
    name if name == "Ref" else f"Fn::{name}": f"!{name}"
    for name in ("Ref", "Sub", "GetAtt", "ImportValue", "Join", "Select", "Split", "If", "FindInMap", "GetAZs")
} | {f"Fn::{name}": f"!{name}" for name in ("Equals", "And", "Or", "Not")}


def short_tag(data: Mapping[str, Any]) -> yaml.Node | None:
    """The tagged node of an intrinsic function; None for any other mapping.

    An argument that is a function itself keeps the long form: YAML has no two tags on one node.
    """
    if len(data) != 1:
        return None
    [(name, argument)] = data.items()
    tag = _TAGS.get(name)
    if tag is None:
        return None
    if isinstance(argument, str):
        return scalar(argument, tag)
    if not isinstance(argument, list | tuple):
        return None
    if name == "Fn::GetAtt" and all(isinstance(part, str) for part in argument):
        return scalar(".".join(argument), tag)
    return yaml.SequenceNode(tag, [node(item, short_tag) for item in argument], flow_style=False)
