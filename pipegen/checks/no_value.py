"""`!Ref AWS::NoValue`, by which CloudFormation leaves a property out.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/pseudo-parameter-reference.html"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Any

from troposphere import AWSHelperFn, encode_to_dict

from pipegen.definition import Definition
from pipegen.errors import Path, Problem
from pipegen.foundation import Foundation
from pipegen.model import walk
from pipegen.stack import Document, Stack, mapping, sequence

_NO_VALUE = {"Ref": "AWS::NoValue"}
_REQUIRED_ITEMS = ("secret_options", "secrets", "tags")
"""Mappings whose items become resources' properties that AWS requires; an item of another may be left out."""


def left_out(definition: Definition | Foundation) -> Iterator[Problem]:
    """It is of use in a branch of an `!If`, where the field may be left out; names and permissions are derived from
    the others, and of nothing nothing can be derived."""
    yield from _problems(definition, ())


def _problems(value: object, path: Path, *, required: bool = True) -> Iterator[Problem]:
    if isinstance(value, AWSHelperFn):
        yield from _expression_problems(value.to_dict(), path, required)
    elif is_dataclass(value) and not isinstance(value, type):
        for name, is_required in _fields(value.__class__):
            yield from _problems(getattr(value, name), (*path, name), required=is_required)
    elif isinstance(value, Mapping):
        for key, item in value.items() if path != ("overrides",) and path[2:] != ("overrides",) else ():
            yield from _problems(item, (*path, str(key)), required=path[-1] in _REQUIRED_ITEMS)
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _problems(item, (*path, index), required=False)


@cache
def _fields(model: Any) -> tuple[tuple[str, bool], ...]:
    """The names of a model's fields, and whether each is required."""
    return tuple((each.name, each.default is MISSING and each.default_factory is MISSING) for each in fields(model))


def _expression_problems(data: object, path: Path, required: bool) -> Iterator[Problem]:
    if data == _NO_VALUE:
        text = "!Ref AWS::NoValue stands in place of a value"
        fix = "give a value" if required else "leave it out, or use AWS::NoValue in a branch of !If"
        yield Problem("no-value", path, text, fix)
    elif required and any(_NO_VALUE in sequence(branches) for branches in _ifs(data)):
        text = "a branch of !If is AWS::NoValue, and the value is required"
        yield Problem("no-value", path, text, "give a value in both branches")


def _ifs(data: object) -> Iterator[object]:
    """The arguments of an `Fn::If` and of those that are its branches."""
    if isinstance(data, Mapping) and "Fn::If" in data:
        yield data["Fn::If"]
        for branch in sequence(data["Fn::If"])[1:]:
            yield from _ifs(branch)


_REQUIRED_PROPERTIES = ("CertificateArn", "Image", "Location", "Value", "ValueFrom")
"""Properties that AWS requires wherever they are."""


def written(definition: Definition, stack: Stack, document: Document) -> Iterator[Problem]:
    """Where the template would lack something by it: a part of a text, a required property, a permission's resource."""
    for logical_id, resource in mapping(document.get("Resources")).items():
        for fault, data in _lacking(mapping(resource).get("Properties"), ""):
            place = _place(definition, data) or stack.origins.get(logical_id, ())
            text = f"AWS::NoValue would leave out {fault}"
            yield Problem("no-value", place, text, "give a value in both branches of !If")


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
            yield "what a permission is for", data[0]
        for item in data:
            yield from _lacking(item, "")


def _parts(argument: Any) -> Iterator[Any]:
    """What a text is made of."""
    for each in sequence(argument)[1:]:
        yield from each.values() if isinstance(each, Mapping) and "Fn::If" not in each else sequence(each)


def _may_be_nothing(data: Any) -> bool:
    return data == _NO_VALUE or any(_NO_VALUE in sequence(branches) for branches in _ifs(data))


def _place(definition: Definition, data: Any) -> Path:
    """The first field with this expression."""
    for path, leaf in walk(definition):
        if isinstance(leaf, AWSHelperFn) and str(encode_to_dict(data)) in str(leaf.to_dict()):
            return path
    return ()
