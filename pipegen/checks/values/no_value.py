"""Checks of `!Ref AWS::NoValue`, for which CloudFormation removes the property.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/pseudo-parameter-reference.html"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import MISSING, fields
from functools import cache
from typing import Any

from troposphere import encode_to_dict

from pipegen.definition import Definition
from pipegen.errors import Path, Problem
from pipegen.fields.model import keyed_fields, step
from pipegen.graph.outline import Outline
from pipegen.model.stack_contents import is_in_resource
from pipegen.pipeline.foundation import Foundation
from pipegen.stacks.stack import Document, Stack, mapping, referred_names, sequence
from pipegen.values.expression import Expression

NO_VALUE = "AWS::NoValue"
_NO_VALUE = {"Ref": NO_VALUE}
_REQUIRED_ITEMS = ("secret_options", "secrets", "tags")
"""Mappings whose items become required properties; items of other mappings are optional."""


def left_out(written: Outline) -> Iterator[Problem]:
    """Find uses outside of branches of an `!If`, and in required fields, from which names and permissions are
    derived."""
    if NO_VALUE in written.names:
        yield from in_fields(written.definition, written.leaves)


def in_fields(model: Definition | Foundation, leaves: Iterable[tuple[Path, object]]) -> Iterator[Problem]:
    """Find the same problems in a definition or foundation with these leaves."""
    for path, leaf in leaves:
        if isinstance(leaf, Expression) and "overrides" not in (path[0], *path[2:3]) and not is_in_resource(path):
            data = leaf.to_dict()
            if NO_VALUE in referred_names(data):
                yield from _expression_problems(data, path, _is_required(model, path))


def _is_required(model: object, path: Path) -> bool:
    """Return whether the field or item at a path is required."""
    here, required, name = model, True, ""
    for part in path:
        if isinstance(here, tuple):
            required = False
        elif isinstance(here, Mapping):
            required = name in _REQUIRED_ITEMS
        else:
            model_type: Any = type(here)
            required = keyed_fields(model_type).get(str(part)) in _required_fields(model_type)
        here, name = step(here, part), str(part)
    return required


@cache
def _required_fields(model: Any) -> AbstractSet[str]:
    return {each.name for each in fields(model) if each.default is MISSING and each.default_factory is MISSING}


def _expression_problems(data: object, path: Path, required: bool) -> Iterator[Problem]:
    if data == _NO_VALUE:
        text = "!Ref AWS::NoValue is not a value"
        fix = "set a value" if required else "remove it, or use AWS::NoValue in a branch of !If"
        yield Problem("no-value", path, text, fix)
    elif required and any(_NO_VALUE in sequence(branches) for branches in _ifs(data)):
        text = "a branch of !If is AWS::NoValue, but the value is required"
        yield Problem("no-value", path, text, "set a value in both branches")


def _ifs(data: object) -> Iterator[object]:
    """Yield the arguments of an `Fn::If` and of those in its branches."""
    if isinstance(data, Mapping) and "Fn::If" in data:
        yield data["Fn::If"]
        for branch in sequence(data["Fn::If"])[1:]:
            yield from _ifs(branch)


_REQUIRED_PROPERTIES = ("CertificateArn", "Image", "Location", "Value", "ValueFrom")
"""Properties that AWS requires in all resources."""


def written(lowered: Outline, stack: Stack, document: Document) -> Iterator[Problem]:
    """Find required parts that AWS::NoValue would remove: a part of a text, a required property, the resource of a
    permission."""
    if NO_VALUE not in lowered.names:
        return
    for logical_id, resource in mapping(document.get("Resources")).items():
        for fault, data in _lacking(mapping(resource).get("Properties"), ""):
            path = _path_of(lowered.leaves, data) or stack.origins.get(logical_id, ())
            text = f"AWS::NoValue would remove {fault}"
            yield Problem("no-value", path, text, "set a value in both branches of !If")


def _lacking(data: Any, key: str) -> Iterator[tuple[str, Any]]:
    if isinstance(data, dict):
        for name, item in data.items():
            if name in _REQUIRED_PROPERTIES and _may_be_nothing(item):
                yield f"{name}, which is required", item
            elif name in ("Fn::Sub", "Fn::Join") and (gone := [each for each in _parts(item) if _may_be_nothing(each)]):
                yield "a part of a text", gone[0]
            else:
                yield from _lacking(item, str(name))
    elif isinstance(data, list | tuple):
        if key == "Resource" and data and all(map(_may_be_nothing, data)):
            yield "the only resource of a permission", data[0]
        for item in data:
            yield from _lacking(item, "")


def _parts(argument: Any) -> Iterator[Any]:
    """Yield the parts of a text."""
    for each in sequence(argument)[1:]:
        yield from each.values() if isinstance(each, Mapping) and "Fn::If" not in each else sequence(each)


def _may_be_nothing(data: Any) -> bool:
    return data == _NO_VALUE or any(_NO_VALUE in sequence(branches) for branches in _ifs(data))


def _path_of(leaves: Iterable[tuple[Path, object]], data: Any) -> Path:
    """Return the path of the first field with this expression."""
    for path, leaf in leaves:
        if isinstance(leaf, Expression) and str(encode_to_dict(data)) in str(leaf.to_dict()):
            return path
    return ()
