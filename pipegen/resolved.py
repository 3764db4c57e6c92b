"""A definition made ready for checks and the compiler: its types checked, its services resolved, its inputs wired."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipegen.definition import Definition, resolve_services
from pipegen.errors import Problem
from pipegen.reading import checked
from pipegen.wiring import Wiring, wire


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """Found once, and passed on to everything that needs it.

    given: the definition as its author wrote it.
    definition: the same, with deploys to its services as the actions that they stand for, and settled.
    wiring: of the resolved definition's pipeline.
    problems: what was wrong with the deploys to its services.
    """

    given: Definition
    definition: Definition
    wiring: Wiring
    problems: Sequence[Problem]


def resolve_definition(definition: Definition) -> Resolved:
    """Raises InvalidDefinition where a value has a type that its field does not take."""
    given = checked(definition, Definition)
    resolved, problems = resolve_services(settled(given))
    return Resolved(given=given, definition=resolved, wiring=wire(resolved.pipeline), problems=problems)


def settled(definition: Definition) -> Definition:
    """The same with every action in the order that is meant, so that a `run_order` that contradicts it is reported
    once, and nothing that only follows from it."""
    pipeline = definition.pipeline.settled()
    return definition if pipeline is definition.pipeline else replace(definition, pipeline=pipeline)
