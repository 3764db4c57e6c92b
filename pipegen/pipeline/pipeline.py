"""Pipelines as definitions describe them: stages of actions, with triggers, variables and conditions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, field, replace
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pipegen.errors import Path
from pipegen.fields.aws import Property
from pipegen.fields.constraints import ONE_LINE, Length
from pipegen.fields.model import NOTHING, Model, by_name, joined
from pipegen.frozen import frozen
from pipegen.model.environment import Environment
from pipegen.model.log_group import RetentionDays
from pipegen.model.stack_contents import StackOutputs, StackResources, as_outputs, as_resources
from pipegen.pipeline.action import HIGHEST_ORDER
from pipegen.pipeline.condition import BeforeEntry, Condition, OnFailure, OnSuccess
from pipegen.pipeline.trigger import Trigger
from pipegen.references.arn_parts import ACCOUNT_ONLY
from pipegen.references.kinds import ROLE, ROLE_NAME
from pipegen.references.mark import Refers
from pipegen.syntax import names

if TYPE_CHECKING:
    # Not at run time: the code that reads data into the model decides which kinds `Action` includes.
    from pipegen.pipeline.action import Action
    from pipegen.pipeline.notification import Notification
    from pipegen.pipeline.requirement import Input
    from pipegen.pipeline.rule import Rule
from pipegen.values.number import IntegerValue
from pipegen.values.value import TextValue, Value

_AFTER_ALL = HIGHEST_ORDER + 1

ExecutionMode = Literal["QUEUED", "SUPERSEDED", "PARALLEL"]


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
        notifications: Sequence[Notification] = (),
        variables: Sequence[Variable] | Mapping[str, Variable] = (),
        commands_log_retention_days: IntegerValue = 90,
        role: Value | None = None,
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
            notifications=notifications,
            variables=by_name(variables or {}),
            commands_log_retention_days=commands_log_retention_days,
            role=role,
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


@frozen(kw_only=True)
class LocatedAction:
    """An action and its location in the pipeline.

    name: as in the definition and in the console; the name of `action` is unique in the pipeline. run_order: the
    effective run order, explicit or by default. shared: whether actions of other stages have the same name. added:
    whether the action is not in the definition but follows one that is, whose path and artifacts it has. fields: where
    the action replaces another one, the field of the other one for each field of this one.
    """

    action: Action
    name: str
    stage: str
    stage_index: int
    index: int
    run_order: int
    shared: bool = False
    added: bool = False
    fields: Mapping[str, str] = field(default_factory=dict)
    environment: Environment | None = None
    """The environment, if the action runs in another account or region than the pipeline."""

    @property
    def path(self) -> Path:
        """From the definition."""
        return ("pipeline", "stages", self.stage_index, "actions", self.index)

    @property
    def account_and_region(self) -> tuple[str, str] | None:
        """The account and region, if they are not the pipeline's."""
        return self.environment.account_and_region if self.environment else None

    @property
    def order(self) -> tuple[int, int]:
        """Actions of equal order run at the same time."""
        return (self.stage_index, self.run_order)

    @property
    def reads_before(self) -> tuple[int, int]:
        """The order before which the artifacts that the action reads are created. An added action reads what the action
        before it reads."""
        return (self.stage_index, self.run_order - self.added)

    @property
    def words(self) -> str:
        return f"{self.stage}/{self.name}"

    @property
    def reference(self) -> str:
        """The name by which other parts of the definition refer to the action."""
        return f"{self.stage}.{self.name}" if self.shared else self.name

    @property
    def earlier(self) -> str:
        """Earlier positions in the pipeline, as a fix names them."""
        return "an earlier stage, or further up in this one"

    @property
    def distinct_inputs(self) -> bool:
        return self.action.action_type.distinct_inputs

    def reads(self) -> Sequence[Input]:
        return self.action.reads()


@frozen(kw_only=True)
class LocatedRule:
    """A rule and its location in the pipeline. `when`: the field of its stage."""

    rule: Rule
    stage: str
    stage_index: int
    when: str
    index: int

    @property
    def path(self) -> Path:
        """From the definition."""
        return ("pipeline", "stages", self.stage_index, self.when, "rules", self.index)

    @property
    def order(self) -> tuple[int, int]:
        """All actions of the stage have run on success. Before entry and after a failure, none may have run."""
        return (self.stage_index, _AFTER_ALL if self.when == "on_success" else 0)

    @property
    def reads_before(self) -> tuple[int, int]:
        return self.order

    @property
    def words(self) -> str:
        return f"{self.stage}/{self.rule.name}"

    @property
    def earlier(self) -> str:
        """Earlier positions in the pipeline, as a fix names them."""
        return "an earlier stage"

    @property
    def distinct_inputs(self) -> bool:
        return True

    def reads(self) -> Sequence[Input]:
        return self.rule.reads()
