"""Scaling the number of a service's tasks by load and by schedule, through Application Auto Scaling.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-auto-scaling.html"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Any, ClassVar

from troposphere import AWSObject, Ref
from troposphere import applicationautoscaling as scaling

from pipegen.ecs.schedule import Schedule
from pipegen.errors import Problem
from pipegen.fields.aws import Property
from pipegen.fields.constraints import Between, Length
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.values.create import create
from pipegen.values.number import IntegerValue, NumberValue, known, plain
from pipegen.values.value import Value, concat

TARGET = "ScalableTarget"

_LARGEST_TARGET = 2.0**360
"""https://docs.aws.amazon.com/autoscaling/application/APIReference/API_TargetTrackingScalingPolicyConfiguration.html"""


@frozen(kw_only=True)
class Autoscaling(Model):
    """The bounds of a service's number of tasks, and the metrics and schedules that change it between them.

    With several metrics, tasks are added as soon as one of them exceeds its target, and removed when all of them allow
    it.
    https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html"""

    aws_type: ClassVar[str] = "AWS::ApplicationAutoScaling::ScalingPolicy.TargetTrackingScalingPolicyConfiguration"

    minimum: Annotated[IntegerValue, Between(0), Property("AWS::ApplicationAutoScaling::ScalableTarget.MinCapacity")]
    """The smallest number of tasks."""
    maximum: Annotated[IntegerValue, Between(0), Property("AWS::ApplicationAutoScaling::ScalableTarget.MaxCapacity")]
    """The largest number of tasks."""
    cpu_percent: Annotated[NumberValue, Between(1, 100), Property("TargetValue")] | None = None
    """The target for the average CPU utilization of the tasks, in percent of the CPU that they have."""
    memory_percent: Annotated[NumberValue, Between(1, 100), Property("TargetValue")] | None = None
    """The target for the average memory utilization of the tasks, in percent of the memory that they have."""
    requests_per_target: Annotated[NumberValue, Property("TargetValue")] | None = None
    """The target for the number of requests per task and minute, above 0. It requires a load balancer and rolling
    deployments. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-autoscaling-targettracking.html"""
    scale_in_cooldown_seconds: Annotated[IntegerValue, Between(0), Property("ScaleInCooldown")] = 300
    """Seconds to wait after removing tasks before more are removed. 300 is AWS's default too.
    https://docs.aws.amazon.com/autoscaling/application/APIReference/API_TargetTrackingScalingPolicyConfiguration.html"""
    scale_out_cooldown_seconds: Annotated[IntegerValue, Between(0), Property("ScaleOutCooldown")] = 300
    """Seconds to wait after adding tasks before more are added. 300 is AWS's default too."""
    scale_in: Annotated[bool, Property("DisableScaleIn")] = True
    """Whether the metrics may remove tasks. With false, they only add tasks."""
    schedules: Annotated[
        Sequence[Schedule],
        Length(0, 200, "schedules"),
        Property("AWS::ApplicationAutoScaling::ScalableTarget.ScheduledActions"),
    ] = ()
    """Times at which other bounds apply.
    https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-quotas.html"""

    def problems(self, *, balanced: bool, shifting: bool, daemon: bool) -> Iterator[Problem]:
        """Check the autoscaling of a service. Paths start at the autoscaling.

        balanced: whether the service has a load balancer. shifting: whether deployments alternate between two target
        groups. daemon: whether the service runs one task on every instance.
        """
        if daemon:
            text = "autoscaling cannot be set with scheduling_strategy DAEMON, which runs one task on every instance"
            yield Problem("autoscaling-daemon", (), text, "remove autoscaling, or use scheduling_strategy: REPLICA")
        yield from _capacity_problems(self)
        yield from _policy_problems(self)
        if self.requests_per_target is not None:
            yield from _request_problems(balanced=balanced, shifting=shifting)
        for problem in (*_schedule_problems(self.schedules), *_bound_problems(self)):
            yield problem.under("schedules")

    def resources(self, cluster: Value, service: Value, label: Value | None = None) -> Sequence[AWSObject]:
        """The scalable target and its policies.

        cluster, service: their names; for resources of the same stack Ref or GetAtt, so that they are created first.
        label: the load balancer and target group of `requests_per_target`.
        """
        return (self._target(concat("service/", cluster, "/", service)), *self._policies(label))

    def _target(self, resource_id: Value) -> scaling.ScalableTarget:
        """Without a role: Application Auto Scaling uses its service-linked role.
        https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-service-linked-roles.html"""
        actions = [each.action(f"schedule-{number}") for number, each in enumerate(self.schedules, start=1)]
        optional: dict[str, Any] = {"ScheduledActions": actions} if actions else {}
        return create(
            scaling.ScalableTarget,
            TARGET,
            ServiceNamespace="ecs",
            ScalableDimension="ecs:service:DesiredCount",
            ResourceId=resource_id,
            MinCapacity=self.minimum,
            MaxCapacity=self.maximum,
            **optional,
        )

    def _policies(self, label: Value | None) -> Iterator[scaling.ScalingPolicy]:
        """https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PredefinedMetricSpecification.html"""
        if self.cpu_percent is not None:
            yield self._policy("Cpu", self.cpu_percent, "ECSServiceAverageCPUUtilization")
        if self.memory_percent is not None:
            yield self._policy("Memory", self.memory_percent, "ECSServiceAverageMemoryUtilization")
        if self.requests_per_target is not None:
            assert label is not None
            yield self._policy("Request", self.requests_per_target, "ALBRequestCountPerTarget", ResourceLabel=label)

    def _policy(self, noun: str, target: NumberValue, metric: str, **labels: Any) -> scaling.ScalingPolicy:
        return create(
            scaling.ScalingPolicy,
            f"{noun}Scaling",
            PolicyName=noun.lower(),
            PolicyType="TargetTrackingScaling",
            ScalingTargetId=Ref(TARGET),
            TargetTrackingScalingPolicyConfiguration=create(
                scaling.TargetTrackingScalingPolicyConfiguration,
                TargetValue=plain(target),
                PredefinedMetricSpecification=create(
                    scaling.PredefinedMetricSpecification, PredefinedMetricType=metric, **labels
                ),
                ScaleInCooldown=self.scale_in_cooldown_seconds,
                ScaleOutCooldown=self.scale_out_cooldown_seconds,
                DisableScaleIn=not self.scale_in,
            ),
        )


