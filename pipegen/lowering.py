"""A definition with its actions as CodePipeline runs them: deploys to its services become the actions that do it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipegen.definition import Definition
from pipegen.errors import Path
from pipegen.pipeline import Located, LocatedRule
from pipegen.stack import Document, pipeline_actions, pipeline_rules

if TYPE_CHECKING:
    from pipegen.services.placed import PlacedService


@dataclass(frozen=True, slots=True, kw_only=True)
class Lowered:
    """A definition, and what is compiled of it.

    actions: in the order of the template. Each has the path of the action in the definition that it is made of.
    """

    definition: Definition
    actions: Sequence[Located]
    rules: Sequence[LocatedRule]
    services: Sequence[PlacedService] = ()

    def readers(self) -> Iterator[Located | LocatedRule]:
        """Whatever may read artifacts and variables."""
        yield from self.actions
        yield from self.rules

    def configured(self, document: Document) -> Iterator[tuple[Located | LocatedRule | None, Path, Mapping[str, Any]]]:
        """The actions and rules of the pipeline in a template: what each was made of, its place in the definition, and
        how it is configured. An override may have added some that are made of nothing."""
        made = self._made()
        for path, configured in (*pipeline_actions(document), *pipeline_rules(document)):
            reader = made.get(path)
            yield reader, reader.path if reader else path, configured

    def _made(self) -> Mapping[Path, Located | LocatedRule]:
        """By the place that they have in the template."""
        made: dict[Path, Located | LocatedRule] = {rule.path: rule for rule in self.rules}
        positions = Counter[int]()
        for each in self.actions:
            made[*each.path[:-1], positions[each.stage_index]] = each
            positions[each.stage_index] += 1
        return made


def lower(definition: Definition) -> Lowered:
    """The definition lowered. Deploys that name no service of it are left out; a check reports them."""
    written, rules = tuple(definition.pipeline.located()), tuple(definition.pipeline.rules())
    if not definition.services:
        return Lowered(definition=definition, actions=written, rules=rules)
    from pipegen.services.lowering import lowered_actions

    services = definition.placed_services()
    actions = lowered_actions(written, services)
    return Lowered(definition=definition, actions=actions, rules=rules, services=services)
