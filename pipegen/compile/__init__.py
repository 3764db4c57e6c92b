"""Compile a definition without errors to stacks: bind actions, merge grants into roles, add the artifact store and
triggers.

`bind` methods return values; only this package creates templates from them.
"""

from __future__ import annotations

from typing import Any

from pipegen.compile.assembly import used_document, with_used_parameters
from pipegen.compile.overrides import apply_overrides
from pipegen.compile.pipeline_stack import pipeline_stack
from pipegen.definition import Definition
from pipegen.errors import Path
from pipegen.graph.outline import Outline
from pipegen.graph.wiring import Wiring
from pipegen.model.stack_contents import contents_of
from pipegen.stacks.stack import Stack
from pipegen.stacks.uses import UsedDocument


def compile_stacks(lowered: Outline, wiring: Wiring) -> tuple[tuple[Stack, UsedDocument], ...]:
    """Return the stacks of a definition without errors, in the order of deployment, with their templates as data.
    Raises InvalidDefinition for problems that appear only here, such as two resources with one logical id."""
    definition = lowered.definition
    pipeline = _with(pipeline_stack(definition, wiring), definition, definition.pipeline, ("pipeline",))
    if lowered.services:
        return _with_services(lowered, pipeline)
    apply_overrides(definition.overrides, (pipeline,), ("overrides",))
    return ((pipeline, used_document(pipeline)),)


def _with_services(lowered: Outline, pipeline: Stack) -> tuple[tuple[Stack, UsedDocument], ...]:
    from pipegen.compile.service_stacks import registry_stack, service_stack

    definition = lowered.definition
    # Services that create clusters come first: others can run in these clusters.
    services = sorted(lowered.services, key=lambda each: not each.creates_cluster)
    registry = registry_stack(definition, lowered.actions, services)
    if registry is not None:
        registry = _with(registry, definition, definition.registry, ("registry",))
    stacks = [
        _with(service_stack(definition, each), definition, each.service, ("services", each.key)) for each in services
    ]
    for each, stack in zip(services, stacks, strict=True):
        apply_overrides(each.service.overrides, (stack,), ("services", each.key, "overrides"))
    own = [registry, pipeline] if registry else [pipeline]
    apply_overrides(definition.overrides, own, ("overrides",))
    return with_used_parameters([*own[:-1], *stacks, pipeline])


def _with(stack: Stack, definition: Definition, holder: Any, path: Path) -> Stack:
    """Return a stack with the resources and outputs that a part of the definition adds to it."""
    if not holder.resources and not holder.outputs:
        return stack
    from pipegen.compile.contents import with_contents

    return with_contents(stack, contents_of(holder, path), definition.tags)
