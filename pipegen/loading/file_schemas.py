"""The JSON Schemas of definitions, fleets, blueprints and foundations, for editors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pipegen.errors import InvalidDefinition
from pipegen.fields.base import Json
from pipegen.loading.schemas.schema import json_schema, schema_of
from pipegen.loading.schemas.variants import Parts, Templates

if TYPE_CHECKING:
    from pipegen.loading.blueprints.blueprint import Blueprint
    from pipegen.loading.fleet import Fleet

_REFERENCE = {"type": "string", "pattern": r"^(?:[A-Za-z0-9][A-Za-z0-9_-]{0,63}$|\.\.?/)"}


def definition_schema(fleet: Fleet | None = None) -> Json:
    """The schema of the file of a definition.

    A file that uses a blueprint sets only the differences: keys of its mappings are not required, and items of lists
    require only their names. `with` has the parameters of the blueprints in the catalog; those of blueprints that are
    named by their paths are unknown.
    """
    schema, blueprints = _with_sections(fleet), _blueprints(fleet)
    own, parts = schema["properties"], Parts(schema["$defs"])
    environments: Json = {"anyOf": [_environments(fleet), own["environments"]]}
    over = {key: parts.of(each) for key, each in own.items()}
    own = {**own, "services": {**own["services"], "additionalProperties": _SERVICE}}
    beside = {"blueprint": _blueprint(blueprints), "with": _ARGUMENTS, "environments": environments}
    elsewhere: Json = {key: {} for key in beside}
    others: Json = {"patternProperties": {"^x-": {"description": _EXTENSION}}, "additionalProperties": False}
    return {
        "$schema": schema["$schema"],
        "title": "A pipegen definition",
        "description": schema["description"],
        "type": "object",
        "properties": beside,
        "if": {"required": ["blueprint"]},
        "then": {"properties": {**over, **elsewhere}, **others, "allOf": _by_name(blueprints, fleet)},
        "else": {"properties": {**own, "environments": {}}, "required": [*schema["required"]], **others},
        "$defs": {**schema["$defs"], **parts.definitions},
    }


def fleet_schema(fleet: Fleet | None = None) -> Json:
    """The schema of a pipegen.yaml."""
    from pipegen.loading.blueprints.argument_schemas import shared_arguments_schema
    from pipegen.loading.fleet import FleetData

    schema, definition = schema_of(FleetData), _with_sections(fleet)
    parts = Parts(definition["$defs"])
    arguments = shared_arguments_schema(_blueprints(fleet).values(), _names(fleet))
    defaults: Json = {
        "description": schema["properties"]["defaults"]["description"],
        "type": "object",
        "properties": {
            **{key: parts.of(each) for key, each in definition["properties"].items()},
            "with": arguments,
            "environments": _environments(fleet),
        },
        "additionalProperties": False,
    }
    properties = {**schema["properties"], "defaults": defaults}
    defs = {**definition["$defs"], **parts.definitions, **schema["$defs"]}
    return {"title": "A pipegen fleet", **schema, "properties": properties, "$defs": defs}


def blueprint_schema(fleet: Fleet | None = None) -> Json:
    """The schema of a blueprint.yaml. Its definition can contain expressions, and a blueprint that extends another one
    contains only the differences."""
    from pipegen.loading.blueprints.blueprint import BlueprintData

    schema, definition = schema_of(BlueprintData), _with_sections(None)
    templates = Templates(definition["$defs"])
    described = schema["properties"]["definition"]["description"]
    own = definition["properties"]
    keys = {**own, "environments": {"anyOf": [_environments(None), own["environments"]]}}
    made = templates.of({"description": described, "type": "object", "properties": keys, "additionalProperties": False})
    parts, whole = Parts(schema["$defs"]), {key: schema["properties"][key] for key in ("parameters", "files")}
    about = {key: {"description": each["description"]} for key, each in whole.items()}
    return {
        "title": "A pipegen blueprint",
        **{key: each for key, each in schema.items() if key != "required"},
        "properties": {**schema["properties"], "extends": _extends(fleet), "definition": made, **about},
        "if": {"required": ["extends"]},
        "then": {"properties": {key: parts.of(each) for key, each in whole.items()}},
        "else": {"properties": whole, "required": schema["required"]},
        "$defs": {**schema["$defs"], **parts.definitions, **templates.definitions},
    }


def _extends(fleet: Fleet | None) -> Json:
    names = [{"const": name, "description": each.data.summary} for name, each in _blueprints(fleet).items()]
    return {
        "description": "The blueprint that this one extends: a name, or a path relative to this file that begins with "
        "./ or ../.",
        "anyOf": [*names, {"type": "string", "pattern": r"^(?:_?[A-Za-z0-9][A-Za-z0-9_-]{0,63}$|\.\.?/)"}],
    }


def foundation_schema() -> Json:
    """The schema of a foundation, as under `foundation` in a pipegen.yaml."""
    from pipegen.pipeline.foundation import Foundation

    return {"title": "A pipegen foundation", **schema_of(Foundation)}


_EXTENSION = "Anchors for the rest of the file."
_ARGUMENTS: Json = {
    "description": "The blueprint's arguments, by name.",
    "type": ["object", "null"],
    "additionalProperties": {"description": "An argument of the blueprint."},
}


def _blueprints(fleet: Fleet | None) -> Mapping[str, Blueprint]:
    """The blueprints in the catalog that are valid."""
    from pipegen.loading.blueprints.catalog import catalog, read_blueprint

    found = {}
    for name, each in catalog(fleet).items():
        try:
            found[name] = read_blueprint(each.directory, fleet)
        except InvalidDefinition:
            continue  # editors show its problems in its own file
    return found


def _blueprint(blueprints: Mapping[str, Blueprint]) -> Json:
    names = [{"const": name, "description": each.data.summary} for name, each in blueprints.items()]
    return {
        "description": "The blueprint that this definition uses: a name, or a path that begins with ./ or ../.",
        "anyOf": [*names, _REFERENCE],
    }


def _with_sections(fleet: Fleet | None) -> Json:
    """The schema of definitions, in which services can have sections for environments."""
    schema = json_schema()
    name: Json = {"enum": names} if (names := _names(fleet)) else {"type": "string"}
    sections: Json = {
        "description": "What differs from the rest of the service in an environment, by the name of the environment. "
        "Mappings and lists of named items are merged; other values replace those of the service. A list of names: "
        "nothing differs.",
        "anyOf": [
            {"type": "object", "additionalProperties": {"$ref": "#/$defs/EcsService"}, "propertyNames": name},
            {"type": "array", "items": name, "minItems": 1},
        ],
    }
    service = schema["$defs"]["EcsService"]
    changed = {**service, "properties": {**service["properties"], "environments": sections}}
    return {**schema, "$defs": {**schema["$defs"], "EcsService": changed}}


_SERVICE: Json = {
    "if": {"type": "object", "required": ["environments"]},
    "then": {"$ref": "#/$defs/EcsServicePart"},
    "else": {"$ref": "#/$defs/EcsService"},
}
"""The schema of a service: if it has sections for environments, these complete it."""


def _names(fleet: Fleet | None) -> list[str]:
    return [] if fleet is None else [*fleet.data.environments]


def _environments(fleet: Fleet | None) -> Json:
    names = _names(fleet)
    return {
        "description": "The environments of the fleet that the stacks are deployed to. Default: all.",
        "type": "array",
        "items": {"type": "string", **({"enum": names} if names else {})},
        "minItems": 1,
    }


def _by_name(blueprints: Mapping[str, Blueprint], fleet: Fleet | None) -> list[Json]:
    """The schemas of the arguments of each blueprint."""
    from pipegen.loading.blueprints.argument_schemas import arguments_schema

    schemas = []
    for name, blueprint in blueprints.items():
        arguments = arguments_schema(blueprint, () if fleet is None else fleet.arguments(), _names(fleet))
        required = {"required": ["with"]} if arguments["required"] else {}
        is_named = {"properties": {"blueprint": {"const": name}}, "required": ["blueprint"]}
        schemas.append({"if": is_named, "then": {"properties": {"with": arguments}, **required}})
    return schemas
