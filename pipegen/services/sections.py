"""Sections of a service for environments, as a field. They are read after they are merged over the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pipegen.errors import Path
from pipegen.fields.base import Json, Reading, Schemas, Type
from pipegen.fields.words import is_expression
from pipegen.frozen import frozen


@frozen
class SectionsType:
    """Sections by the names of environments, or a list of these names."""

    expected: str = "a mapping of the names of environments, or a list of names"

    def fits(self, data: Any) -> bool:
        return isinstance(data, list | tuple | Mapping)

    def read(self, data: Any, path: Path, reading: Reading) -> Any:
        if isinstance(data, list | tuple) and all(isinstance(each, str) for each in data):
            return data
        if (
            isinstance(data, Mapping)
            and not is_expression(data)
            and all(isinstance(each, Mapping | None) for each in data.values())
        ):
            return data
        return reading.wrong_type(path, self.expected, data, "write NAME: {KEY: VALUE}")

    def schema(self, _schemas: Schemas) -> Json:
        section = {"type": ["object", "null"]}
        names = {"items": {"type": "string"}, "type": "array"}
        return {"anyOf": [{"additionalProperties": section, "type": "object"}, names]}


class Sections:
    """Marks a field whose value are sections for environments."""

    @staticmethod
    def type_of(_resolve: Callable[[Any], Type], _plain: Any) -> Type:
        return SectionsType()
