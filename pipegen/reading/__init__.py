"""Data and objects into the model, by pydantic: strict, all errors at once, in words.

The model names no kinds: stages say `Action` and `Rule`, and what these stand for is decided here, where the adapter is
made. Only the kinds that a definition uses take part, which keeps a single render fast.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pipegen.action import Action
from pipegen.data import is_encodable
from pipegen.definition import Definition
from pipegen.errors import LIMIT_NUMBER, InvalidDefinition, Problem
from pipegen.model import Model, walk
from pipegen.reading.problems import got, last_of, problems_of
from pipegen.rule import Rule
from pipegen.values import Expression, expression_fault

if TYPE_CHECKING:
    from pydantic import TypeAdapter

M = TypeVar("M", bound=Model)
CONDITIONS = ("before_entry", "on_success", "on_failure")
"""The fields of a stage that have rules."""


@cache
def adapter(kinds: frozenset[str], rule_kinds: frozenset[str], with_services: bool = True) -> TypeAdapter[Definition]:
    """A reader of definitions that use these kinds of actions and rules."""
    from pydantic import Field

    from pipegen.actions import KINDS

    actions = [KINDS[name] for name in KINDS if name in kinds]
    rule: Any = Rule
    if rule_kinds:
        from pipegen import rules

        members = [rules.KINDS[name] for name in rules.KINDS if name in rule_kinds]
        rule = Annotated[_union(members), Field(discriminator="kind")]
    return _adapter(Annotated[_union(actions), Field(discriminator="kind")], rule, with_services)


@cache
def _instance_adapter(
    types: frozenset[type], rule_types: frozenset[type], with_services: bool
) -> TypeAdapter[Definition]:
    """A checker of definitions made in Python with actions and rules of these types."""
    action, rule = _by_type(types, "an action of some kind"), _by_type(rule_types, "a rule of some kind")
    return _adapter(action, rule, with_services)


def _by_type(types: frozenset[type], expected: str) -> Any:
    from pydantic import Discriminator, Tag

    by_type = Discriminator(
        lambda instance: type(instance).__qualname__,
        custom_error_type="value",
        custom_error_message=f"expected {expected}",
    )
    members = [Annotated[each, Tag(each.__qualname__)] for each in sorted(types, key=lambda each: each.__qualname__)]
    return Annotated[_union(members), by_type]


def _adapter(action: Any, rule: Any, with_services: bool) -> TypeAdapter[Definition]:
    from pydantic import TypeAdapter

    made = TypeAdapter(Definition)
    named = {"Action": action, "Rule": rule, "EcsService": _service() if with_services else None}
    made.rebuild(force=True, _types_namespace=named)
    return made


def _service() -> Any:
    from pipegen.services.service import EcsService

    return EcsService


def _union(members: Sequence[Any]) -> Any:
    return reduce(or_, members)


def checked(value: M, expected: type[M]) -> M:
    """A model made in Python, its types checked as those of a file are. Raises InvalidDefinition.

    What was read from a file, or checked before, is returned as it is.
    """
    if type(value) is expected and getattr(value, "_types_are_right", False):
        return value
    from pydantic import ValidationError

    if not isinstance(value, expected):
        text = f"expected a pipegen.{expected.__name__}, got {got(value)}"
        fix = "load() reads one from a file" if expected is Definition else f"make one with {expected.__name__}(...)"
        raise InvalidDefinition([Problem("wrong-type", (), text, fix)])
    try:
        found: M = _instances_of(value, expected).validate_python(value)
    except ValidationError as error:
        raise InvalidDefinition(problems_of(error.errors(include_url=False), value)) from None
    except RecursionError:
        raise InvalidDefinition([Problem("wrong-type", (), "is nested too deep", "flatten it")]) from None
    if problems := list(_unfit_leaves(found)):
        raise InvalidDefinition(problems)
    return known_as_checked(found)


def known_as_checked(value: M) -> M:
    """The same, which is not checked again."""
    object.__setattr__(value, "_types_are_right", True)
    return value


def _instances_of(value: Any, expected: Any) -> Any:
    if expected is not Definition:
        return adapter_of(expected)
    stages = _sequence(getattr(value.pipeline, "stages", ()))
    conditions = [getattr(stage, name, None) for stage in stages for name in CONDITIONS]
    types = _types(Action, (getattr(stage, "actions", ()) for stage in stages))
    rule_types = _types(Rule, (getattr(condition, "rules", ()) for condition in conditions))
    return _instance_adapter(types or _all_kinds(), rule_types or frozenset({Rule}), bool(value.services))


def _all_kinds() -> frozenset[type]:
    from pipegen.actions import KINDS

    return frozenset(KINDS.values())


def adapter_of(expected: Any) -> Any:
    """A reader of one type, made once."""
    return _adapter_of(expected)


@cache
def _adapter_of(expected: Any) -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(expected)


def _unfit_leaves(value: Model) -> Iterator[Problem]:
    """What Python can hold and a file cannot."""
    for path, leaf in walk(value):
        fault = ""
        if not all(map(is_encodable, (part for part in (*path, leaf) if isinstance(part, str)))):
            fault = "has half a character, which cannot be written"
        elif isinstance(leaf, Expression):
            fault = expression_fault(leaf)
        elif isinstance(leaf, int) and abs(leaf) >= LIMIT_NUMBER:
            fault = "is a number of more than 18 digits"
        elif isinstance(leaf, float) and not math.isfinite(leaf):
            fault = f"expected a number, got {leaf}"
        if fault:
            yield Problem("wrong-type", path, f"{last_of(path)}: {fault}")


def _types(base: type, lists: Iterable[Any]) -> frozenset[type]:
    """The kinds among the items of all lists."""
    items = (item for each in lists for item in _sequence(each))
    return frozenset(type(item) for item in items if isinstance(item, base) and type(item) is not base)


def _sequence(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()
