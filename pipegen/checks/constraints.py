"""The constraints of fields, which stand in their annotations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from troposphere import AWSHelperFn

from pipegen.errors import Problem
from pipegen.expressions import list_function
from pipegen.fields.base import Reading
from pipegen.governed import Parameter
from pipegen.model import Model
from pipegen.possible import possible_texts
from pipegen.reading import TYPES


def constraints(model: Model) -> list[Problem]:
    """Values that a field's constraints do not admit: literals, and what the defaults and allowed values of parameters
    and the entries of mappings make of expressions."""
    document = _declared(getattr(model, "parameters", {}), getattr(model, "mappings", {}))

    def possible(value: Any) -> Iterable[Any]:
        if not isinstance(value, AWSHelperFn):
            return (value,)
        return () if list_function(value) else possible_texts(value, document)

    reading = Reading(is_python=True, possible=possible)
    TYPES.of(type(model)).read(model, (), reading)
    return reading.problems


def _declared(parameters: Mapping[str, Any], mappings: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a template declares, as `possible_texts` reads it."""
    described = {
        name: {"Type": each.Type, "Default": each.Default, "AllowedValues": each.AllowedValues}
        for name, each in parameters.items()
        if isinstance(each, Parameter)
    }
    return {"Parameters": described, "Mappings": mappings}
