"""The names, conditions and mappings that a template uses. They are collected once, since most checks of a stack need
some."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pipegen.model.template_sections import CONDITION_FUNCTIONS
from pipegen.stacks.stack import Document, attributes_in, mapping, names_in


@dataclass(slots=True)
class Uses:
    """References from a part of a template to its sections.

    names: the names in Ref, GetAtt and Sub. attributes: pairs of logical id and attribute. lookups: arguments of
    FindInMap. misplaced: condition functions outside of conditions. texts: all strings, including those in functions.
    """

    names: dict[str, None] = field(default_factory=dict)
    attributes: dict[tuple[str, str], None] = field(default_factory=dict)
    conditions: dict[str, None] = field(default_factory=dict)
    lookups: list[Sequence[Any]] = field(default_factory=list)
    misplaced: dict[str, None] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)


class UsedDocument(dict[str, Any]):
    """A template as plain data, not changed any more, with the uses of its resources and outputs."""

    @cached_property
    def uses(self) -> Uses:
        return self._uses_and_texts[0]

    def resources_with(self, mark: str) -> list[str]:
        """Return the logical ids of the resources with a string that contains this mark."""
        return [logical_id for logical_id, text in self._uses_and_texts[1].items() if mark in text]

    @cached_property
    def _uses_and_texts(self) -> tuple[Uses, Mapping[str, str]]:
        """The uses, and the joined strings of each resource."""
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
    """Return the uses of plain data, such as a condition."""
    uses = Uses()
    _collect(data, uses, in_conditions)
    return uses


def _add_part(part: Any, uses: Uses) -> None:
    """Add the uses of a resource or an output, which can have a condition."""
    _collect(part, uses, False)
    if isinstance(condition := mapping(part).get("Condition"), str):
        uses.conditions[condition] = None


def _add_conditions(declared: Mapping[str, Any], uses: Uses) -> None:
    """Add the conditions and mappings that used conditions depend on. Names in conditions are not names of
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
        _collect_items(data.values(), uses, in_conditions)
    elif kind is list or kind is tuple:
        _collect_items(data, uses, in_conditions)


def _collect_items(items: Iterable[Any], uses: Uses, in_conditions: bool) -> None:
    for item in items:
        if type(item) is str:
            uses.texts.append(item)
        else:
            _collect(item, uses, in_conditions)


_REFERENCES = ("Ref", "Fn::GetAtt", "Fn::Sub")


def _use(function: str, argument: Any, uses: Uses, in_conditions: bool) -> None:
    if function in _REFERENCES:
        uses.names.update(dict.fromkeys(names_in(function, argument)))
        uses.attributes.update(dict.fromkeys(attributes_in(function, argument)))
    elif function == "Fn::If" and isinstance(argument, list | tuple) and argument and isinstance(argument[0], str):
        uses.conditions[argument[0]] = None
    elif function == "Fn::FindInMap" and isinstance(argument, list | tuple):
        if argument not in uses.lookups:
            uses.lookups.append(argument)
    elif in_conditions and function == "Condition" and isinstance(argument, str):
        uses.conditions[argument] = None
    elif not in_conditions and function in CONDITION_FUNCTIONS and function != "Condition":
        uses.misplaced[function] = None


def used_sections(document: UsedDocument) -> dict[str, Document]:
    """Return the conditions and mappings that a template uses."""
    uses = document.uses
    conditions = {key: each for key, each in mapping(document.get("Conditions")).items() if key in uses.conditions}
    names = [argument[0] for argument in uses.lookups if argument]
    anyone = any(not isinstance(name, str) for name in names)  # the mapping is known at deployment
    mappings = {key: each for key, each in mapping(document.get("Mappings")).items() if anyone or key in names}
    return {"Conditions": conditions, "Mappings": mappings}
