"""What a value that refers to something may be: its texts, and the parameters that it takes them from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pipegen.errors import Path
from pipegen.facts import enum
from pipegen.values.expression import Expression
from pipegen.values.lists import is_list_type
from pipegen.values.possible import possible_lists, possible_texts
from pipegen.values.shape import branches_of, shape

Declared = Mapping[str, Any]
"""The parameters and mappings of a template, in its own form."""


def references_in(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """The texts and expressions of a value that refer to something, with their places; those in the branches of an
    `!If` have its place."""
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
    """The texts that an expression may be, or the items of its list."""
    function, argument = next(iter(value.data.items()))
    is_ref = function == "Ref"
    if not (is_ref and is_list_type(str(declared["Parameters"].get(argument, {}).get("Type")))):
        yield from possible_texts(value, declared)
        if is_ref:
            return
    for items in possible_lists(value, declared):
        yield from (each.strip() for each in items)


def parameters_of(value: Any, declared: Declared) -> Iterator[tuple[str, str]]:
    """The parameters that a value is, or an item of which it is, and AWS's types of their values, which are empty for
    plain texts."""
    whole = shape(value)
    form: Any = getattr(whole.gaps[0] if whole.is_gap else value, "data", None)
    if not isinstance(form, Mapping) or len(form) != 1:
        return
    [(function, argument)] = form.items()
    if function == "Fn::Select" and not isinstance(argument[1], list | tuple):
        yield from parameters_of(argument[1], declared)
    elif function == "Ref" and argument in declared.get("Parameters", {}):
        yield argument, value_type(str(declared["Parameters"][argument].get("Type")))


def is_known_type(kind: str) -> bool:
    """Whether parameters have values of this type; one that they do not have is reported where it is declared."""
    return kind in map(value_type, enum("cloudformation.ParameterType"))


def value_type(parameter: str) -> str:
    """AWS's type of a parameter's values, or of the items of its list; nothing where it is any text. A number refers to
    nothing either."""
    inside = re.sub(r"^AWS::SSM::Parameter::Value<(.+)>$", r"\1", parameter)
    inside = re.sub(r"^List<(.+)>$", r"\1", inside)
    return inside if inside.startswith("AWS::") or inside == "Number" else ""