def _capacity_problems(scaled: Autoscaling) -> Iterator[Problem]:
    low, high = known(scaled.minimum), known(scaled.maximum)
    if low is not None and high is not None and 0 <= high < low:
        text = f"minimum must be at most maximum ({high}), got {low}"
        yield Problem("autoscaling-capacity", ("minimum",), text, "lower minimum, or raise maximum")
    if high == 0 and not scaled.schedules:
        text = "maximum is 0, so no task ever runs"
        yield Problem("autoscaling-capacity", ("maximum",), text, "raise maximum to 1 or more", "warning")
    elif low == 0 and scaled.requests_per_target is None and not scaled.schedules:
        text = "minimum is 0, and without tasks there is no CPU or memory utilization that could add one"
        fix = "raise minimum to 1 or more, or add schedules"
        yield Problem("autoscaling-capacity", ("minimum",), text, fix, severity="warning")


def _bound_problems(scaled: Autoscaling) -> Iterator[Problem]:
    """Report schedules whose bounds contradict each other. Paths start at the schedules.

    Any other schedule may have set the bound that a schedule omits before. A problem is reported only if it exists with
    all of these values.
    https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-policy-overview.html"""
    lows = [scaled.minimum, *(each.minimum for each in scaled.schedules if each.minimum is not None)]
    highs = [scaled.maximum, *(each.maximum for each in scaled.schedules if each.maximum is not None)]
    lowest, highest = _if_known(min, lows), _if_known(max, highs)
    for index, each in enumerate(scaled.schedules):
        low = lowest if each.minimum is None else known(each.minimum)
        high = highest if each.maximum is None else known(each.maximum)
        if low is not None and high is not None and 0 <= high < low:
            text = f"minimum must be at most maximum ({high}), got {low}"
            fix = "lower minimum, or raise maximum; set both if both change"
            path = (index, "maximum" if each.minimum is None else "minimum")
            yield Problem("autoscaling-capacity", path, text, fix)


def _if_known(choose: Callable[[Sequence[int]], int], values: Sequence[IntegerValue]) -> int | None:
    """Choose one of several numbers; None if an expression could be the chosen one."""
    numbers = [each for value in values if (each := known(value)) is not None]
    return choose(numbers) if len(numbers) == len(values) else None


def _policy_problems(scaled: Autoscaling) -> Iterator[Problem]:
    requests = known(scaled.requests_per_target)
    if requests is not None and not 0 < requests <= _LARGEST_TARGET:
        text = f"requests_per_target must be above 0, got {requests:g}"
        yield Problem("autoscaling-policy", ("requests_per_target",), text, "use a number above 0")
    targets = (scaled.cpu_percent, scaled.memory_percent, scaled.requests_per_target)
    if all(each is None for each in targets) and not scaled.schedules:
        text = "autoscaling does not change the number of tasks without a metric or a schedule"
        fix = "set cpu_percent, memory_percent, requests_per_target or schedules"
        yield Problem("autoscaling-policy", (), text, fix)


def _request_problems(*, balanced: bool, shifting: bool) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-autoscaling-targettracking.html"""
    path = ("requests_per_target",)
    if not balanced:
        text = "requests_per_target requires a load_balancer"
        yield Problem("autoscaling-requests", path, text, "use cpu_percent, or add a load_balancer")
    elif shifting:
        text = "requests_per_target measures one target group, but this deployment alternates between two"
        yield Problem("autoscaling-requests", path, text, "use cpu_percent, or a rolling deployment")


def _schedule_problems(schedules: Sequence[Schedule]) -> Iterator[Problem]:
    """Check each schedule. Paths start at the schedules."""
    for index, each in enumerate(schedules):
        for problem in each.problems():
            yield problem.under(index)
