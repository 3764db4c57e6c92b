"""The type to declare a parameter with, from the fields that refer to it."""

from __future__ import annotations

from typing import Any

from pipegen.checks.values.constraints import check_fields
from pipegen.facts import enum
from pipegen.model.stack_settings import StackSettings
from pipegen.references.mark import LocatedReference
from pipegen.values.expression import Expression
from pipegen.values.lists import A_LIST

_TYPES = {A_LIST: "CommaDelimitedList", "a number": "Number"}


def parameter_type(name: str, definition: StackSettings) -> str:
    """Return the type of a parameter that the first field that refers to it accepts."""
    references: list[LocatedReference] = []
    parameters: list[tuple[str, str]] = []
    model: type[Any] = type(definition)
    check_fields(definition, model, references, parameters=parameters)
    found = (each for each in references if isinstance(each.value, Expression) and each.value.data.get("Ref") == name)
    first = next(found, None)
    if first is None:
        return _TYPES.get(next((expected for used, expected in parameters if used == name), ""), "String")
    of_list = f"List<{first.mark.parameter}>"
    if not first.is_list:
        return first.mark.parameter
    return of_list if of_list in enum("cloudformation.ParameterType") else "CommaDelimitedList"


def declaration(name: str, definition: StackSettings) -> str:
    """Return the fix for a parameter that is not declared."""
    return f"declare it: parameters: {{{name}: {{Type: {parameter_type(name, definition)}}}}}"
