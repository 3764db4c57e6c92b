"""The state of a CloudWatch alarm.
https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference-CloudWatchAlarm.html"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, ClassVar, Literal

from pipegen.errors import Problem
from pipegen.fields.aws import ConfigurationKey
from pipegen.fields.constraints import Between
from pipegen.frozen import frozen
from pipegen.iam.grant import Grant
from pipegen.pipeline.rule import BoundRule, Rule, RuleContext
from pipegen.references.kinds import ALARM
from pipegen.references.mark import Refers
from pipegen.values.number import IntegerValue
from pipegen.values.value import Value, arn

AlarmState = Literal["ALARM", "OK", "INSUFFICIENT_DATA"]


@frozen(kw_only=True)
class AlarmRule(Rule):
    """The state of a CloudWatch alarm.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference-CloudWatchAlarm.html"""

    kind: Literal["alarm"] = "alarm"
    alarm: Annotated[Value, Refers(ALARM), ConfigurationKey("AlarmName")]
    """The name of the alarm, in the pipeline's account and region.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"""
    states: Annotated[Sequence[AlarmState], ConfigurationKey("AlarmStates")] = ()
    """The states with which the rule succeeds, without duplicates. Default: before entry and on success, OK and
    INSUFFICIENT_DATA; on failure, ALARM."""
    wait_minutes: Annotated[IntegerValue, Between(1), ConfigurationKey("WaitTime")] | None = None
    """Minutes to wait. Before entry, the rule waits this long for the alarm to become OK; on success, it watches the
    alarm this long, and fails when the alarm is triggered. Default: no wait.
    https://aws.amazon.com/about-aws/whats-new/2024/08/aws-codepipeline-stage-level-conditions-implement-pipeline-gates"""
    composite: bool = False
    """Whether the alarm is a composite alarm, for which CloudWatch requires permission to read all alarms. Default:
    false. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html"""

    provider: ClassVar[str] = "CloudWatchAlarm"

    def problems(self) -> Iterator[Problem]:
        if len(set(self.states)) < len(self.states):
            yield Problem("rule-alarm", ("states",), "states contains a state twice", "list each state once")

    def bind(self, context: RuleContext) -> BoundRule:
        configuration: dict[str, Value | int | bool] = {"AlarmName": self.alarm}
        if self.states:
            configuration["AlarmStates"] = ",".join(self.states)
        if self.wait_minutes is not None:
            configuration["WaitTime"] = self.wait_minutes
        return BoundRule(configuration=configuration, grants=(self._grant(),))

    def _grant(self) -> Grant:
        read = ("cloudwatch:DescribeAlarms",)
        if self.composite:
            because = "CloudWatch returns composite alarms only with permission to read all alarms"
            return Grant(actions=read, resources=("*",), because=because)
        return Grant(
            actions=read,
            resources=(arn("cloudwatch", "alarm:", self.alarm),),
            because="reads the state of the alarm",
        )
