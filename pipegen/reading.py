"""Data and objects into the model: strict, all errors at once, in words.

The model names no kinds: stages say `Action` and `Rule`, and what these stand for is decided here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from pipegen.errors import InvalidDefinition, Problem
from pipegen.fields.base import (
    INVALID,
    Advice,
    Possible,
    Reading,
    Type,
    UnknownKey,
    no_advice,
    no_values,
    unknown_key,
)
from pipegen.fields.containers import KindType
from pipegen.fields.hints import Types
from pipegen.fields.model import Model
from pipegen.pipeline.action import Action
from pipegen.pipeline.rule import Rule
from pipegen.values.expression import Expression

M = TypeVar("M", bound=Model)


def _action(types: Types) -> Type:
    from pipegen.actions.kinds import KINDS

    return KindType(KINDS, types.of, base=Action, noun="action")


def _rule(types: Types) -> Type:
    from pipegen.conditions.kinds import KINDS

    return KindType(KINDS, types.of, base=Rule, noun="rule")


def _service(types: Types) -> Type:
    from pipegen.services.service import EcsService

    return types.of(EcsService)


TYPES = Types({"Action": _action, "EcsService": _service, "Rule": _rule})
"""Of everything that is read; the kinds that a definition does not use are never imported."""


def read_as(annotation: Any, data: Any, unknown: UnknownKey = unknown_key, advice: Advice = no_advice) -> Any:
    """A value from data of a file. Raises InvalidDefinition; its paths lead into `data`."""
    made, problems = _read(annotation, data, Reading(unknown=unknown, advice=advice))
    if problems:  # reading again finds the literals that violate constraints as well
        _, problems = _read(annotation, data, Reading(unknown=unknown, advice=advice, possible=_literal))
        raise InvalidDefinition(problems)
    return made


def _literal(value: Any) -> Iterable[Any]:
    return () if isinstance(value, Expression) else (value,)


def check_as(
    annotation: type[M],
    value: M,
    possible: Possible = no_values,
    declared: Mapping[str, Any] | None = None,
    references: list[Any] | None = None,
) -> tuple[M, list[Problem]]:
    """An object, checked: itself, or one like it with values in their usual form; and the constraints that the
    `possible` values of its fields do not meet, and the references that are wrong with what a template has `declared`.
    references: takes what was found that refers to something.
    Raises InvalidDefinition where a type is wrong."""
    reading = Reading(is_python=True, possible=possible, declared=declared)
    made, problems = _read(annotation, value, reading)
    if made is INVALID:
        raise InvalidDefinition(problems)
    if references is not None:
        references += reading.references
    return made, problems


def _read(annotation: Any, data: Any, reading: Reading) -> tuple[Any, list[Problem]]:
    try:
        made = TYPES.of(annotation).read(data, (), reading)
    except RecursionError:
        raise InvalidDefinition([Problem("wrong-type", (), "is nested too deep", "flatten it")]) from None
    return made, reading.problems
