"""Deployment strategies of ECS: rolling, blue/green, canary and linear.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service_deployment_configuration.html"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pipegen.ecs.lifecycle import Hook, LifecycleHook, Pause, hook_minutes, hook_problems, longest_hook
from pipegen.errors import Path, Problem
from pipegen.fields.aws import Property
from pipegen.fields.constraints import Between
from pipegen.fields.marks import ByKind
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.references.kinds import ALARM
from pipegen.references.mark import Refers
from pipegen.values.create import create
from pipegen.values.expression import Expression
from pipegen.values.number import IntegerValue, NumberValue, known, plain
from pipegen.values.value import Value

if TYPE_CHECKING:
    from troposphere import ecs

ROLLOUT_MINUTES = 33 * 60
"""CloudFormation rejects deployments whose shifts and bake times take longer than this.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-ecs-service-deploymentconfiguration.html"""

MINUTES = Between(0, 24 * 60)
"""https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html"""


@frozen(kw_only=True)
class Rolling(Model):
    """Replaces the old tasks with new ones step by step.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html"""

    aws_type: ClassVar[str] = "AWS::ECS::Service"

    kind: Literal["rolling"] = "rolling"
    minimum_healthy_percent: Annotated[
        IntegerValue, Between(0, 100), Property("DeploymentConfiguration.MinimumHealthyPercent")
    ] = 100
    """The smallest number of tasks that run during a deployment, in percent of the desired number."""
    maximum_percent: Annotated[IntegerValue, Between(100), Property("DeploymentConfiguration.MaximumPercent")] = 200
    """The largest number of tasks that run during a deployment, in percent of the desired number. Either this must be
    above 100 or `minimum_healthy_percent` below."""
    circuit_breaker: Annotated[bool, Property("DeploymentCircuitBreaker.Enable")] = True
    """Whether a deployment is stopped if its tasks keep failing to start."""
    rollback: Annotated[bool, Property("DeploymentCircuitBreaker.Rollback")] = True
    """Whether ECS returns to the previous deployment when the circuit breaker or an alarm stops one."""
    alarms: Annotated[Sequence[Value], Refers(ALARM), Property("DeploymentAlarms.AlarmNames")] = ()
    """The names of CloudWatch alarms that stop a deployment. They need not exist when the service is created."""

    is_timed: ClassVar[bool] = True

    def times(self) -> Mapping[str, int]:
        """The minutes that parts of a deployment take at least: none."""
        return {}

    def longest(self) -> Path:
        """The path of the field that takes longest."""
        return ()

    def problems(self) -> Iterator[Problem]:
        low, high = self.minimum_healthy_percent, self.maximum_percent
        if low == high == 100:
            text = "minimum_healthy_percent and maximum_percent cannot both be 100: no task could be replaced"
            fix = "lower minimum_healthy_percent, or raise maximum_percent"
            yield Problem("strategy-percent", ("minimum_healthy_percent",), text, fix)

    hooks: ClassVar[Sequence[LifecycleHook | Pause]] = ()

    def configuration(self, hooks: Sequence[ecs.DeploymentLifecycleHook] = ()) -> ecs.DeploymentConfiguration:
        """The property of the ECS service."""
        from troposphere import ecs

        optional: dict[str, Any] = {"Alarms": _alarms(self.alarms, self.rollback)} if self.alarms else {}
        return create(
            ecs.DeploymentConfiguration,
            MinimumHealthyPercent=self.minimum_healthy_percent,
            MaximumPercent=self.maximum_percent,
            DeploymentCircuitBreaker=_circuit_breaker(self.circuit_breaker, self.rollback),
            **optional,
        )


@frozen(kw_only=True)
class _Shifting(Model):
    """The fields of strategies that run new tasks next to the old ones and shift traffic to them."""

    aws_type: ClassVar[str] = "AWS::ECS::Service"

    bake_minutes: Annotated[IntegerValue, MINUTES, Property("DeploymentConfiguration.BakeTimeInMinutes")] = 15
    """Minutes for which the old tasks keep running after all traffic has shifted, for a rollback. If a time of the
    strategy is an expression and the action has no `deployment_timeout`, a build waits for the deployment, as
    CodePipeline's own action waits for an hour at most."""
    hooks: Annotated[Sequence[Hook], Property("DeploymentConfiguration.LifecycleHooks")] = ()
    """Functions that ECS calls during a deployment, and pauses."""
    alarms: Annotated[Sequence[Value], Refers(ALARM), Property("DeploymentAlarms.AlarmNames")] = ()
    """The names of CloudWatch alarms that roll a deployment back. They need not exist when the service is created:
    https://github.com/aws/copilot-cli/issues/4294"""
    circuit_breaker: Annotated[bool, Property("DeploymentCircuitBreaker.Enable")] = True
    """Whether a deployment is rolled back if its tasks keep failing to start. Otherwise ECS restarts them for up to a
    day. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-failure-detection.html"""

    _waits: ClassVar[Sequence[str]] = ()
    """The names of the fields with the time between two shifts."""
    _timing: ClassVar[Sequence[str]] = ()
    """The names of the fields that determine how long shifting takes."""

    @property
    def is_timed(self) -> bool:
        """Whether all times are numbers. `times` leaves out those that only the deployment knows."""
        own = [getattr(self, name) for name in ("bake_minutes", *self._timing)]
        return not any(isinstance(each, Expression) for each in [*own, *(hook.timeout_minutes for hook in self.hooks)])

    @property
    def steps(self) -> int:
        """How many times production traffic shifts."""
        return 1

    def shift(self) -> Mapping[str, int]:
        """The minutes that shifting the traffic takes, by a description."""
        return {}

    def longest(self) -> Path:
        """The path of the field that takes longest; shorter if it has its default."""
        minutes = {
            "bake_minutes": known(self.bake_minutes) or 0,
            **dict.fromkeys(self._waits, max(self.shift().values(), default=0)),
        }
        field = max(minutes, key=minutes.__getitem__)
        if hook_minutes(self.hooks, self.steps) > minutes[field]:
            return ("hooks", *longest_hook(self.hooks, self.steps))
        return () if getattr(self, field) == type(self).__dataclass_fields__[field].default else (field,)

    def times(self) -> Mapping[str, int]:
        hooks = hook_minutes(self.hooks, self.steps)
        return {"hooks": hooks, **self.shift(), "bake time": known(self.bake_minutes) or 0}

    def properties(self) -> Mapping[str, Any]:
        raise NotImplementedError

    def own_problems(self) -> Iterator[Problem]:
        yield from ()

    def problems(self) -> Iterator[Problem]:
        yield from self.own_problems()
        minutes = sum(self.shift().values()) + (known(self.bake_minutes) or 0)
        if minutes > ROLLOUT_MINUTES:
            text = f"shifting and bake_minutes must take at most {ROLLOUT_MINUTES:,} minutes together, got {minutes:,}"
            yield Problem("strategy-time", ("bake_minutes",), text, "lower bake_minutes or the time between shifts")
        for problem in hook_problems(self.hooks, self.steps):
            yield problem.under("hooks")

    def configuration(self, hooks: Sequence[ecs.DeploymentLifecycleHook]) -> ecs.DeploymentConfiguration:
        """The property of the ECS service."""
        from troposphere import ecs

        optional: dict[str, Any] = {"LifecycleHooks": list(hooks)} if hooks else {}
        if self.alarms:
            optional["Alarms"] = _alarms(self.alarms, True)
        return create(
            ecs.DeploymentConfiguration,
            **self.properties(),
            BakeTimeInMinutes=self.bake_minutes,
            DeploymentCircuitBreaker=_circuit_breaker(self.circuit_breaker, self.circuit_breaker),
            **optional,
        )


