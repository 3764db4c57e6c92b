"""A Lambda function's verdict.
https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference-LambdaInvoke.html"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from pipegen.artifact import Anything, Contents, Input, Reference
from pipegen.errors import Problem
from pipegen.grant import Grant
from pipegen.rule import BoundRule, Rule, RuleContext
from pipegen.shape import contradicts, shown
from pipegen.values import Value, arn


@dataclass(frozen=True, slots=True, kw_only=True)
class LambdaRule(Rule):
    """A function that decides; it tells CodePipeline its verdict itself.

    function: its name, in the pipeline's account and region. user_parameters: text that it is given.
    inputs: artifacts that it is given, at most 5.
    """

    kind: Literal["lambda"] = "lambda"
    function: Value
    user_parameters: Value | None = None
    inputs: Sequence[Reference[Contents]] = ()

    provider: ClassVar[str] = "LambdaInvoke"
    input_count: ClassVar[tuple[int, int]] = (0, 5)
    may_skip: ClassVar[bool] = True

    def reads(self) -> Sequence[Input]:
        return [
            Input(path=("inputs", index), wish=Anything(), artifact=artifact)
            for index, artifact in enumerate(self.inputs)
        ]

    def problems(self) -> Iterator[Problem]:
        # https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
        if contradicts(self.function, lambda name: re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name) is not None):
            text = f"{shown(self.function)} is not a valid name for a function"
            yield Problem("rule-function", ("function",), text, "give its name: 1 to 64 letters, digits, _ or -")

    def bind(self, context: RuleContext) -> BoundRule:
        configuration: dict[str, Value | int | bool] = {"FunctionName": self.function}
        if self.user_parameters is not None:
            configuration["UserParameters"] = self.user_parameters
        return BoundRule(configuration=configuration, grants=tuple(self._grants()))

    def _grants(self) -> Iterator[Grant]:
        """https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-Lambda.html"""
        yield Grant(
            actions=("lambda:InvokeFunction",),
            resources=(arn("lambda", "function:", self.function),),
            because="calls the function",
        )
        because = "CodePipeline lists the functions first, and IAM lets that be named for no resource"
        yield Grant(actions=("lambda:ListFunctions",), resources=("*",), because=because)
