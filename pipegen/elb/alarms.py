"""CloudWatch alarms for the target groups of a load balancer, which stop the deployments of a service.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from math import ceil
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from troposphere import GetAtt

from pipegen.errors import Problem
from pipegen.fields.aws import Property
from pipegen.fields.constraints import Between, Matches
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.references.arn_parts import REGION_ONLY
from pipegen.references.kinds import TOPIC
from pipegen.references.mark import Refers
from pipegen.values.create import create
from pipegen.values.number import IntegerValue, NumberValue, known, plain
from pipegen.values.value import Value

if TYPE_CHECKING:
    from troposphere import cloudwatch

_NAMESPACE = "AWS/ApplicationELB"
_MINUTE, _DAY = 60, 86_400
_PERCENT = 5.0
"""The default of `percent`."""
_PERCENTILE = Matches(r"p(?:\d{1,2}(?:\.\d{1,10})?|100)", "a percentile such as p90, p99 or p99.9")
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html (ExtendedStatistic)"""


@frozen(kw_only=True)
class _Alarm(Model):
    """The fields of all alarms."""

    aws_type: ClassVar[str] = "AWS::CloudWatch::Alarm"
    noun: ClassVar[str]
    """The end of the logical ids of these alarms."""

    period_seconds: Annotated[IntegerValue, Between(_MINUTE, _DAY), Property("Period")] = _MINUTE
    """The length of a period in seconds, a multiple of 60: load balancers report every minute. Default: 60."""
    evaluation_periods: Annotated[IntegerValue, Between(1, _DAY // _MINUTE), Property("EvaluationPeriods")] = 3
    """The number of periods in a row in which the threshold must be reached. Default: 3. All periods together last at
    most a day. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"""

    @property
    def minutes(self) -> int | None:
        """The minutes that the alarm takes to change its state; None if only the deployment knows them."""
        seconds, periods = known(self.period_seconds), known(self.evaluation_periods)
        return None if seconds is None or periods is None else ceil(seconds * periods / _MINUTE)

    @property
    def threshold(self) -> NumberValue:
        raise NotImplementedError

    @property
    def condition(self) -> str:
        """What the alarm reports, in words."""
        raise NotImplementedError

    def measured(self, dimensions: Sequence[cloudwatch.MetricDimension]) -> Mapping[str, Any]:
        """Return the properties that select the metric."""
        raise NotImplementedError

    def problems(self) -> Iterator[Problem]:
        yield from _time_problems(self)


@frozen(kw_only=True)
class ErrorAlarm(_Alarm):
    """An alarm for responses of the tasks with a 5xx status."""

    noun: ClassVar[str] = "ErrorAlarm"

    percent: Annotated[NumberValue, Between(0.1, 100), Property("Threshold")] | None = None
    """The percentage of the responses in a period that are errors. Default: 5, unless `count` is set."""
    count: Annotated[IntegerValue, Between(1), Property("Threshold")] | None = None
    """The number of errors in a period, instead of a percentage."""

    @property
    def threshold(self) -> NumberValue:
        if self.count is not None:
            return self.count
        return _PERCENT if self.percent is None else self.percent

    @property
    def condition(self) -> str:
        words = f"{_number(self.threshold)}% of the" if self.count is None else f"{_number(self.count)} or more"
        return f"{words} responses are 5xx"

    def measured(self, dimensions: Sequence[cloudwatch.MetricDimension]) -> Mapping[str, Any]:
        errors = _metric("HTTPCode_Target_5XX_Count", dimensions)
        if self.count is not None:
            return {**errors, "Period": self.period_seconds, "Statistic": "Sum"}
        return {"Metrics": _share(errors, _metric("RequestCount", dimensions), self.period_seconds)}

    def problems(self) -> Iterator[Problem]:
        yield from _time_problems(self)
        if None not in (self.percent, self.count):
            text = "percent and count cannot both be set"
            yield Problem("alarm-threshold", ("count",), text, "remove one of them")


@frozen(kw_only=True)
class UnhealthyAlarm(_Alarm):
    """An alarm for tasks that fail the health check of the load balancer."""

    noun: ClassVar[str] = "UnhealthyAlarm"

    count: Annotated[IntegerValue, Between(1), Property("Threshold")] = 1
    """The number of unhealthy tasks."""

    @property
    def threshold(self) -> NumberValue:
        return self.count

    @property
    def condition(self) -> str:
        return f"{_number(self.count)} or more tasks are unhealthy"

    def measured(self, dimensions: Sequence[cloudwatch.MetricDimension]) -> Mapping[str, Any]:
        return {
            **_metric("UnHealthyHostCount", dimensions),
            "Period": self.period_seconds,
            "Statistic": "Maximum",
        }


@frozen(kw_only=True)
class LatencyAlarm(_Alarm):
    """An alarm for slow responses of the tasks."""

    noun: ClassVar[str] = "LatencyAlarm"

    seconds: Annotated[NumberValue, Between(0.001, 4000), Property("Threshold")]
    """Seconds from a request until the task starts to respond."""
    statistic: Annotated[Value, _PERCENTILE, Property("ExtendedStatistic")] = "p99"
    """The percentile of the response times that is compared with `seconds`."""

    @property
    def threshold(self) -> NumberValue:
        return self.seconds

    @property
    def condition(self) -> str:
        percentile = self.statistic if isinstance(self.statistic, str) else "percentile"
        return f"the {percentile} of the response times is {_number(self.seconds)} s or more"

    def measured(self, dimensions: Sequence[cloudwatch.MetricDimension]) -> Mapping[str, Any]:
        return {
            **_metric("TargetResponseTime", dimensions),
            "Period": self.period_seconds,
            "ExtendedStatistic": self.statistic,
        }


@frozen(kw_only=True)
class Alarms(Model):
    """Alarms that the stack creates for each target group of a service, and that stop its deployments. `{}` creates
    those that have defaults.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html
    https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-create-alarms.html"""

    aws_type: ClassVar[str] = "AWS::CloudWatch::Alarm"

    target_5xx: ErrorAlarm | None = field(default_factory=ErrorAlarm)
    """Errors of the tasks. Default: 5 percent of the responses for three minutes; null for no alarm."""
    unhealthy_hosts: UnhealthyAlarm | None = field(default_factory=UnhealthyAlarm)
    """Tasks that fail health checks. Default: one task for three minutes; null for no alarm."""
    latency: LatencyAlarm | None = None
    """Slow responses. Default: no alarm."""
    topic: Annotated[Value, Refers(TOPIC, near=REGION_ONLY), Property("AlarmActions")] | None = None
    """The ARN of an SNS topic that is notified when an alarm goes off. If the topic is encrypted, the policy of its key
    must allow CloudWatch to use it."""

    def by_field(self) -> Mapping[str, ErrorAlarm | UnhealthyAlarm | LatencyAlarm]:
        """The alarms by field."""
        alarms = {"target_5xx": self.target_5xx, "unhealthy_hosts": self.unhealthy_hosts, "latency": self.latency}
        return {name: alarm for name, alarm in alarms.items() if alarm is not None}

    def logical_ids(self, target_groups: Sequence[str]) -> list[str]:
        return [f"{group}{alarm.noun}" for group in target_groups for alarm in self.by_field().values()]

    def resources(self, subject: str, balancer: Value, target_groups: Sequence[str]) -> Iterator[cloudwatch.Alarm]:
        """Yield the alarms. Each target group has its own: a deployment that shifts a small part of the traffic would
        not be visible in a sum. balancer: the full name of the load balancer. target_groups: logical ids."""
        for group in target_groups:
            for alarm in self.by_field().values():
                yield _resource(alarm, group, subject, balancer, self.topic)

    def problems(self) -> Iterator[Problem]:
        if not self.by_field():
            text = "alarms contains no alarm"
            yield Problem("alarm-threshold", (), text, "set one of target_5xx, unhealthy_hosts or latency")
        for name, alarm in self.by_field().items():
            for problem in alarm.problems():
                yield problem.under(name)


def _number(value: NumberValue) -> str:
    """Return a threshold for a description: `n` if only the deployment knows it."""
    number = known(value)
    return "n" if number is None else f"{number:g}"


def _time_problems(alarm: _Alarm) -> Iterator[Problem]:
    seconds, periods = known(alarm.period_seconds), known(alarm.evaluation_periods)
    if seconds is not None and seconds % _MINUTE:
        text = f"period_seconds must be a multiple of {_MINUTE}, got {seconds}"
        fix = f"use {ceil(seconds / _MINUTE) * _MINUTE}; load balancers report every minute"
        yield Problem("alarm-time", ("period_seconds",), text, fix)
    elif seconds is not None and periods is not None and seconds * periods > _DAY:
        total = seconds * periods
        text = f"period_seconds times evaluation_periods must be at most {_DAY:,}, got {total:,}"
        yield Problem("alarm-time", ("evaluation_periods",), text, "lower one of them")


def _resource(alarm: _Alarm, group: str, subject: str, balancer: Value, topic: Value | None) -> cloudwatch.Alarm:
    """Return an alarm. Without requests or tasks there is no data, and nothing is wrong."""
    from troposphere import cloudwatch

    dimensions = [
        create(cloudwatch.MetricDimension, Name="LoadBalancer", Value=balancer),
        create(cloudwatch.MetricDimension, Name="TargetGroup", Value=GetAtt(group, "TargetGroupFullName")),
    ]
    optional: dict[str, Any] = {} if topic is None else {"AlarmActions": [topic]}
    duration = "" if alarm.minutes is None else f" for {alarm.minutes} min"
    return create(
        cloudwatch.Alarm,
        f"{group}{alarm.noun}",
        AlarmDescription=f"{subject}: {alarm.condition}{duration}",
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        EvaluationPeriods=alarm.evaluation_periods,
        Threshold=plain(alarm.threshold),
        TreatMissingData="notBreaching",
        **alarm.measured(dimensions),
        **optional,
    )


def _metric(name: str, dimensions: Sequence[cloudwatch.MetricDimension]) -> dict[str, Any]:
    return {"Namespace": _NAMESPACE, "MetricName": name, "Dimensions": list(dimensions)}


def _share(part: Mapping[str, Any], whole: Mapping[str, Any], period: IntegerValue) -> list[cloudwatch.MetricDataQuery]:
    """Return the queries for a metric in percent of another. A load balancer reports no errors instead of zero.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html"""
    from troposphere import cloudwatch

    queries = [
        create(
            cloudwatch.MetricDataQuery,
            Id=name,
            MetricStat=create(
                cloudwatch.MetricStat, Metric=create(cloudwatch.Metric, **metric), Period=period, Stat="Sum"
            ),
            ReturnData=False,
        )
        for name, metric in {"errors": part, "requests": whole}.items()
    ]
    expression = "100 * FILL(errors, 0) / requests"
    share = create(
        cloudwatch.MetricDataQuery, Id="share", Expression=expression, Label="Errors in percent", ReturnData=True
    )
    return [*queries, share]
