"""Compile a definition without errors to stacks: bind actions, merge grants into roles, add the artifact store and
triggers.

`bind` methods return values; only this package creates templates from them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipegen.compile.artifact_stores import ArtifactStores, bind_stores, store_seen_from
from pipegen.compile.assembly import used_document, with_used_parameters
from pipegen.compile.bound_action import BoundAction, bind_action
from pipegen.compile.overrides import apply_overrides
from pipegen.compile.pipeline_stack import pipeline_stack
from pipegen.definition import Definition
from pipegen.errors import Path
from pipegen.graph.outline import Outline
from pipegen.graph.wiring import WiredAction, Wiring
from pipegen.model.stack_contents import contents_of
from pipegen.stacks.stack import Stack
from pipegen.stacks.uses import UsedDocument


def compile_stacks(lowered: Outline, wiring: Wiring) -> tuple[tuple[Stack, UsedDocument], ...]:
    """Return the stacks of a definition without errors, in the order of deployment, with their templates as data.
    Raises InvalidDefinition for problems that appear only here, such as two resources with one logical id."""
    definition = lowered.definition
    environments = [*(each.environment for each in lowered.actions), *(each.environment for each in lowered.services)]
    away = [each for each in environments if each is not None]
    stores = bind_stores(definition, away)
    actions = [_bind(each, definition, stores) for each in wiring.actions]
    pipeline = pipeline_stack(definition, stores, actions, wiring.rules)
    pipeline = _with(pipeline, definition, definition.pipeline, ("pipeline",))
    if lowered.services or away:
        return _with_others(lowered, actions, pipeline)
    apply_overrides(definition.overrides, (pipeline,), ("overrides",))
    return ((pipeline, used_document(pipeline)),)


def _bind(wired: WiredAction, definition: Definition, stores: ArtifactStores) -> BoundAction:
    environment = wired.located.environment
    return bind_action(wired, definition, store_seen_from(definition, environment) if environment else stores.own)


def _with_others(
    lowered: Outline, actions: Sequence[BoundAction], pipeline: Stack
) -> tuple[tuple[Stack, UsedDocument], ...]:
    from pipegen.compile.service_stacks import registry_stack, service_stack
    from pipegen.compile.support_stacks import support_stacks

    definition = lowered.definition
    # Services that create clusters come first: others can run in these clusters.
    services = sorted(lowered.services, key=lambda each: not each.creates_cluster)
    support = support_stacks(definition, actions, services)
    registry = registry_stack(definition, lowered.actions, services) if services else None
    if registry is not None:
        registry = _with(registry, definition, definition.registry, ("registry",))
    stacks = [
        _with(service_stack(definition, each), definition, each.service, ("services", each.key)) for each in services
    ]
    for each, stack in zip(services, stacks, strict=True):
        apply_overrides(each.service.overrides, (stack,), ("services", each.key, "overrides"))
    own = [*support, registry, pipeline] if registry else [*support, pipeline]
    apply_overrides(definition.overrides, own, ("overrides",))
    return with_used_parameters([*own[:-1], *stacks, pipeline])


def _with(stack: Stack, definition: Definition, holder: Any, path: Path) -> Stack:
    """Return a stack with the resources and outputs that a part of the definition adds to it."""
    if not holder.resources and not holder.outputs:
        return stack
    from pipegen.compile.contents import with_contents

    return with_contents(stack, contents_of(holder, path), definition.tags)
