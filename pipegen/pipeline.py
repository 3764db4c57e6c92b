"""A pipeline as a person describes it: stages of actions. What an action is, its kind says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pipegen.errors import Path
from pipegen.model import Model

if TYPE_CHECKING:
    # Not at run time: whoever reads data into the model says which kinds `Action` stands for.
    from pipegen.action import Action

ExecutionMode = Literal["QUEUED", "SUPERSEDED", "PARALLEL"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage(Model):
    """A stage: its actions run in the order of their `run_order`."""

    name: str
    actions: Sequence[Action]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline(Model):
    """A V2 pipeline.

    name: the definition's name unless given.
    execution_mode: what happens when a run starts while another is under way. QUEUED, the default, deploys every
        revision in turn; SUPERSEDED lets a newer run overtake a waiting one; PARALLEL runs them side by side.
        https://docs.aws.amazon.com/codepipeline/latest/userguide/concepts-how-it-works.html
    restart_on_update: run the pipeline whenever its definition changes.
    """

    stages: Sequence[Stage]
    name: str | None = None
    execution_mode: ExecutionMode = "QUEUED"
    restart_on_update: bool = False

    def located(self) -> Iterator[Located]:
        """Every action with its place, in the order of the definition."""
        for stage_index, stage in enumerate(self.stages):
            for index, action in enumerate(stage.actions):
                yield Located(action=action, stage=stage.name, stage_index=stage_index, index=index)


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """An action and where it stands."""

    action: Action
    stage: str
    stage_index: int
    index: int

    @property
    def path(self) -> Path:
        """From the definition."""
        return ("pipeline", "stages", self.stage_index, "actions", self.index)

    @property
    def order(self) -> tuple[int, int]:
        """Actions of equal order run at the same time."""
        return (self.stage_index, self.action.run_order)

    @property
    def words(self) -> str:
        return f"{self.stage}/{self.action.name}"
