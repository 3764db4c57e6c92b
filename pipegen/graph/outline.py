"""The outline of a definition: its actions and rules with their locations, as written or lowered to the actions that
CodePipeline runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pipegen.definition import Definition
from pipegen.errors import Path
from pipegen.fields.model import walk
from pipegen.frozen import frozen
from pipegen.pipeline.located import LocatedAction, LocatedRule
from pipegen.stacks.stack import Document, pipeline_actions, pipeline_rules, referred_names
from pipegen.values.expression import Expression

if TYPE_CHECKING:
    from pipegen.pipeline.action import Action
    from pipegen.services.named_service import NamedService


@frozen(kw_only=True)
class Outline:
    """A definition, its actions, rules and services.

    leaves: all texts and expressions, with their paths. names: the names that expressions and overrides refer to.
    actions: in the order of the template, each with the path of the action in the definition that it comes from.
    """

    definition: Definition
    leaves: Sequence[tuple[Path, Any]]
    names: AbstractSet[str]
    actions: Sequence[LocatedAction]
    rules: Sequence[LocatedRule]
    services: Sequence[NamedService] = ()

    def readers(self) -> Iterator[LocatedAction | LocatedRule]:
        """Yield everything that can read artifacts and variables: actions and rules."""
        yield from self.actions
        yield from self.rules

    def configured(
        self, document: Document
    ) -> Iterator[tuple[LocatedAction | LocatedRule | None, Path, Mapping[str, Any]]]:
        """Yield the actions and rules in a template, each with its path in the definition and its properties. Actions
        and rules that an override added have no counterpart in the definition: None."""
        configurations = (*pipeline_actions(document), *pipeline_rules(document))
        by_path = self._by_path() if configurations else {}  # most stacks have no pipeline
        for path, configured in configurations:
            reader = by_path.get(path)
            yield reader, reader.path if reader else path, configured

    def _by_path(self) -> Mapping[Path, LocatedAction | LocatedRule]:
        """Return actions and rules by their paths in the template."""
        located: dict[Path, LocatedAction | LocatedRule] = {rule.path: rule for rule in self.rules}
        positions = Counter[int]()
        for each in self.actions:
            located[*each.path[:-1], positions[each.stage_index]] = each
            positions[each.stage_index] += 1
        return located


def outline(definition: Definition) -> Outline:
    """Return the outline of a definition as written."""
    pipeline, leaves = definition.pipeline, tuple(walk(definition))
    expressions = [leaf.to_dict() for _, leaf in leaves if isinstance(leaf, Expression)]
    overrides = [definition.overrides, *(service.overrides for service in definition.services.values())]
    written = Outline(
        definition=definition,
        leaves=leaves,
        names=frozenset(referred_names([*expressions, *overrides])),
        actions=tuple(_in_environments(definition)),
        rules=tuple(pipeline.rules()),
    )
    if not definition.services:
        return written
    from pipegen.services.named_service import named_services

    named = named_services(
        definition.name, definition.services, written.actions, definition.placement, definition.role_path
    )
    return replace(written, services=tuple(named))


def _in_environments(definition: Definition) -> Iterator[LocatedAction]:
    """Yield the actions, with the environments of those that run in another account or region than the pipeline."""
    environments = definition.placement
    for located in definition.pipeline.located():
        environment = environments.away(_environment_of(located.action, definition)) if environments.home else None
        yield replace(located, environment=environment) if environment else located


def _environment_of(action: Action, definition: Definition) -> str | None:
    if action.runs_in is not None:
        return action.runs_in
    service = definition.services.get(str(action.service_key)) if action.service_key is not None else None
    return service.environment if service else None


def lower(written: Outline) -> Outline:
    """Return the outline with actions that CodePipeline knows. Deploys to unknown services are dropped; a check reports
    them."""
    if not written.services:
        return written
    from pipegen.graph.lowering import lowered_actions

    return replace(written, actions=lowered_actions(written.actions, written.services))
