"""Variants of schemas: for data that is merged over other data, and for blueprints, which contain expressions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipegen.fields.base import Json, alternatives
from pipegen.loading.yaml.merging import IDENTITIES
from pipegen.values.schemas import DEFINITIONS

_WHOLE = ("required", "minProperties", "default")
"""Keywords that apply only to complete mappings."""
_EXPANDED = (*_WHOLE, "maxProperties", "minItems", "maxItems", "propertyNames")
"""Keywords that apply only after `when` and `loop` are evaluated."""
_EXPRESSION = r"\{\{"
_HAS_EXPRESSION = {"type": "string", "pattern": _EXPRESSION}
_KEYWORDS = {
    "when": {"description": "Whether the mapping is included: true, false or an expression."},
    "loop": {
        "description": "A list; the mapping is repeated for each of its items. Expressions refer to it as `item`."
    },
}
_IS_REMOVED = {"description": "false removes the inherited mapping.", "const": False}
_REMOVAL = {"type": "object", "properties": {"when": _IS_REMOVED}, "required": ["when"]}
_OMITTED = {"type": "string", "pattern": r"^\{\{\s*omit\s*\}\}$"}
_REMOVAL_OR_OMITTED: Json = {"description": "Removes the inherited value.", "anyOf": [_REMOVAL, _OMITTED]}
_TEXT = {"type": "string"}
_DATA = "#/$defs/Data"


class Parts:
    """Schemas of data that is merged over other data. Mappings and named items of lists can be incomplete, other items
    cannot. definitions: the definitions that the schemas refer to."""

    suffix = "Part"
    dropped: tuple[str, ...] = _WHOLE
    removal: Json = _REMOVAL
    """The schema of unknown keys: if the kind changes, the keys of the inherited kind are removed."""

    def __init__(self, whole: Mapping[str, Any]) -> None:
        self._whole = whole
        self.definitions: dict[str, Any] = {}

    def of(self, schema: Any) -> Any:
        """The variant of a schema."""
        if not isinstance(schema, dict):
            return schema
        if "$ref" in schema:
            return {**schema, "$ref": self._reference(schema["$ref"])}
        found = {key: each for key, each in schema.items() if key not in (*self.dropped, "oneOf", "anyOf")}
        self._add_inside(found)
        if choices := [*schema.get("oneOf", ()), *schema.get("anyOf", ())]:  # several may fit
            found["anyOf"] = [self.of(each) for each in choices]
        if "oneOf" in schema:
            found["anyOf"] += self._of_any_kind(schema["oneOf"])
        return found

    def _of_any_kind(self, _kinds: Sequence[Json]) -> list[Json]:
        """Further schemas of a mapping that has one of several kinds."""
        return []

    def _add_inside(self, schema: Json) -> None:
        if "properties" in schema:
            schema["properties"] = {key: self._value(each) for key, each in schema["properties"].items()}
            self._add_keywords(schema)
        if "additionalProperties" in schema:
            others = schema["additionalProperties"]
            schema["additionalProperties"] = self.removal if others is False else self._value(others)
        if "items" in schema:
            schema["items"] = self._item(schema["items"])

    def _add_keywords(self, schema: Json) -> None:
        schema["properties"] = {"when": _IS_REMOVED, **schema["properties"]}

    def _item(self, schema: Json) -> Any:
        """The schema of an item of a list, which can be incomplete if it has a name."""
        name = next((key for key in IDENTITIES if self._all_require(schema, key)), None)
        return schema if name is None else {**self.of(schema), "required": [name]}

    def _all_require(self, schema: Json, key: str) -> bool:
        if "$ref" in schema:
            name = schema["$ref"].removeprefix("#/$defs/")
            return not self._is_kept(name) and self._all_require(self._whole[name], key)
        choices = [*schema.get("oneOf", ()), *schema.get("anyOf", ())]
        if choices:
            return all(self._all_require(each, key) for each in choices)
        return key in list(schema.get("required", ()))

    def _value(self, schema: Any) -> Any:
        return self.of(schema)

    def _is_kept(self, name: str) -> bool:
        return name in DEFINITIONS

    def _reference(self, reference: str) -> str:
        name = reference.removeprefix("#/$defs/")
        if self._is_kept(name):
            return reference
        if f"{name}{self.suffix}" not in self.definitions:
            self.definitions[f"{name}{self.suffix}"] = {}  # it may be recursive
            self.definitions[f"{name}{self.suffix}"] = self.of(self._whole[name])
        return f"{reference}{self.suffix}"


class Templates(Parts):
    """Schemas of the contents of blueprints: values can be expressions, and mappings can have `when` and `loop`."""

    suffix = "Template"
    dropped = _EXPANDED
    removal: Json = _REMOVAL_OR_OMITTED

    def _add_inside(self, schema: Json) -> None:
        super()._add_inside(schema)
        if schema.get("type") == "object" and "properties" not in schema:
            self._add_keywords(schema)
        if "prefixItems" in schema:
            schema["prefixItems"] = [self._value(each) for each in schema["prefixItems"]]

    def _item(self, schema: Json) -> Any:
        return self._value(schema)

    def _of_any_kind(self, kinds: Sequence[Json]) -> list[Json]:
        """The schema of a mapping whose kind is an expression: it can have the keys of all kinds."""
        found: dict[str, list[Json]] = {}
        for kind in kinds:
            for key, each in self._whole[kind["$ref"].removeprefix("#/$defs/")]["properties"].items():
                found.setdefault(key, []).append(self._value(each))
        properties = {
            key: {"description": each[0]["description"], **alternatives(*each)} for key, each in found.items()
        }
        properties["kind"] = {"description": "The kind, as an expression.", **_HAS_EXPRESSION}
        schema: Json = {"type": "object", "properties": properties, "additionalProperties": False}
        self._add_keywords(schema)
        return [{**schema, "required": ["kind"]}]

    def _add_keywords(self, schema: Json) -> None:
        schema["properties"] = {**schema.get("properties", {}), **_KEYWORDS}
        schema["patternProperties"] = {_EXPRESSION: {"description": "A key that is an expression."}}

    def _value(self, schema: Any) -> Any:
        changed = self.of(schema)
        if not isinstance(schema, dict) or "const" in schema or changed.get("$ref") == _DATA:
            return changed
        choices = changed.pop("anyOf", None)
        about = {key: changed[key] for key in ("description", "default") if key in changed}
        choices = [{key: each for key, each in changed.items() if key != "default"}] if choices is None else choices
        return {**about, "anyOf": [*choices, *([] if _TEXT in choices else [_HAS_EXPRESSION])]}

    def _is_kept(self, name: str) -> bool:
        return name == "Data"

    def _reference(self, reference: str) -> str:
        is_data = reference == "#/$defs/TemplateData"  # arguments of its functions can be expressions
        return _DATA if is_data else super()._reference(reference)