@frozen(kw_only=True)
class BlueGreen(_Shifting):
    """Shifts all traffic at once.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-blue-green.html"""

    kind: Literal["blue-green"] = "blue-green"

    def properties(self) -> Mapping[str, Any]:
        return {"Strategy": "BLUE_GREEN"}


@frozen(kw_only=True)
class Canary(_Shifting):
    """Shifts a part of the traffic first, then the rest.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/canary-deployment.html"""

    _waits: ClassVar[Sequence[str]] = ("canary_bake_minutes",)
    _timing: ClassVar[Sequence[str]] = _waits

    kind: Literal["canary"] = "canary"
    canary_percent: Annotated[NumberValue, Between(0.1, 100), Property("CanaryConfiguration.CanaryPercent")] = 5.0
    """The size of the first part in percent, in steps of 0.1.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CanaryConfiguration.html"""
    canary_bake_minutes: Annotated[IntegerValue, MINUTES, Property("CanaryConfiguration.CanaryBakeTimeInMinutes")] = 10
    """Minutes between the two shifts."""

    @property
    def steps(self) -> int:
        return 2

    def shift(self) -> Mapping[str, int]:
        return {"canary": known(self.canary_bake_minutes) or 0}

    def own_problems(self) -> Iterator[Problem]:
        yield from percent_problems("canary_percent", self.canary_percent)

    def properties(self) -> Mapping[str, Any]:
        from troposphere import ecs

        canary = create(
            ecs.CanaryConfiguration,
            CanaryPercent=plain(self.canary_percent),
            CanaryBakeTimeInMinutes=self.canary_bake_minutes,
        )
        return {"Strategy": "CANARY", "CanaryConfiguration": canary}


