"""Executions of Step Functions state machines.
https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-StepFunctions.html"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Annotated, ClassVar, Literal, get_args

from troposphere import Select, Split

from pipegen.errors import Problem, quoted
from pipegen.fields.aws import ConfigurationKey
from pipegen.fields.constraints import Matches
from pipegen.fields.gaps import is_known
from pipegen.frozen import frozen
from pipegen.iam.grant import Grant
from pipegen.pipeline.action import Action, ActionType, variable_of
from pipegen.pipeline.artifact import Artifact, Contents, Output
from pipegen.pipeline.artifact_file import ArtifactFile, file_input
from pipegen.pipeline.binding import Bound, Context
from pipegen.pipeline.requirement import Input
from pipegen.references.arn_parts import BOTH
from pipegen.references.kinds import STATE_MACHINE, STATE_MACHINE_NAME
from pipegen.references.mark import Refers
from pipegen.values.shape import Shape, arn_or_name, each_branch
from pipegen.values.value import Value, arn

_PREFIX = Matches(
    r"[A-Za-z0-9_-]{1,43}",
    "1 to 43 letters, digits, _ or -, which an ID of 36 characters follows",
    "https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html",
)
_VARIABLE = re.compile(r"#\{[^{}]*\}")

_TYPE = ActionType(category="Invoke", provider="StepFunctions", inputs=(0, 1), outputs=(0, 1))

StepFunctionsVariable = Literal["ExecutionArn", "StateMachineArn"]


@frozen(kw_only=True)
class ExecutionOutput(Contents):
    """The output of an execution, in a file whose name AWS does not document."""

    noun: ClassVar[str] = "the output of a state machine"


@frozen(kw_only=True)
class StepFunctions(Action):
    """An execution of a Step Functions state machine.

    The action waits for the end of an execution of a standard workflow, and fails if that fails. It only starts the
    execution of an express workflow, which has no output artifact.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-StepFunctions.html"""

    kind: Literal["step-functions"] = "step-functions"
    state_machine: Annotated[
        Value, Refers(STATE_MACHINE_NAME, STATE_MACHINE, near=BOTH), ConfigurationKey("StateMachineArn")
    ]
    """The name or ARN of the state machine, in the account and region of the action."""
    input: Annotated[Value, ConfigurationKey("Input")] | None = None
    """The input, as JSON of at most 1,000 characters, which may use `#{namespace.variable}`. Default: an empty object.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html"""
    input_file: Annotated[ArtifactFile, ConfigurationKey("Input")] | None = None
    """A JSON file with the input, in place of `input`."""
    execution_name_prefix: Annotated[Value, _PREFIX, ConfigurationKey("ExecutionNamePrefix")] | None = None
    """The start of the name of the execution, before the ID of the action's execution. Default: none."""

    variables: ClassVar[tuple[str, ...]] = get_args(StepFunctionsVariable)

    @property
    def action_type(self) -> ActionType:
        return _TYPE

    @property
    def may_deploy(self) -> bool:
        return True

    @property
    def output(self) -> Artifact[ExecutionOutput]:
        """The artifact with the output of the execution."""
        return self.reference()

    def reads(self) -> Sequence[Input]:
        return () if self.input_file is None else (file_input("input_file", self.input_file),)

    def makes(self) -> Sequence[Output]:
        return (Output(name="result", contents=ExecutionOutput()),)

    def variable(self, name: StepFunctionsVariable) -> str:
        return variable_of(self, name)

    def plain_variables(self) -> AbstractSet[str]:
        return frozenset(self.variables)

    def problems(self) -> Iterator[Problem]:
        if self.input is not None and self.input_file is not None:
            text = "input and input_file cannot both be set"
            yield Problem("action-input", ("input_file",), text, "remove one of them")
        if self.input is not None and is_known(self.input) and not _is_json(self.input):
            text = f"input must be JSON, got {quoted(self.input, 60)}"
            yield Problem("action-input", ("input",), text, 'write {"key": "value"}, in single quotes in YAML')

    def bind(self, context: Context) -> Bound:
        machine = arn_or_name(
            self.state_machine, "states", "stateMachine:", region=context.region, account=context.account
        )
        file = self.input_file
        settings: dict[str, Value | None] = {
            "StateMachineArn": machine,
            "ExecutionNamePrefix": self.execution_name_prefix,
            "InputType": None if file is None else "FilePath",
            "Input": self.input if file is None else file.path,
        }
        return Bound(
            configuration={key: value for key, value in settings.items() if value is not None},
            grants=[*self._grants(machine, context)],
        )

    def _grants(self, machine: Value, context: Context) -> Iterator[Grant]:
        """https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-StepFunctions.html#edit-role-stepfunctions
        https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsstepfunctions.html"""
        actions = ("states:DescribeStateMachine", "states:StartExecution")
        yield Grant(actions=actions, resources=(machine,), because="starts the execution")
        executions = each_branch(self.state_machine, lambda each: _executions(each, context))
        yield Grant(actions=("states:DescribeExecution",), resources=(executions,), because="waits for the execution")


def _executions(machine: Shape, context: Context) -> Value:
    """The ARN of all executions of a state machine, whose name is the seventh part of its ARN."""
    name = machine.value()
    if machine.is_late:
        name = "*"
    elif machine.is_arn or machine.is_gap:
        name = (
            machine.text.split(":")[6]
            if machine.text.count(":") == 6 and not machine.gaps
            else Select(6, Split(":", name))
        )
    return arn("states", "execution:", name, ":*", region=context.region, account=context.account)


def _is_json(text: str) -> bool:
    """Whether a text is JSON once CodePipeline has replaced the variables."""
    try:
        json.loads(_VARIABLE.sub("0", text))
    except ValueError:
        return False
    return True
