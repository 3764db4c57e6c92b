"""Data and objects into the model: strict, all errors at once, in words.

The model names no kinds: stages say `Action` and `Rule`, and what these stand for is decided here.
"""

from __future__ import annotations

from typing import Any, TypeVar

from pipegen.action import Action
from pipegen.definition import Definition
from pipegen.errors import InvalidDefinition, Problem
from pipegen.fields.base import Advice, Reading, Type, UnknownKey, no_advice, unknown_key
from pipegen.fields.containers import KindType
from pipegen.fields.hints import Types
from pipegen.fields.words import found
from pipegen.model import Model
from pipegen.rule import Rule

M = TypeVar("M")
N = TypeVar("N", bound=Model)


def _action(types: Types) -> Type:
    from pipegen.actions import KINDS

    return KindType(KINDS, types.of, base=Action, noun="action")


def _rule(types: Types) -> Type:
    from pipegen.rules import KINDS

    return KindType(KINDS, types.of, base=Rule, noun="rule")


def _service(types: Types) -> Type:
    from pipegen.services.service import EcsService

    return types.of(EcsService)


TYPES = Types({"Action": _action, "EcsService": _service, "Rule": _rule})
"""Of everything that is read; the kinds that a definition does not use are never imported."""


def read_as(annotation: Any, data: Any, unknown: UnknownKey = unknown_key, advice: Advice = no_advice) -> Any:
    """A value from data of a file. Raises InvalidDefinition; its paths lead into `data`."""
    return _read(annotation, data, Reading(unknown=unknown, advice=advice))


def checked(value: N, expected: type[N]) -> N:
    """A model made in Python, its types checked as those of a file are. Raises InvalidDefinition.

    What was read from a file, or checked before, is returned as it is.
    """
    if type(value) is expected and getattr(value, "_types_are_right", False):
        return value
    if not isinstance(value, expected):
        text = f"expected a pipegen.{expected.__name__}, got {found(value)}"
        fix = "load() reads one from a file" if expected is Definition else f"make one with {expected.__name__}(...)"
        raise InvalidDefinition([Problem("wrong-type", (), text, fix)])
    made: N = _read(expected, value, Reading(is_python=True))
    return known_as_checked(made)


def known_as_checked(value: N) -> N:
    """The same, which is not checked again."""
    object.__setattr__(value, "_types_are_right", True)
    return value


def _read(annotation: Any, data: Any, reading: Reading) -> Any:
    try:
        made = TYPES.of(annotation).read(data, (), reading)
    except RecursionError:
        raise InvalidDefinition([Problem("wrong-type", (), "is nested too deep", "flatten it")]) from None
    if reading.problems:
        raise InvalidDefinition(reading.problems)
    return made
