"""Variants of schemas: of what is merged over something else, and of what has a blueprint's expressions in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipegen.fields.base import Json, alternatives
from pipegen.loading.yaml.merging import IDENTITIES
from pipegen.values.schemas import DEFINITIONS

_WHOLE = ("required", "minProperties", "default")
"""What holds for a mapping that nothing is merged under."""
_FILLED_IN = (*_WHOLE, "maxProperties", "minItems", "maxItems", "propertyNames")
"""What holds once `when` and `loop` have left out and repeated items."""
_EXPRESSION = r"\{\{"
_HAS_EXPRESSION = {"type": "string", "pattern": _EXPRESSION}
_KEYWORDS = {
    "when": {"description": "The mapping is left out unless this is true: true, false or an expression."},
    "loop": {"description": "The item is repeated for each item of this list, which expressions call `item`."},
}
_IS_REMOVED = {"description": "false removes what is inherited.", "const": False}
_REMOVAL = {"type": "object", "properties": {"when": _IS_REMOVED}, "required": ["when"]}
_OMITTED = {"type": "string", "pattern": r"^\{\{\s*omit\s*\}\}$"}
_REMOVAL_OR_OMITTED: Json = {"description": "Removes what is inherited.", "anyOf": [_REMOVAL, _OMITTED]}
_TEXT = {"type": "string"}


class Parts:
    """Schemas of what is merged over something else, so that mappings, and items of lists that have names, need not be
    complete. Other items are whole. made: the definitions that the schemas refer to."""

    suffix = "Part"
    dropped: tuple[str, ...] = _WHOLE
    removal: Json = _REMOVAL
    """What a key may be that the mapping does not have: those of another kind are removed where the kind changes."""

    def __init__(self, whole: Mapping[str, Any]) -> None:
        self._whole = whole
        self.made: dict[str, Any] = {}

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
        """What a mapping may be besides one of the kinds."""
        return []

    def _add_inside(self, found: Json) -> None:
        if "properties" in found:
            found["properties"] = {key: self._value(each) for key, each in found["properties"].items()}
            self._add_keywords(found)
        if "additionalProperties" in found:
            others = found["additionalProperties"]
            found["additionalProperties"] = self.removal if others is False else self._value(others)
        if "items" in found:
            found["items"] = self._item(found["items"])

    def _add_keywords(self, found: Json) -> None:
        found["properties"] = {"when": _IS_REMOVED, **found["properties"]}

    def _item(self, schema: Json) -> Any:
        """An item of a list, which may be the part of one where its name says of which."""
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
        if f"{name}{self.suffix}" not in self.made:
            self.made[f"{name}{self.suffix}"] = {}  # it may be inside itself
            self.made[f"{name}{self.suffix}"] = self.of(self._whole[name])
        return f"{reference}{self.suffix}"


class Templates(Parts):
    """Schemas of what a blueprint holds: any value may be an expression, and any mapping may have `when` and `loop`."""

    suffix = "Template"
    dropped = _FILLED_IN
    removal: Json = _REMOVAL_OR_OMITTED

    def _add_inside(self, found: Json) -> None:
        super()._add_inside(found)
        if found.get("type") == "object" and "properties" not in found:
            self._add_keywords(found)
        if "prefixItems" in found:
            found["prefixItems"] = [self._value(each) for each in found["prefixItems"]]

    def _item(self, schema: Json) -> Any:
        return self._value(schema)

    def _of_any_kind(self, kinds: Sequence[Json]) -> list[Json]:
        """One whose kind an expression gives, so that its keys are those of all kinds."""
        found: dict[str, list[Json]] = {}
        for kind in kinds:
            for key, each in self._whole[kind["$ref"].removeprefix("#/$defs/")]["properties"].items():
                found.setdefault(key, []).append(self._value(each))
        properties = {
            key: {"description": each[0]["description"], **alternatives(*each)} for key, each in found.items()
        }
        properties["kind"] = {"description": "The kind, which an expression gives.", **_HAS_EXPRESSION}
        made: Json = {"type": "object", "properties": properties, "additionalProperties": False}
        self._add_keywords(made)
        return [{**made, "required": ["kind"]}]

    def _add_keywords(self, found: Json) -> None:
        found["properties"] = {**found.get("properties", {}), **_KEYWORDS}
        found["patternProperties"] = {_EXPRESSION: {"description": "A key that an expression gives."}}

    def _value(self, schema: Any) -> Any:
        changed = self.of(schema)
        if not isinstance(schema, dict) or "const" in schema or changed.items() >= {"$ref": "#/$defs/Data"}.items():
            return changed
        choices = changed.pop("anyOf", None)
        about = {key: changed[key] for key in ("description", "default") if key in changed}
        choices = [{key: each for key, each in changed.items() if key != "default"}] if choices is None else choices
        return {**about, "anyOf": [*choices, *([] if _TEXT in choices else [_HAS_EXPRESSION])]}

    def _is_kept(self, name: str) -> bool:
        return name == "Data"
