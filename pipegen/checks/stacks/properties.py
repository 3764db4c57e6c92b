"""Checks of properties that a definition sets, with CloudFormation's schemas.

An unknown property or value is a warning, since it can be newer than the schemas; a wrong type is an error.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pipegen.definition import Definition
from pipegen.errors import Path, Problem, Severity, did_you_mean, last_of, quoted
from pipegen.facts import Schema, closest, properties, unlisted
from pipegen.fields.words import described, function_of
from pipegen.frozen import frozen
from pipegen.stacks.stack import Stack, mapping
from pipegen.stacks.uses import UsedDocument

_ATTRIBUTES = {"Condition", "CreationPolicy", "DeletionPolicy", "DependsOn", "Metadata", "Type", "UpdatePolicy"}
"""Attributes of resources other than properties.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-product-attribute-reference.html"""


def overridden(definition: Definition, stack: Stack, document: UsedDocument) -> Iterator[Problem]:
    """Find invalid properties in `overrides` of the resources of a stack."""
    yield from _of(definition.overrides, (), stack, document)
    for key, service in definition.services.items():
        yield from _of(service.overrides, ("services", key), stack, document)


def _of(overrides: Mapping[str, Any], owner: Path, stack: Stack, document: UsedDocument) -> Iterator[Problem]:
    """Check overrides of the definition, or of the service that a stack comes from."""
    resources = mapping(document.get("Resources"))
    for logical_id, patch in overrides.items():
        if logical_id not in resources or (owner and stack.origins.get(logical_id, ())[:2] != owner):
            continue
        kind = str(mapping(resources[logical_id]).get("Type"))
        described = properties(kind)
        if described is not None:
            node = {"type": "object", "properties": described["properties"]}
            subject = Properties(kind, (*owner, "overrides", logical_id), "override-property")
            yield from property_problems(patch, node, described["definitions"], subject.path, subject)


@frozen
class Properties:
    """The properties of a resource. path: in the definition. code: of problems with them."""

    kind: str
    path: Path
    code: str

    @property
    def is_override(self) -> bool:
        return self.code == "override-property"


def property_problems(
    value: Any, node: Schema, definitions: Mapping[str, Schema], path: Path, of: Properties
) -> Iterator[Problem]:
    """Find invalid values below the properties of a resource. node: their schema. path: that of the value."""
    node = {**node, **definitions[node["$ref"]]} if "$ref" in node else node
    if value is None or function_of(value):
        return  # removes a property, or is known at deployment
    kinds = [node["type"]] if isinstance(node.get("type"), str) else node.get("type", [])
    if kinds and not any(_is(value, kind) for kind in kinds):
        wanted = " or ".join(_NOUNS.get(kind, str(kind)) for kind in kinds)
        yield Problem(of.code, path, f"{last_of(path)} must be {wanted}, got {described(value)}", f"see {of.kind}")
    elif isinstance(value, Mapping) and "properties" in node:
        yield from _object_problems(value, node["properties"], definitions, path, of)
    elif isinstance(value, list | tuple) and "items" in node:
        for index, item in enumerate(value):
            yield from property_problems(item, node["items"], definitions, (*path, index), of)
    elif "enum" in node and not any(str(value) == str(each) for each in node["enum"]):
        known = [*map(str, node["enum"])]
        noun = f"value of {last_of(path)} of {of.kind}"
        yield unlisted(of.code, path, str(value), known, noun)
    else:
        yield from _limit_problems(value, node, path, of)


def _limit_problems(value: Any, node: Schema, path: Path, of: Properties) -> Iterator[Problem]:
    size = len(str(value)) if "minLength" in node or "maxLength" in node else _number(value)
    low, high = (node.get(f"{end}imum", node.get(f"{end}Length")) for end in ("min", "max"))
    if size is not None and not (size >= (size if low is None else low) and size <= (size if high is None else high)):
        limits = f"{low} or more" if high is None else f"{high} or less" if low is None else f"{low} to {high}"
        is_text = "maxLength" in node or "minLength" in node
        demand = f"have {limits} characters" if is_text else f"be {limits}"
        text = f"{last_of(path)} must {demand}, got {quoted(value, 60)}"
        yield Problem(of.code, path, text, f"see {of.kind}", "warning")


def _number(value: Any) -> float | None:
    try:
        return None if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return None


def _object_problems(
    value: Mapping[Any, Any],
    known: Mapping[str, Schema],
    definitions: Mapping[str, Schema],
    path: Path,
    of: Properties,
) -> Iterator[Problem]:
    is_resource = path == of.path
    for key, item in value.items():
        inner = (*path, str(key))
        if key in known:
            yield from property_problems(item, known[key], definitions, inner, of)
        elif of.is_override and is_resource and key == "Properties":
            yield Problem(of.code, inner, "Properties is not a property", "move its content one level up")
        elif of.is_override and is_resource and key in _ATTRIBUTES:
            text = f"{key} is not a property; overrides only change properties"
            yield Problem(of.code, inner, text, "remove it")
        else:
            near = closest(str(key), known)
            fix = did_you_mean(near) or f"properties are {', '.join(known)}"
            where = of.kind if is_resource else f"{last_of(path)} of {of.kind}"
            # A name that differs only in case is wrong; any other can be newer than the schemas.
            severity: Severity = "error" if near.lower() == str(key).lower() else "warning"
            yield Problem(of.code, inner, f"unknown property {quoted(key)} of {where}", fix, severity)


_NOUNS = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "object": "a mapping",
    "string": "text",
}


def _is(value: Any, kind: str) -> bool:
    """Return whether a value has a type. CloudFormation converts between strings, numbers and booleans."""
    if kind == "array":
        return isinstance(value, list | tuple)
    if kind == "object":
        return isinstance(value, Mapping)
    if isinstance(value, Mapping | list | tuple):
        return False
    if "{{resolve:" in str(value):
        return True
    if kind == "boolean":
        return str(value).lower() in ("true", "false")
    if kind == "integer":
        return not isinstance(value, bool) and re.fullmatch(r"[-+]?\d+(?:\.0*)?", str(value)) is not None
    if kind == "number":
        return not isinstance(value, bool) and re.fullmatch(r"[-+]?[\d.]+(?:[eE][-+]?\d+)?", str(value)) is not None
    return True
