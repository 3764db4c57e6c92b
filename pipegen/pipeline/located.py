"""Actions and rules with their place in a definition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING

from pipegen.errors import Path
from pipegen.frozen import frozen
from pipegen.model.environment import Environment
from pipegen.pipeline.action import HIGHEST_ORDER

if TYPE_CHECKING:
    from pipegen.pipeline.action import Action
    from pipegen.pipeline.requirement import Input
    from pipegen.pipeline.rule import Rule

_AFTER_ALL = HIGHEST_ORDER + 1


@frozen(kw_only=True)
class LocatedAction:
    """An action and its location in the pipeline.

    name: as in the definition and in the console; the name of `action` is unique in the pipeline. run_order: the
    effective run order, explicit or by default. shared: whether actions of other stages have the same name. added:
    whether the action is not in the definition but follows one that is, whose path and artifacts it has. fields: where
    the action replaces another one, the field of the other one for each field of this one.
    """

    action: Action
    name: str
    stage: str
    stage_index: int
    index: int
    run_order: int
    shared: bool = False
    added: bool = False
    fields: Mapping[str, str] = field(default_factory=dict)
    environment: Environment | None = None
    """The environment, if the action runs in another account or region than the pipeline."""

    @property
    def path(self) -> Path:
        """From the definition."""
        return ("pipeline", "stages", self.stage_index, "actions", self.index)

    @property
    def account_and_region(self) -> tuple[str, str] | None:
        """The account and region, if they are not the pipeline's."""
        return self.environment.account_and_region if self.environment else None

    @property
    def order(self) -> tuple[int, int]:
        """Actions of equal order run at the same time."""
        return (self.stage_index, self.run_order)

    @property
    def reads_before(self) -> tuple[int, int]:
        """The order before which the artifacts that the action reads are created. An added action reads what the action
        before it reads."""
        return (self.stage_index, self.run_order - self.added)

    @property
    def words(self) -> str:
        return f"{self.stage}/{self.name}"

    @property
    def reference(self) -> str:
        """The name by which other parts of the definition refer to the action."""
        return f"{self.stage}.{self.name}" if self.shared else self.name

    @property
    def earlier(self) -> str:
        """Earlier positions in the pipeline, as a fix names them."""
        return "an earlier stage, or further up in this one"

    @property
    def distinct_inputs(self) -> bool:
        return self.action.action_type.distinct_inputs

    def reads(self) -> Sequence[Input]:
        return self.action.reads()


@frozen(kw_only=True)
class LocatedRule:
    """A rule and its location in the pipeline. `when`: the field of its stage."""

    rule: Rule
    stage: str
    stage_index: int
    when: str
    index: int

    @property
    def path(self) -> Path:
        """From the definition."""
        return ("pipeline", "stages", self.stage_index, self.when, "rules", self.index)

    @property
    def order(self) -> tuple[int, int]:
        """All actions of the stage have run on success. Before entry and after a failure, none may have run."""
        return (self.stage_index, _AFTER_ALL if self.when == "on_success" else 0)

    @property
    def reads_before(self) -> tuple[int, int]:
        return self.order

    @property
    def words(self) -> str:
        return f"{self.stage}/{self.rule.name}"

    @property
    def earlier(self) -> str:
        """Earlier positions in the pipeline, as a fix names them."""
        return "an earlier stage"

    @property
    def distinct_inputs(self) -> bool:
        return True

    def reads(self) -> Sequence[Input]:
        return self.rule.reads()
