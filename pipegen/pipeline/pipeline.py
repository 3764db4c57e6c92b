"""Pipelines as definitions describe them: stages of actions, with triggers, variables and conditions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, field, replace
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pipegen.fields.aws import Property
from pipegen.fields.constraints import ONE_LINE, Length
from pipegen.fields.model import NOTHING, Model, by_name, joined
from pipegen.frozen import frozen
from pipegen.model.log_group import RetentionDays
from pipegen.model.stack_contents import StackOutputs, StackResources, as_outputs, as_resources
from pipegen.pipeline.located import LocatedAction, LocatedRule
from pipegen.pipeline.schedule import PipelineSchedule
from pipegen.pipeline.stage import Stage
from pipegen.pipeline.trigger import Trigger
from pipegen.references.arn_parts import ACCOUNT_ONLY
from pipegen.references.kinds import ROLE, ROLE_NAME
from pipegen.references.mark import Refers
from pipegen.syntax import names

if TYPE_CHECKING:
    # Not at run time: the code that reads data into the model decides which kinds `Action` includes.
    from pipegen.pipeline.notification import Notification
from pipegen.values.number import IntegerValue
from pipegen.values.value import TextValue, Value

ExecutionMode = Literal["QUEUED", "SUPERSEDED", "PARALLEL"]


@frozen
class Variable(Model):
    """A variable of the pipeline, which can be set when a run starts: `#{variables.NAME}` in every stage except the
    first. In Python, use the variable in an f-string.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-variables.html"""

    aws_type: ClassVar[str] = "AWS::CodePipeline::Pipeline.VariableDeclaration"
    named_by: ClassVar[str] = "name"

    name: str
    """The name of the variable, unique in the pipeline."""
    _: KW_ONLY
    default: Annotated[TextValue, Length(1, 1000), ONE_LINE, Property("DefaultValue")] | None = None
    """The default value. Without one, every start of the pipeline must set the variable."""
    description: Annotated[Value, Length(0, 200), ONE_LINE, Property("Description")] = ""
    """The description in the console.
    https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PipelineVariableDeclaration.html"""

    def __str__(self) -> str:
        return f"#{{variables.{self.name}}}"


@frozen
class Pipeline(Model):
    """A pipeline of the type V2.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/pipeline-types.html"""

    aws_type: ClassVar[str] = "AWS::CodePipeline::Pipeline"

    stages: Annotated[Sequence[Stage], Length(2, 50, "stages"), Property("Stages")]
    """The stages, in the order in which they run. The first stage contains only sources.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html"""
    name: Annotated[str, names.PIPELINE, Property("Name")] | None = None
    """The name of the pipeline. Default: the name of the definition."""
    execution_mode: Annotated[ExecutionMode, Property("ExecutionMode")] = "QUEUED"
    """What happens when a run starts while another is in progress: QUEUED deploys every revision in turn, SUPERSEDED
    lets a newer run overtake a waiting one, and PARALLEL runs them at the same time. Default: QUEUED.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/concepts-how-it-works.html"""
    restart_on_update: Annotated[bool, Property("RestartExecutionOnUpdate")] = False
    """Whether the pipeline runs whenever its definition changes. Default: false."""
    triggers: Annotated[Sequence[Trigger], Length(0, 50, "triggers"), Property("Triggers")] = ()
    """Which pushes and pull requests start the pipeline, for sources behind a connection; one for each source.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html"""
    schedules: Annotated[Sequence[PipelineSchedule], Length(0, 50, "schedules")] = ()
    """Schedules that start the pipeline. Default: none.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-trigger-source-schedule.html"""
    notifications: Sequence[Notification] = ()
    """Notifications about runs of the pipeline. Default: none."""
    variables: Annotated[
        Mapping[Annotated[str, names.VARIABLE], Variable], Length(0, 50, "variables"), Property("Variables")
    ] = field(default_factory=dict)
    """Variables of the pipeline by name.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html"""
    commands_log_retention_days: RetentionDays = 90
    """Days for which CloudWatch Logs keeps the output of the `commands` of actions and rules, in the log group
    `/aws/codepipeline/NAME`; 0 keeps it forever. Default: 90. CloudWatch offers these numbers:
    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html"""
    role: Annotated[Value, Refers(ROLE_NAME, ROLE, near=ACCOUNT_ONLY), Property("RoleArn")] | None = None
    """The name or ARN of an existing role with which the pipeline runs. It needs the permissions that pipegen gives to
    a role that the stack creates. Default: a role that the stack creates."""
    event_role: (
        Annotated[Value, Refers(ROLE_NAME, ROLE, near=ACCOUNT_ONLY), Property("AWS::Events::Rule.Target.RoleArn")]
        | None
    ) = None
    """The name or ARN of an existing role with which EventBridge starts the pipeline when a source changes. It needs
    the permission `codepipeline:StartPipelineExecution`. Default: the role of the foundation, or one that the stack
    creates.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/create-cwe-ecr-source-cfn.html"""
    stack_name: Annotated[str, names.STACK_NAME] | None = None
    """The name of the pipeline's stack. Default: `<definition>-pipeline`."""
    resources: StackResources = field(default_factory=dict)
    """Resources that the pipeline's stack contains too, by logical ID."""
    outputs: StackOutputs = field(default_factory=dict)
    """Outputs that the pipeline's stack has too, by name."""

    def __init__(
        self,
        *stage: Stage,
        stages: Sequence[Stage] = (),
        name: str | None = None,
        execution_mode: ExecutionMode = "QUEUED",
        restart_on_update: bool = False,
        triggers: Sequence[Trigger] = (),
        schedules: Sequence[PipelineSchedule] = (),
        notifications: Sequence[Notification] = (),
        variables: Sequence[Variable] | Mapping[str, Variable] = (),
        commands_log_retention_days: IntegerValue = 90,
        role: Value | None = None,
        event_role: Value | None = None,
        stack_name: str | None = None,
        resources: StackResources = NOTHING,
        outputs: StackOutputs = NOTHING,
    ) -> None:
        self._fill(
            stages=joined(stage, stages),
            name=name,
            execution_mode=execution_mode,
            restart_on_update=restart_on_update,
            triggers=triggers,
            schedules=schedules,
            notifications=notifications,
            variables=by_name(variables or {}),
            commands_log_retention_days=commands_log_retention_days,
            role=role,
            event_role=event_role,
            stack_name=stack_name,
            resources=as_resources(resources),
            outputs=as_outputs(outputs),
        )

    def located(self) -> Iterator[LocatedAction]:
        """The actions with their locations, in the order of the definition.

        Resources are named after actions. If actions of several stages have the same name, that of all but the first is
        prefixed with the name of the stage.
        """
        stages: dict[str, set[str]] = {}
        for stage in self.stages:
            for action in stage.actions:
                stages.setdefault(action.name, set()).add(stage.name)
        seen: dict[str, int] = {}
        for stage_index, stage in enumerate(self.stages):
            for index, (action, order) in enumerate(zip(stage.actions, stage.orders(), strict=True)):
                repeated = seen.setdefault(action.name, stage_index) != stage_index
                yield LocatedAction(
                    action=replace(action, name=f"{stage.name}-{action.name}") if repeated else action,
                    name=action.name,
                    stage=stage.name,
                    stage_index=stage_index,
                    index=index,
                    run_order=order,
                    shared=len(stages[action.name]) > 1,
                )

    def rules(self) -> Iterator[LocatedRule]:
        """The rules of all conditions with their locations."""
        for stage_index, stage in enumerate(self.stages):
            for when, condition in stage.conditions():
                for index, rule in enumerate(condition.rules):
                    yield LocatedRule(rule=rule, stage=stage.name, stage_index=stage_index, when=when, index=index)
