"""Rules: generators of problems, one small file a family. A new rule is a function here and a line in a list.

`RULES` and `OUTLINE_RULES` look at the definition as it is written, `LOWERED_RULES` at the actions that are compiled,
`STACK_RULES` and `PIPELINE_RULES` at the stacks. What is wrong with a single field, its constraint says; with the
fields of one action or rule, its kind.
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
    orders,
    preparations,
    retention,
    structure,
    triggers,
    unresolved,
    variables,
)
from pipegen.checks.services import platforms, services
from pipegen.checks.stacks import (
    foundations,
    limits,
    managed_policies,
    parameters,
    policies,
    properties,
    sections,
)
from pipegen.checks.stacks import (
    updates as stacks,
)
from pipegen.checks.values import accounts, functions, names, no_value, own_resources, plaintext, references, secrets
from pipegen.definition import Definition
from pipegen.errors import Problem
from pipegen.graph.outline import Outline
from pipegen.graph.wiring import Wiring
from pipegen.stacks.stack import Stack
from pipegen.stacks.uses import UsedDocument

RULES: tuple[Callable[[Definition], Iterator[Problem]], ...] = (
    names.definition_names,
    managed_policies.policies,
    parameters.parameters,
    sections.declarations,
    structure.counts,
    conditions.conditions,
    conditions.rollback,
    orders.run_orders,
)

OUTLINE_RULES: tuple[Callable[[Outline], Iterator[Problem]], ...] = (
    functions.expressions,
    no_value.left_out,
    foundations.reference,
    structure.sources_first,
    structure.unique_names,
    orders.gates,
    orders.reviews,
    orders.last_approvals,
    orders.environments,
    orders.preparing_builds,
    structure.execution_mode,
    triggers.triggers,
    triggers.pull_requests,
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

LOWERED_RULES: tuple[Callable[[Outline], Iterator[Problem]], ...] = (
    orders.records,
    structure.unique_belongings,
    deployments.one_controller,
    preparations.preparations,
    stacks.deletions,
    stacks.twice,
)

STACK_RULES: tuple[Callable[[Definition, Stack, UsedDocument], Iterator[Problem]], ...] = (
    accounts.passed_roles,
    policies.resources,
    references.known_names,
    references.known_attributes,
    references.sections_used,
    properties.overridden,
    secrets.written_secrets,
    limits.triggers,
    limits.buildspec,
    limits.role_policy,
    limits.template,
    stacks.updates,
)

PIPELINE_RULES: tuple[Callable[[Outline, Stack, UsedDocument], Iterator[Problem]], ...] = (
    own_resources.referred_resources,
    no_value.written,
    variables.variables,
    unresolved.unresolved,
    limits.configuration,
    limits.commands,
    commands.permissions,
)


def check_written(written: Outline) -> list[Problem]:
    """Everything that shows in the definition itself."""
    found = [problem for rule in RULES for problem in rule(written.definition)]
    return found + [problem for rule in OUTLINE_RULES for problem in rule(written)]


def check_wired(lowered: Outline, wiring: Wiring) -> list[Problem]:
    """Everything that shows once its actions are known, and what they read."""
    return [
        *(problem for rule in LOWERED_RULES for problem in rule(lowered)),
        *artifacts.artifacts(wiring),
        *commands.git(wiring),
        *directories.directories(wiring),
    ]


def check_stack(lowered: Outline, stack: Stack, document: UsedDocument) -> list[Problem]:
    """Everything that shows in a compiled stack; `document` is its template as data."""
    found = [problem for rule in STACK_RULES for problem in rule(lowered.definition, stack, document)]
    return found + [problem for rule in PIPELINE_RULES for problem in rule(lowered, stack, document)]
