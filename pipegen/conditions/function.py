"""The result of a Lambda function.
https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference-LambdaInvoke.html"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from pipegen.fields.aws import ConfigurationKey, Property
from pipegen.frozen import frozen
from pipegen.model.invocation import invoke_grants
from pipegen.pipeline.artifact import Contents, Reference
from pipegen.pipeline.requirement import AnyArtifact, Input
from pipegen.pipeline.rule import BoundRule, Rule, RuleContext
from pipegen.references.kinds import FUNCTION_NAME
from pipegen.references.mark import Refers
from pipegen.values.value import Value


@frozen(kw_only=True)
class LambdaRule(Rule):
    """A Lambda function that reports to CodePipeline whether the rule succeeds.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference-LambdaInvoke.html"""

    kind: Literal["lambda"] = "lambda"
    function: Annotated[Value, Refers(FUNCTION_NAME), ConfigurationKey("FunctionName")]
    """The name of the function, in the pipeline's account and region."""
    user_parameters: Annotated[Value, ConfigurationKey("UserParameters")] | None = None
    """Text for the function, which may use `#{namespace.variable}`."""
    inputs: Annotated[Sequence[Reference[Contents]], Property("InputArtifacts")] = ()
    """Artifacts for the function, at most 5."""

    provider: ClassVar[str] = "LambdaInvoke"
    input_count: ClassVar[tuple[int, int]] = (0, 5)
    may_skip: ClassVar[bool] = True

    def reads(self) -> Sequence[Input]:
        return [
            Input(path=("inputs", index), requires=AnyArtifact(), artifact=artifact)
            for index, artifact in enumerate(self.inputs)
        ]

    def bind(self, context: RuleContext) -> BoundRule:
        configuration: dict[str, Value | int | bool] = {"FunctionName": self.function}
        if self.user_parameters is not None:
            configuration["UserParameters"] = self.user_parameters
        return BoundRule(configuration=configuration, grants=tuple(invoke_grants(self.function)))
