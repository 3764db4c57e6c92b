"""The JSON Schemas of blueprint arguments."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from pipegen.fields.base import Json, alternatives
from pipegen.fields.constraints import KEYWORDS
from pipegen.loading.blueprints.blueprint import Blueprint
from pipegen.loading.blueprints.parameter import BlueprintParameter

_EXPRESSION: Json = {"$ref": "#/$defs/Expression"}
_TYPES: Mapping[str, Json] = {
    "string": {"anyOf": [{"type": "string"}, {"type": "number"}]},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "list": {"type": "array", "items": {"$ref": "#/$defs/Data"}},
    "mapping": {"type": "object", "additionalProperties": {"$ref": "#/$defs/Data"}},
    "value": {"anyOf": [{"type": "string"}, _EXPRESSION, {"type": "number"}]},
    "values": {"anyOf": [{"type": "array", "items": {"$ref": "#/$defs/Data"}}, {"type": "object"}]},
}
_SAME_IN_BOTH = re.compile(
    r"(?!.*(?:--|&&|~~))(?:[^\\()\[\]^$]|\((?!\?)|\(\?:|\)|\\[.\-/\\+*?|(){}\[\]^$]|\[\^?(?:[^\\\[\]^]|\\[.\-\]\[\\^])+\])+"
)
"""Matches patterns that mean the same in Rust's syntax and in ECMAScript's, which JSON Schema uses."""


def arguments_schema(blueprint: Blueprint, from_fleet: Collection[str] = (), environments: Sequence[str] = ()) -> Json:
    """The schema of `with` for a blueprint. from_fleet: the arguments that the fleet sets. environments: those between
    which scalar arguments can differ."""
    parameters = blueprint.data.parameters
    required = [name for name in parameters if blueprint.is_required(name) and name not in from_fleet]
    return {
        "description": f"The arguments of {blueprint.name}: {blueprint.data.summary}",
        "type": "object" if required else ["object", "null"],
        "properties": {name: parameter_schema(blueprint, name, environments) for name in parameters},
        "required": required,
        "additionalProperties": False,
    }


def shared_arguments_schema(blueprints: Iterable[Blueprint], environments: Sequence[str] = ()) -> Json:
    """The schema of default arguments for several blueprints."""
    schemas: dict[str, list[Json]] = {}
    for blueprint in blueprints:
        for name in blueprint.data.parameters:
            schemas.setdefault(name, []).append(parameter_schema(blueprint, name, environments))
    properties = {
        name: {"description": each[0]["description"], **alternatives(*each)} for name, each in schemas.items()
    }
    return {
        "description": "Default arguments for blueprints that have parameters with these names.",
        "type": "object",
        "properties": properties,
    }


def parameter_schema(blueprint: Blueprint, name: str, environments: Sequence[str] = ()) -> Json:
    """The schema of an argument. environments: those between which it can differ, if it is a scalar."""
    parameter, default = blueprint.data.parameters[name], blueprint.default(name)
    schema: Json = {"description": parameter.description or f"An argument of {blueprint.name}."}
    if default is not None:
        schema["default"] = default.data
    if parameter.allowed_values:
        value: Json = {"enum": [*_allowed(parameter)]}
    else:
        value = _bounded(_TYPES[parameter.type], dict(_bounds(parameter)), parameter.pattern is not None)
    if environments and parameter.is_scalar:
        value = alternatives(value, _by_environment({**schema, **value}, environments))
    return {**schema, **value}


def _by_environment(value: Json, environments: Sequence[str]) -> Json:
    """The schema of a mapping from environments to values."""
    return {"type": "object", "propertyNames": {"enum": [*environments]}, "additionalProperties": value}


def _allowed(parameter: BlueprintParameter) -> Iterator[Any]:
    """The allowed values, and the numbers that strings can be written as."""
    for value in parameter.allowed_values:
        yield parameter.as_text(value)
        if parameter.as_text(value) != value:
            yield value
        elif isinstance(value, str) and re.fullmatch(r"0|[1-9][0-9]{0,16}", value):
            yield int(value)


def _bounds(parameter: BlueprintParameter) -> Iterator[tuple[str, Any]]:
    if parameter.minimum is not None:
        yield "minimum", parameter.minimum
    if parameter.maximum is not None:
        yield "maximum", parameter.maximum
    if parameter.pattern is not None and _SAME_IN_BOTH.fullmatch(parameter.pattern):
        yield "pattern", f"^(?:{parameter.pattern})$"
        yield "patternErrorMessage", parameter.demanded_pattern


def _bounded(schema: Json, bounds: Json, has_pattern: bool) -> Json:
    """The schema of a type with the bounds that apply to it. In a list, a pattern applies to the items."""
    if "anyOf" in schema:
        return {"anyOf": [_bounded(each, bounds, has_pattern) for each in schema["anyOf"]]}
    if schema.get("type") == "array" and has_pattern:
        return {**schema, "items": _bounded({"type": "string"}, bounds, has_pattern)}
    return {**schema, **{key: bounds[key] for key in KEYWORDS.get(schema.get("type", ""), ()) if key in bounds}}
