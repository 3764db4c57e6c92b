"""Checks of names that two resources or two exports of a stack have, at least one of which the definition adds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pipegen.definition import Definition
from pipegen.errors import Path, Problem, quoted
from pipegen.fields.model import step
from pipegen.model.named_kinds import KINDS, NamedKind
from pipegen.stacks.stack import Stack, mapping
from pipegen.stacks.uses import UsedDocument


def same_names(resources: Mapping[str, Any], added: Mapping[str, Path]) -> Iterator[Problem]:
    """Find added resources with the name of another resource of the stack. Two with conditions can exclude each
    other."""
    names: dict[tuple[str, str], str] = {}
    for logical_id in sorted(resources, key=added.__contains__):  # the others first
        resource = resources[logical_id]
        kind = KINDS.get(str(resource["Type"]))
        name = _name(kind, mapping(resource.get("Properties"))) if kind is not None else None
        if kind is None or name is None:
            continue
        other = names.setdefault((str(resource["Type"]), name), logical_id)
        is_excluded = "Condition" in resource and "Condition" in resources[other]
        if other != logical_id and logical_id in added and not is_excluded:
            text = f"{kind.name}{_shown(resource['Properties'][kind.name])} is also that of {other} in the same stack"
            yield Problem(
                "duplicate-resource", (*added[logical_id], "Properties", kind.name), text, "rename one of the two"
            )


def _name(kind: NamedKind, properties: Mapping[str, Any]) -> str | None:
    """Return what must be unique; None for a resource that CloudFormation names. DNS records can share a name.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-route53-recordset.html"""
    if kind.name not in properties:
        return None
    return json.dumps(
        [properties.get(each) for each in (kind.name, kind.scope, "Type", "SetIdentifier")], sort_keys=True
    )


def exports(definition: Definition, stack: Stack, document: UsedDocument) -> Iterator[Problem]:
    """Find exports with one name.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/outputs-section-structure.html"""
    names: dict[str, str] = {}
    for output, each in mapping(document.get("Outputs")).items():
        exported = mapping(each.get("Export")).get("Name")
        other = output if exported is None else names.setdefault(json.dumps(exported, sort_keys=True), output)
        path = None if other == output else _path(definition, stack, output) or _path(definition, stack, other)
        if path is not None and not ("Condition" in each and "Condition" in document["Outputs"][other]):
            text = f"the outputs {other} and {output} have the same export{_shown(exported)}"
            yield Problem("duplicate-resource", (*path, "Export", "Name"), text, "rename one of the two")


def _shown(name: object) -> str:
    return f" {quoted(name, 80)}" if isinstance(name, str) else ""


def _path(definition: Definition, stack: Stack, output: str) -> Path | None:
    """Return the path of an output that the definition adds to a stack."""
    holders: dict[str, Path] = {
        definition.pipeline_stack: ("pipeline",),
        definition.registry_stack: ("registry",),
        **{definition.service_stack(key): ("services", key) for key in definition.services},
    }
    path = holders.get(stack.name)
    if path is None:
        return None
    holder: Any = definition
    for part in path:
        holder = step(holder, part)
    return (*path, "outputs", output) if output in holder.outputs else None
