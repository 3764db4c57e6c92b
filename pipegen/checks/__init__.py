"""Checks: generators of problems, in one module per topic. A new check is a function and a line in one of these tuples.

`DEFINITION_CHECKS` and `OUTLINE_CHECKS` inspect the definition as written, `LOWERED_CHECKS` the actions that are
compiled, `STACK_CHECKS` and `PIPELINE_CHECKS` the stacks. Constraints of fields check single values, and kinds of
actions and rules check their own fields.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pipegen.checks.pipeline import (
    actions,
    artifacts,
    commands,
    conditions,
    deployments,
    directories,
    environment_values,
    environments,
    notifications,
    orders,
    preparations,
    retention,
    roles,
    structure,
    triggers,
    unresolved,
    variables,
)
from pipegen.checks.services import platforms, services
from pipegen.checks.stacks import (
    duplicates,
    foundations,
    limits,
    managed_policies,
    parameters,
    policies,
    properties,
    sections,
    updates,
)
from pipegen.checks.values import accounts, functions, names, no_value, own_resources, plaintext, references, secrets
from pipegen.definition import Definition
from pipegen.errors import Problem
from pipegen.graph.outline import Outline
from pipegen.graph.wiring import Wiring
from pipegen.model.stack_contents import is_in_resource
from pipegen.stacks.stack import Stack
from pipegen.stacks.uses import UsedDocument

DEFINITION_CHECKS: tuple[Callable[[Definition], Iterator[Problem]], ...] = (
    names.definition_names,
    environments.declared,
    managed_policies.policies,
    parameters.parameters,
    sections.declarations,
    structure.counts,
    conditions.conditions,
    conditions.rollback,
    orders.run_orders,
    notifications.notifications,
)

OUTLINE_CHECKS: tuple[Callable[[Outline], Iterator[Problem]], ...] = (
    functions.expressions,
    no_value.left_out,
    foundations.reference,
    environments.used,
    environment_values.of_pipeline,
    roles.other_accounts,
    structure.sources_first,
    structure.unique_names,
    orders.gates,
    orders.reviews,
    orders.last_approvals,
    orders.environments,
    orders.preparing_builds,
    structure.execution_mode,
    structure.loops,
    triggers.triggers,
    triggers.pull_requests,
    triggers.schedules,
    conditions.rules,
    conditions.comparisons,
    conditions.defaults,
    actions.own_problems,
    secrets.exposed_secrets,
    secrets.visible_secrets,
    plaintext.plaintext_secrets,
    actions.extra_configuration,
    deployments.after_deployments,
    deployments.twice,
    retention.artifacts,
    retention.images,
    services.services,
    platforms.platforms,
)

LOWERED_CHECKS: tuple[Callable[[Outline], Iterator[Problem]], ...] = (
    orders.records,
    structure.unique_belongings,
    deployments.one_controller,
    preparations.preparations,
    updates.deletions,
    updates.twice,
)

STACK_CHECKS: tuple[Callable[[Definition, Stack, UsedDocument], Iterator[Problem]], ...] = (
    accounts.passed_roles,
    policies.resources,
    references.known_names,
    references.known_attributes,
    sections.used_sections,
    properties.overridden,
    duplicates.exports,
    secrets.written_secrets,
    limits.triggers,
    limits.buildspec,
    limits.role_policy,
    limits.template,
)

PIPELINE_CHECKS: tuple[Callable[[Outline, Stack, UsedDocument], Iterator[Problem]], ...] = (
    updates.updates,
    own_resources.referred_resources,
    no_value.written,
    variables.variables,
    unresolved.unresolved,
    environment_values.configured,
    limits.configuration,
    limits.commands,
    commands.permissions,
)


def check_written(written: Outline) -> list[Problem]:
    """Return the problems of the definition as written."""
    problems = [problem for check in DEFINITION_CHECKS for problem in check(written.definition)]
    return problems + [problem for check in OUTLINE_CHECKS for problem in check(written)]


def check_wired(lowered: Outline, wiring: Wiring) -> list[Problem]:
    """Return the problems of the lowered actions and their wiring."""
    return [
        *(problem for check in LOWERED_CHECKS for problem in check(lowered)),
        *artifacts.artifacts(wiring),
        *commands.git(wiring),
        *directories.directories(wiring),
        *environments.passed(wiring),
        *environment_values.written_by_builds(lowered, wiring),
    ]


def check_stack(lowered: Outline, stack: Stack, document: UsedDocument) -> list[Problem]:
    """Return the problems of a compiled stack. document: its template as data."""
    problems = [problem for check in STACK_CHECKS for problem in check(lowered.definition, stack, document)]
    problems += [problem for check in PIPELINE_CHECKS for problem in check(lowered, stack, document)]
    return problems + added_problems(stack, document)


def added_problems(stack: Stack, document: UsedDocument) -> list[Problem]:
    """Return the problems of the resources that a definition or foundation adds to a stack."""
    if not any(map(is_in_resource, stack.origins.values())):
        return []
    from pipegen.checks.stacks.additional import additional_problems

    return [*additional_problems(stack, document)]
