"""The state of a CloudWatch alarm.
https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference-CloudWatchAlarm.html"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from pipegen.errors import Problem
from pipegen.fields.gaps import is_known
from pipegen.grant import Grant
from pipegen.rule import BoundRule, Rule, RuleContext
from pipegen.shape import shapes, shown
from pipegen.values import Value, arn

AlarmState = Literal["ALARM", "OK", "INSUFFICIENT_DATA"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRule(Rule):
    """An alarm that must be fine: before entry and after a success OK or without data, after a failure in ALARM.

    alarm: its name, in the pipeline's account and region. states: other states to look for.
    wait_minutes: how long to wait, at least 1. Before entry, the rule waits this long for the alarm to become OK; after
        a success it watches this long, and fails when the alarm goes off.
        https://aws.amazon.com/about-aws/whats-new/2024/08/aws-codepipeline-stage-level-conditions-implement-pipeline-gates
    composite: it is made of other alarms; CloudWatch then wants the permission to read every alarm.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
    """

    kind: Literal["alarm"] = "alarm"
    alarm: Value
    states: Sequence[AlarmState] = ()
    wait_minutes: int | None = None
    composite: bool = False

    provider: ClassVar[str] = "CloudWatchAlarm"

    def problems(self) -> Iterator[Problem]:
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
        too_long = is_known(self.alarm) and not 1 <= len(self.alarm) <= 255
        if too_long or any(each.is_arn for each in shapes(self.alarm)):
            yield Problem(
                "rule-alarm", ("alarm",), f"{shown(self.alarm)} is not a valid name for an alarm", "give its name"
            )
        if self.wait_minutes is not None and self.wait_minutes < 1:
            yield Problem("rule-alarm", ("wait_minutes",), f"a wait of {self.wait_minutes} minutes", "1 or more")
        if len(set(self.states)) < len(self.states):
            yield Problem("rule-alarm", ("states",), "a state is there twice", "name each once")

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
            because = "CloudWatch tells of composite alarms only to those who may read every alarm"
            return Grant(actions=read, resources=("*",), because=because)
        return Grant(
            actions=read,
            resources=(arn("cloudwatch", "alarm:", self.alarm),),
            because="asks for the state of the alarm",
        )
