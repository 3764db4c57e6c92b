"""A definition with its actions and rules listed, each with its place: as they are written, and as CodePipeline runs
them, where deploys to services of the definition are the actions that do it."""

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
from pipegen.pipeline.pipeline import LocatedAction, LocatedRule
from pipegen.stacks.stack import Document, pipeline_actions, pipeline_rules, referred_names
from pipegen.values.expression import Expression

if TYPE_CHECKING:
    from pipegen.services.named_service import NamedService


@frozen(kw_only=True)
class Outline:
    """A definition, its actions, rules and services.

    leaves: the values of all fields of the definition that have no fields themselves, with their paths.
    names: what expressions in it refer to, overrides included.
    actions: in the order of the template. Each has the path of an action in the definition, of which it may be made.
    """

    definition: Definition
    leaves: Sequence[tuple[Path, object]]
    names: AbstractSet[str]
    actions: Sequence[LocatedAction]
    rules: Sequence[LocatedRule]
    services: Sequence[NamedService] = ()

    def readers(self) -> Iterator[LocatedAction | LocatedRule]:
        """Whatever may read artifacts and variables."""
        yield from self.actions
        yield from self.rules

    def configured(
        self, document: Document
    ) -> Iterator[tuple[LocatedAction | LocatedRule | None, Path, Mapping[str, Any]]]:
        """The actions and rules of the pipeline in a template: what each was made of, its place in the definition, and
        how it is configured. An override may have added some that are made of nothing."""
        found = (*pipeline_actions(document), *pipeline_rules(document))
        made = self._made() if found else {}  # most stacks have no pipeline
        for path, configured in found:
            reader = made.get(path)
            yield reader, reader.path if reader else path, configured

    def _made(self) -> Mapping[Path, LocatedAction | LocatedRule]:
        """By the place that they have in the template."""
        made: dict[Path, LocatedAction | LocatedRule] = {rule.path: rule for rule in self.rules}
        positions = Counter[int]()
        for each in self.actions:
            made[*each.path[:-1], positions[each.stage_index]] = each
            positions[each.stage_index] += 1
        return made


def outline(definition: Definition) -> Outline:
    """The actions and rules of a definition as they are written."""
    pipeline, leaves = definition.pipeline, tuple(walk(definition))
    expressions = [leaf.to_dict() for _, leaf in leaves if isinstance(leaf, Expression)]
    overrides = [definition.overrides, *(service.overrides for service in definition.services.values())]
    found = Outline(
        definition=definition,
        leaves=leaves,
        names=frozenset(referred_names([*expressions, *overrides])),
        actions=tuple(pipeline.located()),
        rules=tuple(pipeline.rules()),
    )
    if not definition.services:
        return found
    from pipegen.services.named_service import named_services

    return replace(found, services=tuple(named_services(definition.name, definition.services, found.actions)))


def lower(written: Outline) -> Outline:
    """The same with actions that CodePipeline knows. Deploys that name no service of the definition are left out; a
    check reports them."""
    if not written.services:
        return written
    from pipegen.graph.lowering import lowered_actions

    return replace(written, actions=lowered_actions(written.actions, written.services))
