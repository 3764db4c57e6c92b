"""The JSON Schemas of values for editors: the grammar of `values.from_data` and `values.list_from_data`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipegen.errors import LIMIT_NUMBER
from pipegen.values.functions import SUB_TEXT

_VALUE = {"$ref": "#/$defs/Value"}
_LIST = {"$ref": "#/$defs/ListExpression"}
_TEXT = {"type": "string"}
_SOME_TEXT = {"type": "string", "minLength": 1}
_CLOSED = {"type": "string", "pattern": SUB_TEXT}
_VARIABLES = {"type": "object", "additionalProperties": _VALUE, "minProperties": 1}
_SOME_VALUES = {"type": "array", "items": _VALUE, "minItems": 1}
_NAMED = {"$ref": "#/$defs/Expression", "anyOf": [{"required": ["Ref"]}, {"required": ["Fn::FindInMap"]}]}
_OF_MAP = {"anyOf": [_SOME_TEXT, _NAMED]}


def _items(*items: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "prefixItems": list(items), "minItems": len(items), "maxItems": len(items)}


def _functions(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of a call of a function: a mapping with its name as the only key."""
    described = {
        name: {**each, "description": f"The CloudFormation function {name}."} for name, each in arguments.items()
    }
    return {
        "type": "object",
        "properties": described,
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": False,
    }


_NUMBER = {"anyOf": [{"type": "integer"}, _VALUE]}
_CIDR = {"type": "array", "prefixItems": [_VALUE], "items": _NUMBER, "minItems": 2, "maxItems": 3}
_LISTS_OF_AWS: Mapping[str, Mapping[str, Any]] = {"Fn::GetAZs": _VALUE, "Fn::Cidr": _CIDR}
_EXPRESSION = {"anyOf": [{"$ref": "#/$defs/Expression"}, _LIST, _functions(_LISTS_OF_AWS)]}
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

_LISTS = {name: _ARGUMENTS[name] for name in ("Ref", "Fn::GetAtt", "Fn::Split", "Fn::FindInMap")}


def _data(name: str, description: str) -> Mapping[str, Any]:
    return {
        "description": description,
        "exclusiveMinimum": -LIMIT_NUMBER,
        "exclusiveMaximum": LIMIT_NUMBER,
        "additionalProperties": {"$ref": f"#/$defs/{name}"},
        "items": {"$ref": f"#/$defs/{name}"},
    }


DEFINITIONS: Mapping[str, Mapping[str, Any]] = {
    "Value": {"anyOf": [_TEXT, {"$ref": "#/$defs/Expression"}]},
    "Expression": _functions({name: each for name, each in _ARGUMENTS.items() if name != "Fn::Split"}),
    "ListExpression": _functions({**_LISTS, "Fn::If": _items(_SOME_TEXT, _BRANCH, _BRANCH)}),
    "Data": _data("Data", "Free data, which becomes part of the template."),
    "TemplateData": {
        "type": ["object", "array", "string", "number", "boolean"],  # CloudFormation rejects null in a template
        **_data("TemplateData", "A part of the template in CloudFormation's syntax."),
        "if": {"type": "object", "maxProperties": 1},
        "then": {
            "properties": {
                **_ARGUMENTS,
                **_LISTS_OF_AWS,
                "Fn::If": {"type": "array", "items": {"$ref": "#/$defs/TemplateData"}},
            }
        },
    },
}
"""The definitions that schemas of fields refer to. A test compares them with `from_data` and `list_from_data`."""
