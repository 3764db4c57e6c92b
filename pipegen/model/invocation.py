"""The permissions to invoke a Lambda function in a pipeline."""

from __future__ import annotations

from collections.abc import Iterator

from pipegen.iam.grant import Grant
from pipegen.values.value import Value, arn


def invoke_grants(function: Value) -> Iterator[Grant]:
    """Allow CodePipeline to invoke a function by its name. The page of the action lists no permissions; this one does.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/actions-invoke-lambda-function.html"""
    yield Grant(
        actions=("lambda:InvokeFunction",),
        resources=(arn("lambda", "function:", function),),
        because="invokes the function",
    )
    because = "CodePipeline lists the functions first; the action does not support resources"
    yield Grant(actions=("lambda:ListFunctions",), resources=("*",), because=because)
