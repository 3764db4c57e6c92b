"""From a definition without errors to stacks: wire, bind, fold grants into roles, add store and triggers.

What is bound is asked, never reached for: `bind` returns values, and this room alone makes templates of them.
"""

from __future__ import annotations

from pipegen.checks import check_resolved
from pipegen.compile.assembly import used_document, with_used_parameters
from pipegen.compile.overrides import apply_overrides
from pipegen.compile.pipeline import pipeline_stack
from pipegen.definition import Definition
from pipegen.errors import InvalidDefinition, has_errors
from pipegen.resolved import Resolved, resolve_definition
from pipegen.stack import Document, Stack


def compile_definition(definition: Definition) -> tuple[Stack, ...]:
    """The stacks of a definition, in the order in which they are deployed. Raises InvalidDefinition."""
    resolved = resolve_definition(definition)
    problems = check_resolved(resolved)
    if has_errors(problems):
        raise InvalidDefinition(problems)
    return tuple(stack for stack, _ in compile_documents(resolved))


def compile_documents(resolved: Resolved) -> tuple[tuple[Stack, Document], ...]:
    """The stacks of a definition without errors, with the templates as data, which takes a while to make."""
    definition = resolved.definition
    pipeline = pipeline_stack(definition, resolved.wiring)
    if not definition.services:
        apply_overrides(definition.overrides, (pipeline,), ("overrides",))
        return ((pipeline, used_document(pipeline)),)
    return _with_services(definition, pipeline)


def _with_services(definition: Definition, pipeline: Stack) -> tuple[tuple[Stack, Document], ...]:
    from pipegen.compile.services import registry_stack, service_stack

    # Those first that create clusters, which others may run in.
    placed = sorted(definition.placed_services(), key=lambda each: not each.creates_cluster)
    registry = registry_stack(definition, placed)
    services = [service_stack(definition, each) for each in placed]
    for each, stack in zip(placed, services, strict=True):
        apply_overrides(each.service.overrides, (stack,), ("services", each.key, "overrides"))
    own = [registry, pipeline] if registry else [pipeline]
    apply_overrides(definition.overrides, own, ("overrides",))
    return with_used_parameters([*own[:-1], *services, pipeline])
