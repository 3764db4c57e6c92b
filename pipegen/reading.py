"""Reading data and checking objects strictly, with all problems at once.

Models do not refer to kinds: they contain `Action`, `Rule` and `Notification`, whose kinds are looked up here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from pipegen.errors import InvalidDefinition, Path, Problem
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


def _notification(types: Types) -> Type:
    from pipegen.notifications.kinds import KINDS
    from pipegen.pipeline.notification import Notification

    return KindType(KINDS, types.of, base=Notification, noun="notification")


def _service(types: Types) -> Type:
    from pipegen.services.service import EcsService

    return types.of(EcsService)


TYPES = Types({"Action": _action, "EcsService": _service, "Notification": _notification, "Rule": _rule})
"""The types of all models. Kinds that a definition does not use are not imported."""


def read_as(annotation: Any, data: Any, unknown: UnknownKey = unknown_key, advice: Advice = no_advice) -> Any:
    """Read a value from the data of a file. Raises InvalidDefinition, with paths in `data`."""
    value, problems = _read(annotation, data, Reading(unknown=unknown, advice=advice))
    if problems:  # reading again finds the literals that violate constraints as well
        _, problems = _read(annotation, data, Reading(unknown=unknown, advice=advice, possible=_literal))
        raise InvalidDefinition(problems)
    return value


def _literal(value: Any) -> Iterable[Any]:
    return () if isinstance(value, Expression) else (value,)


def check_as(
    annotation: type[M],
    value: M,
    possible: Possible = no_values,
    declared: Mapping[str, Any] | None = None,
    references: list[Any] | None = None,
    expressions: list[Path] | None = None,
    *,
    parameters: list[tuple[str, str]] | None = None,
    resolves: bool = False,
) -> tuple[M, list[Problem]]:
    """Check an object. Returns it, or a copy with values in their normal form, and the problems with constraints.

    possible: returns the possible values of a value, which must meet the constraints.
    declared: the parameters and mappings of the template; if set, references to them are checked.
    references: collects the references that were found.
    expressions: collects the paths of expressions whose values are checked.
    parameters: collects the names that expressions refer to, each with what the field expects.
    resolves: whether expressions with a single possible number are replaced by it.
    Raises InvalidDefinition if a type is wrong.
    """
    reading = Reading(is_python=True, possible=possible, declared=declared, resolves=resolves)
    checked, problems = _read(annotation, value, reading)
    if checked is INVALID:
        raise InvalidDefinition(problems)
    if references is not None:
        references += reading.references
    if expressions is not None:
        expressions += reading.expressions
    if parameters is not None:
        parameters += reading.parameters
    return checked, problems


def _read(annotation: Any, data: Any, reading: Reading) -> tuple[Any, list[Problem]]:
    try:
        value = TYPES.of(annotation).read(data, (), reading)
    except RecursionError:
        raise InvalidDefinition([Problem("wrong-type", (), "is nested too deep", "flatten it")]) from None
    return value, reading.problems
