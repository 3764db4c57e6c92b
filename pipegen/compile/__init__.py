"""Compile a definition without errors to stacks: bind actions, merge grants into roles, add the artifact store and
triggers.

`bind` methods return values; only this package creates templates from them.
"""

from __future__ import annotations

from pipegen.compile.assembly import used_document, with_used_parameters
from pipegen.compile.overrides import apply_overrides
from pipegen.compile.pipeline_stack import pipeline_stack
from pipegen.graph.outline import Outline
from pipegen.graph.wiring import Wiring
from pipegen.stacks.stack import Stack
from pipegen.stacks.uses import UsedDocument


def compile_stacks(lowered: Outline, wiring: Wiring) -> tuple[tuple[Stack, UsedDocument], ...]:
    """Return the stacks of a definition without errors, in the order of deployment, with their templates as data.
    Raises InvalidDefinition for problems that appear only here, such as two resources with one logical id."""
    definition = lowered.definition
    pipeline = pipeline_stack(definition, wiring)
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
    stacks = [service_stack(definition, each) for each in services]
    for each, stack in zip(services, stacks, strict=True):
        apply_overrides(each.service.overrides, (stack,), ("services", each.key, "overrides"))
    own = [registry, pipeline] if registry else [pipeline]
    apply_overrides(definition.overrides, own, ("overrides",))
    return with_used_parameters([*own[:-1], *stacks, pipeline])
