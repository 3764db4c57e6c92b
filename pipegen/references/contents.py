"""The possible texts of references, and the parameters that they come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pipegen.errors import Path
from pipegen.facts import enum
from pipegen.values.expression import Expression
from pipegen.values.lists import is_list_type
from pipegen.values.possible import possible_lists, possible_texts
from pipegen.values.shape import branches_of, shape

Declared = Mapping[str, Any]
"""The parameters and mappings of a template, as plain data."""


def references_in(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Yield the texts and expressions of a value that are references, with their paths. Branches of an `!If` have its
    path."""
    branches = branches_of(value)
    if branches is not None:
        for branch in branches[1:]:
            yield from ((path, each) for _, each in references_in(branch, path))
    elif isinstance(value, tuple | list):
        for index, each in enumerate(value):
            yield from references_in(each, (*path, index))
    elif isinstance(value, str | Expression):
        yield path, value


def texts_of(value: Expression, declared: Declared) -> Iterator[str]:
    """Yield the possible texts of an expression, or the items of its possible lists."""
    function, argument = next(iter(value.data.items()))
    is_ref = function == "Ref"
    if not (is_ref and is_list_type(str(declared["Parameters"].get(argument, {}).get("Type")))):
        yield from possible_texts(value, declared)
        if is_ref:
            return
    for items in possible_lists(value, declared):
        yield from (each.strip() for each in items)


def parameters_of(value: Any, declared: Declared) -> Iterator[tuple[str, str]]:
    """Yield the names of the parameters that a value is or selects an item of, with AWS's type of their values; the
    type is empty for plain text."""
    whole = shape(value)
    form: Any = getattr(whole.gaps[0] if whole.is_gap else value, "data", None)
    if not isinstance(form, dict) or len(form) != 1:
        return
    [(function, argument)] = form.items()
    if function == "Fn::Select" and not isinstance(argument[1], list | tuple):
        yield from parameters_of(argument[1], declared)
    elif function == "Ref" and argument in declared.get("Parameters", {}):
        yield argument, value_type(str(declared["Parameters"][argument].get("Type")))


def is_known_type(kind: str) -> bool:
    """Return whether AWS defines this type of parameter values; unknown types are reported where they are declared."""
    return kind in map(value_type, enum("cloudformation.ParameterType"))


def value_type(parameter: str) -> str:
    """Return AWS's type of a parameter's values or list items, `Number`, or an empty text for plain text."""
    inside = parameter
    for prefix in ("AWS::SSM::Parameter::Value<", "List<"):
        if inside.startswith(prefix) and inside.endswith(">"):
            inside = inside[len(prefix) : -1]
    return inside if inside.startswith("AWS::") or inside == "Number" else ""
