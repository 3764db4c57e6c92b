"""The JSON Schema of a definition for editors, from the types that read definitions and their documentation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from pipegen.definition import Definition
from pipegen.fields.base import Json
from pipegen.reading import TYPES
from pipegen.values.schemas import DEFINITIONS


class _Collected:
    """Collects the schemas of models by name, so that recursive models refer to themselves."""

    def __init__(self) -> None:
        self.models: dict[str, Json] = {}

    def reference(self, model: type, describe: Callable[[], Json]) -> Json:
        name = model.__name__
        if name not in self.models:
            self.models[name] = {}
            self.models[name] = describe()
        return {"$ref": f"#/$defs/{name}"}


@cache
def schema_of(model: type) -> Mapping[str, Any]:
    """The schema of files that are read as this model."""
    collected = _Collected()
    described = TYPES.model(model).described(collected)
    defs = {**dict(sorted(collected.models.items())), **DEFINITIONS}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **described, "$defs": defs}


@cache
def json_schema() -> Mapping[str, Any]:
    """The schema of a definition with all kinds of actions and rules."""
    return {"title": "A pipegen definition", **schema_of(Definition)}


def keys_at(location: Sequence[str | int], kind: str | None, schema: Mapping[str, Any] | None = None) -> list[str]:
    """The keys of the mapping at a location in a definition, or in data that another schema describes."""
    objects = [each["properties"] for each in _objects_at(location, schema)]
    if kind is not None:
        objects = [each for each in objects if each.get("kind", {}).get("const") == kind] or objects
    return list(dict.fromkeys(key for properties in objects for key in properties))


def kinds_at(location: Sequence[str | int]) -> dict[str, list[str]]:
    """The kinds of the mapping at a location in a definition, with the keys of each kind."""
    objects = [each["properties"] for each in _objects_at(location)]
    kinds = {each.get("kind", {}).get("const"): list(each) for each in objects}
    return {kind: keys for kind, keys in kinds.items() if kind is not None}


def unions_at(location: Sequence[str | int]) -> list[tuple[list[str], list[str]]]:
    """The keys and the required keys of each type of mapping that a location in a definition allows."""
    return [(list(each["properties"]), list(each.get("required", ()))) for each in _objects_at(location)]


def _objects_at(location: Sequence[str | int], schema: Mapping[str, Any] | None = None) -> list[Mapping[str, Any]]:
    schema = json_schema() if schema is None else schema
    here = list(_resolved([schema], schema))
    for part in location:
        inside = list(_resolved(_inside(here, part), schema))
        here = inside or here  # locations may contain the names of union members, which schemas do not
    return [each for each in here if "properties" in each]


def _inside(schemas: Iterable[Mapping[str, Any]], part: str | int) -> Iterator[Mapping[str, Any]]:
    for schema in schemas:
        if isinstance(part, int) and "items" in schema:
            yield schema["items"]
        elif isinstance(part, str) and part in schema.get("properties", {}):
            yield schema["properties"][part]
        elif isinstance(part, str) and isinstance(schema.get("additionalProperties"), Mapping):
            yield schema["additionalProperties"]


def _resolved(schemas: Iterable[Mapping[str, Any]], root: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for schema in schemas:
        if "$ref" in schema:
            yield from _resolved([root["$defs"][schema["$ref"].removeprefix("#/$defs/")]], root)
        elif "oneOf" in schema or "anyOf" in schema:
            yield from _resolved([*schema.get("oneOf", ()), *schema.get("anyOf", ())], root)
        else:
            yield schema
