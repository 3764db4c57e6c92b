"""Checks of the resources that a definition adds to its stacks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from pipegen.checks.stacks.duplicates import same_names
from pipegen.checks.stacks.properties import Properties, property_problems
from pipegen.errors import Path, Problem, Severity, did_you_mean, quoted
from pipegen.facts import closest
from pipegen.facts import properties as described_properties
from pipegen.fields.words import is_expression
from pipegen.model.resource_types import kinds_of, nested, resource_class, service_of, services
from pipegen.model.stack_contents import is_in_resource
from pipegen.stacks.stack import Stack, mapping, referred_names, sequence
from pipegen.stacks.uses import UsedDocument


def additional_problems(stack: Stack, document: UsedDocument) -> Iterator[Problem]:
    """Find problems of the resources that a definition adds to a stack."""
    resources = mapping(document.get("Resources"))
    added = {logical_id: path for logical_id, path in stack.origins.items() if is_in_resource(path)}
    for logical_id, path in added.items():
        yield from _dependency_problems(resources[logical_id], resources, path)
        yield from _type_problems(str(resources[logical_id]["Type"]), path)
        yield from _property_problems(resources[logical_id], path)
    yield from _cycle_problems(resources, added)
    yield from same_names(resources, added)


def _dependency_problems(resource: Mapping[str, Any], known: Mapping[str, Any], path: Path) -> Iterator[Problem]:
    for name in sequence(resource.get("DependsOn")):
        if name not in known:
            near = closest(str(name), known)
            fix = did_you_mean(near) or f"resources are {', '.join(known)}"
            yield Problem("unknown-reference", (*path, "DependsOn"), f"{name} is not a resource of the stack", fix)


def _type_problems(kind: str, path: Path) -> Iterator[Problem]:
    is_known = described_properties(kind) is not None or resource_class(kind) is not None
    if kind.startswith("AWS::") and not kind.endswith("::MODULE") and not is_known:
        text = f"Type is {quoted(kind)}, which is not a known resource type"
        near, severity = _similar(kind)
        yield Problem("resource-type", (*path, "Type"), text, did_you_mean(near), severity)


def _property_problems(resource: Mapping[str, Any], path: Path) -> Iterator[Problem]:
    kind, properties = str(resource["Type"]), mapping(resource.get("Properties"))
    path, found = (*path, "Properties") if "Properties" in resource else path, resource_class(kind)
    if (schema := described_properties(kind)) is not None:
        node = {"type": "object", "properties": schema["properties"]}
        subject = Properties(kind, path, "resource-property")
        yield from property_problems(properties, node, schema["definitions"], path, subject)
        yield from _missing(properties, found.props if found else {}, path, kind)
    elif found is not None:
        yield from _names(properties, found.props, path, kind)


def _similar(kind: str) -> tuple[str, Severity]:
    """Return a similar type, and how severe the problem is: a type can be newer than the list, but not only in case."""
    service = service_of(kind)
    known = kinds_of(service) or kinds_of(closest(service, services()))
    near = closest(kind, known)
    return near, "error" if near.lower() == kind.lower() else "warning"


def _names(value: Mapping[str, Any], known: Mapping[str, Any], path: Path, owner: str) -> Iterator[Problem]:
    """Find unknown and missing properties. One that differs only in case is an error; any other can be newer."""
    for key, item in value.items():
        if key in known:
            yield from _inside(item, known[key][0], (*path, key), owner)
            continue
        near = closest(key, known)
        few = f"properties are {', '.join(known)}" if len(known) <= _FEW else ""
        severity: Severity = "error" if near.lower() == key.lower() else "warning"
        text = f"unknown property {quoted(key)} of {owner}"
        yield Problem("resource-property", (*path, key), text, did_you_mean(near) or few, severity)
    yield from _missing(value, known, path, owner)


_FEW = 12
"""The maximum number of names that a message lists."""


def _missing(value: Mapping[str, Any], known: Mapping[str, Any], path: Path, owner: str) -> Iterator[Problem]:
    """Find missing properties. A misspelt one is reported as unknown."""
    unknown = [key for key in value if key not in known]
    for key, (_, is_required) in known.items():
        if is_required and key not in value and not closest(key, unknown):
            yield Problem(
                "resource-property", path, f"the required property {key} of {owner} is missing", f"add {key}:"
            )


def _inside(value: Any, kind: Any, path: Path, owner: str) -> Iterator[Problem]:
    """Check a value that has properties, or a list of such values."""
    if (found := nested(kind)) is None:
        return
    is_list = isinstance(value, list | tuple)
    for inner, item in [((*path, index), each) for index, each in enumerate(value)] if is_list else [(path, value)]:
        if isinstance(item, Mapping) and not is_expression(item):
            yield from _names(item, found.props, inner, f"{path[-1]} of {owner}")


def _cycle_problems(resources: Mapping[str, Any], added: Mapping[str, Path]) -> Iterator[Problem]:
    """Find resources that need each other; CloudFormation could create neither first."""
    needs = {
        logical_id: {*referred_names(resource), *sequence(mapping(resource).get("DependsOn"))} & resources.keys()
        for logical_id, resource in (resources.items() if added else ())
    }
    try:
        TopologicalSorter({each: needed - {each} for each, needed in needs.items()}).prepare()
    except CycleError as error:
        cycle = [*reversed(error.args[1])]
        path = next((added[each] for each in cycle if each in added), ())
        text = f"resources depend on each other: {' needs '.join(cycle)}"
        yield Problem("resource-cycle", path, text, "remove one of the references")
