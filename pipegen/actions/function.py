"""Invocations of Lambda functions.
https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-Lambda.html"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Annotated, Literal

from pipegen.errors import Problem
from pipegen.fields.aws import ConfigurationKey, Property
from pipegen.frozen import frozen
from pipegen.model.invocation import invoke_grants
from pipegen.pipeline.action import INPUT_ARTIFACTS, Action, ActionType, variable_of
from pipegen.pipeline.action_output import OUTPUT_VARIABLE, ActionOutput, every_input, every_output, output_problems
from pipegen.pipeline.artifact import Artifact, Contents, Files, Output, Reference
from pipegen.pipeline.binding import Bound, Context
from pipegen.pipeline.requirement import Input
from pipegen.references.kinds import FUNCTION_NAME
from pipegen.references.mark import Refers
from pipegen.values.value import Value

_TYPE = ActionType(category="Invoke", provider="Lambda", inputs=(0, 5), outputs=(0, 5))


@frozen(kw_only=True)
class LambdaInvoke(Action):
    """An invocation of a Lambda function, which gets the job of the action as its event.

    The function must call `PutJobSuccessResult` or `PutJobFailureResult`, for which its role needs permissions on all
    resources; otherwise the action waits until it times out. In another region than the pipeline, it calls them in its
    own region. It writes the output artifacts itself, with the credentials in the event.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/actions-invoke-lambda-function.html
    https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-Lambda.html"""

    kind: Literal["lambda"] = "lambda"
    function: Annotated[Value, Refers(FUNCTION_NAME), ConfigurationKey("FunctionName")]
    """The name of the function, in the account and region of the action."""
    user_parameters: Annotated[Value, ConfigurationKey("UserParameters")] | None = None
    """Text for the function, at most 1,000 characters, which may use `#{namespace.variable}`.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html"""
    inputs: Annotated[Sequence[Reference[Contents]], INPUT_ARTIFACTS] = ()
    """Artifacts for the function, at most 5."""
    outputs: Annotated[
        Sequence[ActionOutput], Property("AWS::CodePipeline::Pipeline.ActionDeclaration.OutputArtifacts")
    ] = ()
    """Artifacts that the function writes, at most 5."""
    output_variables: Sequence[Annotated[str, OUTPUT_VARIABLE]] = ()
    """Names of the `outputVariables` of `PutJobSuccessResult` that later actions use as `#{namespace.variable}`.
    https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PutJobSuccessResult.html"""

    @property
    def action_type(self) -> ActionType:
        return _TYPE

    @property
    def may_deploy(self) -> bool:
        return True

    def output(self, name: str) -> Artifact[Files]:
        return self.reference(name)

    def reads(self) -> Sequence[Input]:
        return every_input(self.inputs)

    def makes(self) -> Sequence[Output]:
        return every_output(self.outputs)

    def variable(self, name: str) -> str:
        return variable_of(self, name)

    def own_variables(self) -> AbstractSet[str]:
        return frozenset(self.output_variables)

    def problems(self) -> Iterator[Problem]:
        yield from output_problems(self.outputs)

    def bind(self, context: Context) -> Bound:
        configuration: dict[str, Value | int | bool] = {"FunctionName": self.function}
        if self.user_parameters is not None:
            configuration["UserParameters"] = self.user_parameters
        return Bound(configuration=configuration, grants=[*invoke_grants(self.function)])
