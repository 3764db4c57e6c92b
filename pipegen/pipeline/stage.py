"""Stages of a pipeline."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, ClassVar

from pipegen.fields.aws import Property
from pipegen.fields.constraints import Length
from pipegen.fields.model import Model, joined
from pipegen.frozen import frozen
from pipegen.pipeline.action import HIGHEST_ORDER
from pipegen.pipeline.condition import BeforeEntry, Condition, OnFailure, OnSuccess
from pipegen.syntax import names

if TYPE_CHECKING:
    # Not at run time: the code that reads data into the model decides which kinds `Action` includes.
    from pipegen.pipeline.action import Action


@frozen
class Stage(Model):
    """A stage of the pipeline: actions that run one after another, in the order in which they are written.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-pipeline-structure.html"""

    aws_type: ClassVar[str] = "AWS::CodePipeline::Pipeline.StageDeclaration"

    name: Annotated[str, names.STAGE, Property("Name")]
    """The name of the stage, unique in the pipeline."""
    actions: Annotated[Sequence[Action], Length(1, 50, "actions"), Property("Actions")]
    """The actions of the stage. Sources, and actions with equal `run_order`, run in parallel. All stages together have
    at most 1,000 actions: https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html"""
    before_entry: Annotated[BeforeEntry, Property("BeforeEntry")] | None = None
    """The condition under which the stage starts."""
    on_success: Annotated[OnSuccess, Property("OnSuccess")] | None = None
    """The condition under which the stage has succeeded once its actions have."""
    on_failure: Annotated[OnFailure, Property("OnFailure")] | None = None
    """What happens when the stage fails. Default: the run stops."""

    def __init__(
        self,
        name: str,
        *action: Action,
        actions: Sequence[Action] = (),
        before_entry: BeforeEntry | None = None,
        on_success: OnSuccess | None = None,
        on_failure: OnFailure | None = None,
    ) -> None:
        self._fill(
            name=name,
            actions=joined(action, actions),
            before_entry=before_entry,
            on_success=on_success,
            on_failure=on_failure,
        )

    def orders(self) -> list[int]:
        """The effective run order of each action. A `run_order` that contradicts the order of the list is ignored; a
        check reports it."""
        wrong = {index for index, _ in self.contradictions()}
        return self._orders(None if index in wrong else each.run_order for index, each in enumerate(self.actions))

    def written_orders(self) -> list[int]:
        """The run order of each action: its `run_order`, even if it is not valid, or one more than the highest before
        it. Sources do not wait for each other."""
        return self._orders(each.run_order for each in self.actions)

    def _orders(self, explicit: Iterable[int | None]) -> list[int]:
        orders: list[int] = []
        for action, order in zip(self.actions, explicit, strict=True):
            default = 1 if action.action_type.category == "Source" else 1 + max(orders, default=0)
            orders.append(default if order is None else order)
        return orders

    def contradictions(self) -> Iterator[tuple[int, int | None]]:
        """The indices of actions whose `run_order` is not valid: out of CodePipeline's range, or not after an action
        without `run_order` that precedes it in the list, with the index of that action."""
        orders = self.written_orders()
        before: int | None = None
        is_out = False
        for index, (action, order) in enumerate(zip(self.actions, orders, strict=True)):
            if not 1 <= order <= HIGHEST_ORDER:
                if action.run_order is not None or not is_out:
                    yield index, None
                is_out = True
            elif action.run_order is None and action.action_type.category != "Source":
                before = index
            elif action.run_order is not None and before is not None and order <= orders[before]:
                yield index, before

    def conditions(self) -> Iterator[tuple[str, Condition]]:
        """The conditions that are set, with the names of their fields."""
        fields = (("before_entry", self.before_entry), ("on_success", self.on_success), ("on_failure", self.on_failure))
        for name, condition in fields:
            if condition is not None:
                yield name, condition
