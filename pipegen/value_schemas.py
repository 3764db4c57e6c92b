"""The JSON schemas of values: the grammar of `values.from_data` and `values.list_from_data`, for editors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipegen.expressions import SUB_TEXT

_VALUE = {"$ref": "#/$defs/Value"}
_LIST = {"$ref": "#/$defs/ListExpression"}
_TEXT = {"type": "string"}
_SOME_TEXT = {"type": "string", "minLength": 1}
_CLOSED = {"type": "string", "pattern": SUB_TEXT}
_VARIABLES = {"type": "object", "additionalProperties": _VALUE, "minProperties": 1}
_SOME_VALUES = {"type": "array", "items": _VALUE, "minItems": 1}
_NAMED = {**_VALUE, "type": "object", "anyOf": [{"required": ["Ref"]}, {"required": ["Fn::FindInMap"]}]}
_OF_MAP = {"anyOf": [_SOME_TEXT, _NAMED]}


def _items(*items: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "prefixItems": list(items), "minItems": len(items), "maxItems": len(items)}


def _function(name: str, argument: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": {name: argument}, "required": [name], "additionalProperties": False}


_NUMBER = {"anyOf": [{"type": "integer"}, _VALUE]}
_CIDR = {"type": "array", "prefixItems": [_VALUE], "items": _NUMBER, "minItems": 2, "maxItems": 3}
_EXPRESSION = {
    "anyOf": [
        {**_VALUE, "type": "object"},
        _LIST,
        _function("Fn::GetAZs", _VALUE),
        _function("Fn::Cidr", _CIDR),
    ]
}
_BRANCH = {"anyOf": [{"type": "array", "items": _VALUE}, _LIST]}
_ARGUMENTS: Mapping[str, Mapping[str, Any]] = {
    "Ref": _SOME_TEXT,
    "Fn::Sub": {"anyOf": [_CLOSED, _items(_CLOSED, _VARIABLES)]},
    "Fn::GetAtt": {"anyOf": [{"type": "string", "pattern": r"^[^.]+\.[\s\S]"}, _items(_SOME_TEXT, _SOME_TEXT)]},
    "Fn::ImportValue": _VALUE,
    "Fn::Join": _items(_TEXT, {"anyOf": [_EXPRESSION, _SOME_VALUES]}),
    "Fn::Select": _items({"type": "integer", "minimum": 0}, {"anyOf": [_TEXT, _EXPRESSION, _SOME_VALUES]}),
    "Fn::Split": _items(_SOME_TEXT, _VALUE),
    "Fn::If": _items(_SOME_TEXT, _VALUE, _VALUE),
    "Fn::FindInMap": _items(_OF_MAP, _OF_MAP, _OF_MAP),
}

VALUE_JSON_SCHEMA: Mapping[str, Any] = {
    "description": "Text, or a CloudFormation expression.",
    "anyOf": [_TEXT, *(_function(name, argument) for name, argument in _ARGUMENTS.items() if name != "Fn::Split")],
}
"""The same grammar as `from_data`; a test holds the two to one verdict."""

LIST_JSON_SCHEMA: Mapping[str, Any] = {
    "description": "A CloudFormation expression that yields a list.",
    "anyOf": [
        *(_function(name, _ARGUMENTS[name]) for name in ("Ref", "Fn::GetAtt", "Fn::Split", "Fn::FindInMap")),
        _function("Fn::If", _items(_SOME_TEXT, _BRANCH, _BRANCH)),
    ],
}
"""The same grammar as `list_from_data`."""
