"""Conditions of stages, with the names and results of CloudFormation. A stage has at most one of each type.

https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-conditions.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pipegen.fields.aws import Property
from pipegen.fields.constraints import Length
from pipegen.fields.model import Model, joined
from pipegen.frozen import frozen

if TYPE_CHECKING:
    # Not at run time: the code that reads data into the model decides which kinds `Rule` includes.
    from pipegen.pipeline.rule import Rule

RetryMode = Literal["ALL_ACTIONS", "FAILED_ACTIONS"]


@frozen
class BeforeEntry(Model):
    """A condition under which a stage starts: all of its rules succeed.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-conditions.html"""

    aws_type: ClassVar[str] = "AWS::CodePipeline::Pipeline.Condition"

    result: Annotated[Literal["FAIL", "SKIP"], Property("Result")]
    """What happens otherwise: FAIL, or SKIP to continue with the next stage. SKIP supports only `variable` and `lambda`
    rules."""
    rules: Annotated[Sequence[Rule], Length(1, 5, "rules"), Property("Rules")]
    """The rules, with unique names.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html"""

    def __init__(self, result: Literal["FAIL", "SKIP"], *rule: Rule, rules: Sequence[Rule] = ()) -> None:
        self._fill(result=result, rules=joined(rule, rules))


@frozen
class OnSuccess(Model):
    """A condition under which a stage whose actions succeeded has succeeded: all of its rules succeed.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-conditions.html"""

    aws_type: ClassVar[str] = "AWS::CodePipeline::Pipeline.Condition"

    result: Annotated[Literal["FAIL", "ROLLBACK"], Property("Result")]
    """What happens otherwise: FAIL, or ROLLBACK to the last successful run."""
    rules: Annotated[Sequence[Rule], Length(1, 5, "rules"), Property("Rules")]
    """The rules, with unique names.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html"""

    def __init__(self, result: Literal["FAIL", "ROLLBACK"], *rule: Rule, rules: Sequence[Rule] = ()) -> None:
        self._fill(result=result, rules=joined(rule, rules))


@frozen
class OnFailure(Model):
    """What happens when a stage fails.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-conditions.html"""

    aws_type: ClassVar[str] = "AWS::CodePipeline::Pipeline.FailureConditions"

    result: Annotated[
        Literal["RETRY", "ROLLBACK"], Property("Result"), Property("AWS::CodePipeline::Pipeline.Condition.Result")
    ]
    """RETRY runs the stage once more; ROLLBACK returns to the last successful run. After a change of the pipeline's
    structure, a rollback needs a successful run with the new structure:
    https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-rollback.html"""
    retry_mode: Annotated[RetryMode, Property("RetryConfiguration")] | None = None
    """Which actions a retry runs: FAILED_ACTIONS or ALL_ACTIONS. Default: FAILED_ACTIONS. Only for `result: RETRY`."""
    rules: Annotated[
        Sequence[Rule], Length(0, 5, "rules"), Property("AWS::CodePipeline::Pipeline.Condition.Rules")
    ] = ()
    """Rules that must all succeed for a rollback to happen. Only for `result: ROLLBACK`.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html"""

    def __init__(
        self,
        result: Literal["RETRY", "ROLLBACK"],
        *rule: Rule,
        retry_mode: RetryMode | None = None,
        rules: Sequence[Rule] = (),
    ) -> None:
        self._fill(result=result, retry_mode=retry_mode, rules=joined(rule, rules))


Condition = BeforeEntry | OnSuccess | OnFailure
