"""What a template uses: names that it refers to, conditions, mappings. Every check of a stack asks for some of it, so
it is found once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pipegen.model.template_sections import CONDITION_FUNCTIONS
from pipegen.stacks.stack import Document, attributes_in, mapping, names_in


@dataclass(slots=True)
class Uses:
    """What data of a template uses of its sections.

    names: what Ref, GetAtt and Sub name. attributes: of resources, by logical id and name. lookups: arguments of
    FindInMap. misplaced: functions of conditions that stand elsewhere. texts: all texts, those in functions included.
    """

    names: dict[str, None] = field(default_factory=dict)
    attributes: dict[tuple[str, str], None] = field(default_factory=dict)
    conditions: dict[str, None] = field(default_factory=dict)
    lookups: list[Sequence[Any]] = field(default_factory=list)
    misplaced: dict[str, None] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)


class UsedDocument(dict[str, Any]):
    """A template as plain data, which nobody changes any more, with what its resources and outputs use."""

    @cached_property
    def uses(self) -> Uses:
        return self._found[0]

    def resources_with(self, mark: str) -> list[str]:
        """The logical ids of the resources that have a text with this mark."""
        return [logical_id for logical_id, text in self._found[1].items() if mark in text]

    @cached_property
    def _found(self) -> tuple[Uses, Mapping[str, str]]:
        """What is used, and all texts of each resource, joined."""
        uses, texts = Uses(), dict[str, str]()
        for logical_id, resource in mapping(self.get("Resources")).items():
            start = len(uses.texts)
            _add_part(resource, uses)
            texts[logical_id] = "\n".join(uses.texts[start:])
        for output in mapping(self.get("Outputs")).values():
            _add_part(output, uses)
        _add_conditions(mapping(self.get("Conditions")), uses)
        return uses, texts


def uses_of(data: Any, in_conditions: bool = False) -> Uses:
    """What plain data uses, such as the condition of a template."""
    uses = Uses()
    _collect(data, uses, in_conditions)
    return uses


def _add_part(part: Any, uses: Uses) -> None:
    """A resource or an output, which a condition may be attached to."""
    _collect(part, uses, False)
    if isinstance(condition := mapping(part).get("Condition"), str):
        uses.conditions[condition] = None


def _add_conditions(declared: Mapping[str, Any], uses: Uses) -> None:
    """The conditions and mappings that the conditions need which are used; what conditions refer to is no name of the
    resources."""
    waiting = list(uses.conditions)
    while waiting:
        inside = uses_of(declared.get(waiting.pop()), in_conditions=True)
        uses.lookups += inside.lookups
        waiting += [name for name in inside.conditions if name not in uses.conditions]
        uses.conditions |= inside.conditions


def _collect(data: Any, uses: Uses, in_conditions: bool) -> None:
    kind = type(data)
    if kind is str:
        uses.texts.append(data)
    elif isinstance(data, dict):
        if len(data) == 1:
            [(function, argument)] = data.items()
            _use(str(function), argument, uses, in_conditions)
        for item in data.values():
            _collect(item, uses, in_conditions)
    elif kind is list or kind is tuple:
        for item in data:
            _collect(item, uses, in_conditions)


def _use(function: str, argument: Any, uses: Uses, in_conditions: bool) -> None:
    for name in names_in(function, argument):
        uses.names[name] = None
    for pair in attributes_in(function, argument):
        uses.attributes[pair] = None
    if function == "Fn::If" and isinstance(argument, list | tuple) and argument and isinstance(argument[0], str):
        uses.conditions[argument[0]] = None
    elif function == "Fn::FindInMap" and isinstance(argument, list | tuple):
        if argument not in uses.lookups:
            uses.lookups.append(argument)
    elif in_conditions and function == "Condition" and isinstance(argument, str):
        uses.conditions[argument] = None
    elif not in_conditions and function in CONDITION_FUNCTIONS and function != "Condition":
        uses.misplaced[function] = None


def used_sections(document: UsedDocument) -> dict[str, Document]:
    """The conditions and mappings of a template that it uses."""
    uses = document.uses
    conditions = {key: each for key, each in mapping(document.get("Conditions")).items() if key in uses.conditions}
    names = [argument[0] for argument in uses.lookups if argument]
    anyone = any(not isinstance(name, str) for name in names)  # which one, only the deployment knows
    mappings = {key: each for key, each in mapping(document.get("Mappings")).items() if anyone or key in names}
    return {"Conditions": conditions, "Mappings": mappings}
