"""The documentation of fields: the string literal below each field in the source."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise
from typing import Any

from pipegen.fields.base import Json


@cache
def documentation(model: Any) -> Mapping[str, str]:
    """The documentation of each field, from the class itself or else from a base class."""
    texts: dict[str, str] = {}
    for each in reversed(model.__mro__):
        if "__dataclass_fields__" in vars(each):
            texts.update(_texts(each))
    return texts


def _texts(model: Any) -> Iterator[tuple[str, str]]:
    [definition] = ast.parse(inspect.cleandoc("\n" + inspect.getsource(model))).body
    body = definition.body if isinstance(definition, ast.ClassDef) else []
    for field, text in pairwise(body):
        match field, text:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(words))):
                yield name, inspect.cleandoc(words)


def documented(schema: Json, text: str) -> Json:
    """Add its documentation to the schema of a field.

    Editors show the innermost description at a key. It is therefore also added to the alternatives that have keys, and
    to the values of a mapping.
    """
    result = schema | {"description": text} if text else dict(schema)
    if "anyOf" in schema:
        result["anyOf"] = [documented(each, text) if _has_keys(each) else each for each in schema["anyOf"]]
    if isinstance(schema.get("additionalProperties"), dict):
        result["additionalProperties"] = documented(schema["additionalProperties"], text)
    return result


def _has_keys(schema: Json) -> bool:
    return "additionalProperties" in schema or ("$ref" in schema and not schema["$ref"].endswith("Expression"))
