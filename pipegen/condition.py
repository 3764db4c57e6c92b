"""What a stage asks before and after its actions, and what follows from the answers.

Named as CloudFormation names them, and with its upper-case results. AWS takes one condition of each sort.
https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-conditions.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pipegen.model import Model

if TYPE_CHECKING:
    # Not at run time: whoever reads data into the model says which kinds `Rule` stands for.
    from pipegen.rule import Rule

RetryMode = Literal["ALL_ACTIONS", "FAILED_ACTIONS"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BeforeEntry(Model):
    """A stage begins if all of its 1 to 5 rules are met.

    result: what happens otherwise: FAIL, or SKIP to go on with the next stage (variable and lambda rules alone).
    """

    result: Literal["FAIL", "SKIP"]
    rules: Sequence[Rule]


@dataclass(frozen=True, slots=True, kw_only=True)
class OnSuccess(Model):
    """A stage whose actions succeeded has succeeded if all of its 1 to 5 rules are met.

    result: what happens otherwise: FAIL, or ROLLBACK to the last run that went well.
    """

    result: Literal["FAIL", "ROLLBACK"]
    rules: Sequence[Rule]


@dataclass(frozen=True, slots=True, kw_only=True)
class OnFailure(Model):
    """What follows when a stage fails.

    result: RETRY runs it once more; ROLLBACK goes back to the last run that went well, only if all `rules` are met
        where there are some (5 at most). A rollback finds no such run until one went well after the pipeline's
        structure changed: https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-rollback.html
    retry_mode: FAILED_ACTIONS unless it says ALL_ACTIONS.
    """

    result: Literal["RETRY", "ROLLBACK"]
    retry_mode: RetryMode | None = None
    rules: Sequence[Rule] = ()


Condition = BeforeEntry | OnSuccess | OnFailure
