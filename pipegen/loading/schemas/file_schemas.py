"""The JSON Schemas of files, for editors: of definitions, with or without a blueprint, of fleets and of blueprints."""

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
    """The schema of a definition's file.

    One with a blueprint sets only what differs, so no key of its mappings is required, and of items of lists that have
    names only these; other items, which replace those of the blueprint, are whole. `with` has the parameters of every
    blueprint that can be named; a schema knows nothing of those that are named by path.
    """
    schema, blueprints = json_schema(), _blueprints(fleet)
    own, parts = schema["properties"], Parts(schema["$defs"])
    environments = _environments(fleet)
    over = {key: parts.of(each) for key, each in own.items()}
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
        "$defs": {**schema["$defs"], **parts.made},
    }


def fleet_schema(fleet: Fleet | None = None) -> Json:
    """The schema of a pipegen.yaml, whose defaults are those of definitions."""
    from pipegen.loading.blueprints.argument_schemas import shared_arguments_schema
    from pipegen.loading.fleet import FleetData

    schema, definition = schema_of(FleetData), json_schema()
    parts = Parts(definition["$defs"])
    arguments = shared_arguments_schema(_blueprints(fleet).values())
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
    defs = {**definition["$defs"], **parts.made, **schema["$defs"]}
    return {"title": "A pipegen fleet", **schema, "properties": properties, "$defs": defs}


def blueprint_schema(fleet: Fleet | None = None) -> Json:
    """The schema of a blueprint.yaml, whose definition has expressions. One that extends another has only what
    differs."""
    from pipegen.loading.blueprints.blueprint import BlueprintData

    schema, definition = schema_of(BlueprintData), json_schema()
    templates = Templates(definition["$defs"])
    described = schema["properties"]["definition"]["description"]
    keys = {**definition["properties"], "environments": _environments(None)}
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
        "$defs": {**schema["$defs"], **parts.made, **templates.made},
    }


def _extends(fleet: Fleet | None) -> Json:
    names = [{"const": name, "description": each.data.summary} for name, each in _blueprints(fleet).items()]
    return {
        "description": "The blueprint that this one extends: a name, or a path that begins with ./ or ../ and is seen "
        "from this file.",
        "anyOf": [*names, {"type": "string", "pattern": r"^(?:_?[A-Za-z0-9][A-Za-z0-9_-]{0,63}$|\.\.?/)"}],
    }


def foundation_schema() -> Json:
    """The schema of a foundation, which a pipegen.yaml has under `foundation`."""
    from pipegen.pipeline.foundation import Foundation

    return {"title": "A pipegen foundation", **schema_of(Foundation)}


_EXTENSION = "Anchors for the rest of the file."
_ARGUMENTS: Json = {
    "description": "The blueprint's arguments, by name.",
    "type": ["object", "null"],
    "additionalProperties": {"description": "An argument of the blueprint."},
}


def _blueprints(fleet: Fleet | None) -> Mapping[str, Blueprint]:
    """Those that can be named, and read."""
    from pipegen.loading.blueprints.catalog import catalog, read_blueprint

    found = {}
    for name, each in catalog(fleet).items():
        try:
            found[name] = read_blueprint(each.directory, fleet)
        except InvalidDefinition:
            continue  # an editor shows what is wrong in its own file
    return found


def _blueprint(blueprints: Mapping[str, Blueprint]) -> Json:
    names = [{"const": name, "description": each.data.summary} for name, each in blueprints.items()]
    return {
        "description": "The blueprint that makes this definition: a name, or a path that begins with ./ or ../.",
        "anyOf": [*names, _REFERENCE],
    }


def _environments(fleet: Fleet | None) -> Json:
    names = [] if fleet is None else [*fleet.data.environments]
    return {
        "description": "The fleet's environments where its stacks are deployed. Default: all of them.",
        "type": "array",
        "items": {"type": "string", **({"enum": names} if names else {})},
        "minItems": 1,
    }


def _by_name(blueprints: Mapping[str, Blueprint], fleet: Fleet | None) -> list[Json]:
    """What holds for the definitions of each blueprint."""
    from pipegen.loading.blueprints.argument_schemas import arguments_schema

    found = []
    for name, blueprint in blueprints.items():
        arguments = arguments_schema(blueprint, () if fleet is None else fleet.arguments())
        needed = {"required": ["with"]} if arguments["required"] else {}
        is_named = {"properties": {"blueprint": {"const": name}}, "required": ["blueprint"]}
        found.append({"if": is_named, "then": {"properties": {"with": arguments}, **needed}})
    return found