@frozen(kw_only=True)
class Linear(_Shifting):
    """Shifts equal parts of the traffic, one after the other.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/linear-deployment.html"""

    _waits: ClassVar[Sequence[str]] = ("step_bake_minutes",)
    _timing: ClassVar[Sequence[str]] = (*_waits, "step_percent")

    kind: Literal["linear"] = "linear"
    step_percent: Annotated[NumberValue, Between(3, 100), Property("LinearConfiguration.StepPercent")] = 10.0
    """The size of each part in percent, in steps of 0.1.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LinearConfiguration.html"""
    step_bake_minutes: Annotated[IntegerValue, MINUTES, Property("LinearConfiguration.StepBakeTimeInMinutes")] = 6
    """Minutes between two shifts."""

    @property
    def steps(self) -> int:
        return -(-1000 // max(round((known(self.step_percent) or 100) * 10), 1))

    def shift(self) -> Mapping[str, int]:
        waits = self.steps - 1  # ECS does not wait after the last step
        return {f"{waits} steps": waits * (known(self.step_bake_minutes) or 0)}

    def own_problems(self) -> Iterator[Problem]:
        yield from percent_problems("step_percent", self.step_percent)

    def properties(self) -> Mapping[str, Any]:
        from troposphere import ecs

        linear = create(
            ecs.LinearConfiguration, StepPercent=plain(self.step_percent), StepBakeTimeInMinutes=self.step_bake_minutes
        )
        return {"Strategy": "LINEAR", "LinearConfiguration": linear}


Strategy = Annotated[Rolling | BlueGreen | Canary | Linear, ByKind(Rolling, BlueGreen, Canary, Linear)]


def _circuit_breaker(enable: bool, rollback: bool) -> ecs.DeploymentCircuitBreaker:
    from troposphere import ecs

    return create(ecs.DeploymentCircuitBreaker, Enable=enable, Rollback=rollback)


def _alarms(names: Sequence[Value], rollback: bool) -> ecs.DeploymentAlarms:
    from troposphere import ecs

    return create(ecs.DeploymentAlarms, AlarmNames=list(names), Enable=True, Rollback=rollback)


def percent_problems(field: str, value: NumberValue) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CanaryConfiguration.html"""
    percent = known(value)
    if percent is None:
        return
    if round(percent * 10) != percent * 10:
        text = f"{field} must have at most one decimal place, got {percent:g}"
        yield Problem("strategy-percent", (field,), text, f"round it to {percent:.1f}")
    if percent == 100:
        text = f"{field} is 100, so all traffic shifts at once, as with kind blue-green"
        yield Problem("strategy-percent", (field,), text, f"lower {field}, or use kind: blue-green", "warning")
