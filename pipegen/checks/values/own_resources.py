"""Checks of references to resources of the stack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pipegen.checks.values.constraints import references_of
from pipegen.errors import Problem, last_of
from pipegen.graph.outline import Outline
from pipegen.references.others import given_by
from pipegen.stacks.stack import Document, Stack, mapping
from pipegen.values.expression import Expression
from pipegen.values.shape import shape


def referred_resources(lowered: Outline, stack: Stack, document: Document) -> Iterator[Problem]:
    """Find references to resources of the stack with the wrong type or attribute."""
    resources = mapping(document.get("Resources"))
    if lowered.names.isdisjoint(resources):
        return
    for each in references_of(lowered.definition):
        kind = _resource_of(each.value, resources)
        forms = given_by(kind) if kind else ()
        if forms and not any(form in forms for form in each.mark.forms):
            text = f"{last_of(each.path)} must {each.mark.demand}, got {_shown(each.value)}, {forms[0].words}"
            yield Problem("wrong-reference", each.path, text, each.mark.fix)


def _reference(value: Any) -> tuple[str, Any]:
    """Return the function and argument of a value that is a Ref or GetAtt."""
    whole = shape(value)
    inside = whole.gaps[0] if whole.is_gap else value
    [(function, argument)] = inside.data.items() if isinstance(inside, Expression) else [("", None)]
    return function, argument


def _resource_of(value: Any, resources: Mapping[str, Any]) -> str:
    """Return the type of the resource and the attribute, if the value refers to a resource."""
    function, argument = _reference(value)
    name, attribute = argument if function == "Fn::GetAtt" else (argument, "")
    if function not in ("Ref", "Fn::GetAtt") or name not in resources:
        return ""
    return f"{resources[name].get('Type')}{'.' if attribute else ''}{attribute}"


def _shown(value: Any) -> str:
    function, argument = _reference(value)
    return f"!Ref {argument}" if function == "Ref" else f"!GetAtt {'.'.join(map(str, argument))}"
