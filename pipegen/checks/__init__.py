"""Rules: generators of problems, one small file a family. A new rule is a function here and a line in a list.

`RULES` look at the definition before anything is compiled, `STACK_RULES` at the stacks that were made of it. What is
wrong with the fields of one action or rule, its kind says itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pipegen.checks import (
    accounts,
    actions,
    artifacts,
    conditions,
    constraints,
    deployments,
    foundations,
    limits,
    names,
    no_value,
    orders,
    parameters,
    policies,
    references,
    retention,
    secrets,
    sections,
    services,
    structure,
    triggers,
    unresolved,
    variables,
)
from pipegen.definition import Definition
from pipegen.errors import Problem
from pipegen.resolved import Resolved, resolve_definition, settled
from pipegen.stack import Document, Stack

RULES: tuple[Callable[[Definition], Iterator[Problem]], ...] = (
    no_value.left_out,
    names.definition_names,
    names.variable_names,
    parameters.parameters,
    sections.declarations,
    foundations.reference,
    structure.counts,
    structure.sources_first,
    structure.unique_names,
    orders.gates,
    structure.execution_mode,
    triggers.triggers,
    triggers.pull_requests,
    conditions.conditions,
    conditions.rollback,
    conditions.rules,
    actions.own_problems,
    secrets.exposed_secrets,
    secrets.visible_secrets,
    actions.extra_configuration,
    deployments.one_controller,
    deployments.after_deployments,
    retention.artifacts,
    retention.images,
    services.services,
)

STACK_RULES: tuple[Callable[[Definition, Stack, Document], Iterator[Problem]], ...] = (
    accounts.passed_roles,
    no_value.written,
    policies.resources,
    references.known_names,
    references.sections_used,
    secrets.written_secrets,
    variables.variables,
    unresolved.unresolved,
    limits.configuration,
    limits.commands,
    limits.triggers,
    limits.buildspec,
    limits.role_policy,
    limits.template,
)


def check_definition(definition: Definition) -> list[Problem]:
    """Everything that can be said before compiling. Raises InvalidDefinition where a type is wrong."""
    return check_resolved(resolve_definition(definition))


def check_resolved(resolved: Resolved) -> list[Problem]:
    """The same of a definition that is resolved already."""
    found = constraints.constraints(resolved.given)
    found += [problem for rule in RULES for problem in rule(resolved.definition)]
    found += orders.run_orders(resolved.given)
    found += artifacts.artifacts(resolved.definition.pipeline, resolved.wiring)
    return [*resolved.problems, *services.without_echoes(settled(resolved.given), resolved.definition, found)]


def check_stack(definition: Definition, stack: Stack, document: Document) -> list[Problem]:
    """Everything that shows in a compiled stack; `document` is its template as data."""
    return [problem for rule in STACK_RULES for problem in rule(definition, stack, document)]
