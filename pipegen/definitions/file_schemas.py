"""The JSON Schemas of files, for editors: of definitions, with or without a blueprint, of fleets and of blueprints."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from pipegen.definitions.schema import json_schema, schema_of

_PART = "Part"
_WHOLE = ("required", "minProperties", "discriminator", "default")
"""What holds for a mapping that nothing is merged under."""


@cache
def definition_schema() -> Mapping[str, Any]:
    """The schema of a definition's file.

    One with a blueprint needs to say only what differs, so no key of its mappings is required; items of lists, which
    replace those of the blueprint, are whole. What the blueprint makes, and its parameters, a schema cannot know.
    """
    schema = json_schema()
    own, defs = schema["properties"], dict(schema["$defs"])
    beside = _keys_beside()
    parts = _Parts(defs)
    of_service = {**{key: parts.part(each) for key, each in own.items()}, **beside}
    alone = {**own, "environments": beside["environments"]}
    others: dict[str, Any] = {"patternProperties": {"^x-": {}}, "additionalProperties": False}
    return {
        "$schema": schema["$schema"],
        "title": "A pipegen definition",
        "description": schema["description"],
        "type": "object",
        "properties": {key: {"description": each["description"]} for key, each in beside.items()},
        "if": {"required": ["blueprint"]},
        "then": {"properties": of_service, **others},
        "else": {"properties": alone, "required": list(schema["required"]), **others},
        "$defs": {**defs, **parts.made},
    }


def fleet_schema() -> Mapping[str, Any]:
    """The schema of a pipegen.yaml."""
    from pipegen.definitions.fleet import FleetData

    return {"title": "A pipegen fleet", **schema_of(FleetData)}


def blueprint_schema() -> Mapping[str, Any]:
    """The schema of a blueprint.yaml."""
    from pipegen.definitions.blueprint import BlueprintData

    return {"title": "A pipegen blueprint", **schema_of(BlueprintData)}


def _keys_beside() -> dict[str, Any]:
    return {
        "blueprint": {
            "description": "The blueprint that makes this definition: a name, or a path that begins with ./ or ../.",
            "type": "string",
            "pattern": r"^(?:[A-Za-z0-9][A-Za-z0-9_-]{0,63}$|\.\.?/)",
        },
        "with": {"description": "The blueprint's arguments, by name.", "type": ["object", "null"]},
        "environments": {
            "description": "The fleet's environments where its stacks are deployed; all of them unless given.",
            "type": "array",
            "items": {"type": "string"},
            "minItems": 1,
        },
    }


class _Parts:
    """Schemas of mappings that are merged over others."""

    def __init__(self, whole: Mapping[str, Any]) -> None:
        self._whole = whole
        self.made: dict[str, Any] = {}

    def part(self, schema: Any) -> Any:
        """The schema of what may be merged over something that `schema` describes."""
        if not isinstance(schema, dict):
            return schema
        if "$ref" in schema:
            return {**schema, "$ref": self._reference(schema["$ref"])}
        found = {key: each for key, each in schema.items() if key not in (*_WHOLE, "oneOf", "anyOf")}
        if "properties" in schema:
            found["properties"] = {key: self.part(each) for key, each in schema["properties"].items()}
        if "additionalProperties" in schema:
            found["additionalProperties"] = self.part(schema["additionalProperties"])
        choices = [*schema.get("oneOf", ()), *schema.get("anyOf", ())]
        if choices:  # several may fit a part
            found["anyOf"] = [self.part(each) for each in choices]
        return found

    def _reference(self, reference: str) -> str:
        name = reference.removeprefix("#/$defs/")
        if name == "Value":
            return reference
        if f"{name}{_PART}" not in self.made:
            self.made[f"{name}{_PART}"] = {}  # it may be inside itself
            self.made[f"{name}{_PART}"] = self.part(self._whole[name])
        return f"{reference}{_PART}"
