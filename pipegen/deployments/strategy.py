"""How ECS itself replaces the tasks of a service: rolling, blue/green, canary or linear.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service_deployment_configuration.html"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pipegen.deployments.alarms import alarm_problems
from pipegen.deployments.lifecycle import Hook, LifecycleHook, Pause, hook_minutes, hook_problems
from pipegen.errors import Problem
from pipegen.model import ByKind, Model
from pipegen.values import Value

if TYPE_CHECKING:
    from troposphere import ecs

ROLLOUT_MINUTES = 33 * 60
"""CloudFormation refuses shifts and bake times that are longer together.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-ecs-service-deploymentconfiguration.html"""

_DAY = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Rolling(Model):
    """New tasks take the place of old ones bit by bit.

    minimum_healthy_percent, maximum_percent: bounds of the running tasks during a deployment, in percent of the desired
        ones; by default 100 and 200.
    circuit_breaker: stop a deployment whose tasks keep failing to start. The default is true.
    rollback: when the circuit breaker or an alarm stops a deployment, go back to the one before. The default is true.
    alarms: names of CloudWatch alarms that stop a deployment; they need not exist when the service is created.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
    """

    kind: Literal["rolling"] = "rolling"
    minimum_healthy_percent: int = 100
    maximum_percent: int = 200
    circuit_breaker: bool = True
    rollback: bool = True
    alarms: Sequence[Value] = ()

    def times(self) -> Mapping[str, int]:
        """What takes time in it for certain, in minutes: nothing."""
        return {}

    def problems(self) -> Iterator[Problem]:
        yield from alarm_problems(self.alarms, "strategy-alarm")
        low, high = self.minimum_healthy_percent, self.maximum_percent
        if not (0 <= low <= 100 <= high and (low < 100 or high > 100)):
            text = f"with {low} to {high} percent of its tasks a deployment cannot go on"
            fix = "minimum 0 to 100, maximum 100 or more, and room between the two"
            yield Problem("strategy-percent", ("minimum_healthy_percent",), text, fix)

    hooks: ClassVar[Sequence[LifecycleHook | Pause]] = ()

    def configuration(self, hooks: Sequence[ecs.DeploymentLifecycleHook] = ()) -> ecs.DeploymentConfiguration:
        """As the service has it."""
        from troposphere import ecs

        optional: dict[str, Any] = {"Alarms": _alarms(self.alarms, self.rollback)} if self.alarms else {}
        return ecs.DeploymentConfiguration(
            MinimumHealthyPercent=self.minimum_healthy_percent,
            MaximumPercent=self.maximum_percent,
            DeploymentCircuitBreaker=_circuit_breaker(self.circuit_breaker, self.rollback),
            **optional,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shifting(Model):
    """What the strategies have in common that run new tasks beside the old ones and move traffic over.

    bake_minutes: how long the old tasks stay after all traffic has moved, ready to take it back: 0 to 1,440, by default
        15.
    hooks: functions that ECS calls and pauses that it makes on the way.
    alarms: names of CloudWatch alarms that roll a deployment back; they need not exist when the service is created
        (https://github.com/aws/copilot-cli/issues/4294).
    circuit_breaker: roll a deployment back when its tasks keep failing to start, as ECS would otherwise restart them
        for up to a day. The default is true.
        https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-failure-detection.html
    """

    bake_minutes: int = 15
    hooks: Sequence[Hook] = ()
    alarms: Sequence[Value] = ()
    circuit_breaker: bool = True

    @property
    def steps(self) -> int:
        """How many times production traffic shifts."""
        return 1

    def shift(self) -> Mapping[str, int]:
        """What moving the traffic takes, in minutes."""
        return {}

    def times(self) -> Mapping[str, int]:
        return {"hooks": hook_minutes(self.hooks, self.steps), **self.shift(), "bake time": self.bake_minutes}

    def properties(self) -> Mapping[str, Any]:
        raise NotImplementedError

    def own_problems(self) -> Iterator[Problem]:
        yield from ()

    def problems(self) -> Iterator[Problem]:
        yield from minute_problems("bake_minutes", self.bake_minutes)
        yield from alarm_problems(self.alarms, "strategy-alarm")
        yield from self.own_problems()
        minutes = sum(self.shift().values()) + self.bake_minutes
        if minutes > ROLLOUT_MINUTES:
            text = f"shift and bake time are {minutes:,} minutes together"
            yield Problem("strategy-time", ("bake_minutes",), text, f"CloudFormation takes at most {ROLLOUT_MINUTES:,}")
        for problem in hook_problems(self.hooks, self.steps):
            yield problem.under("hooks")

    def configuration(self, hooks: Sequence[ecs.DeploymentLifecycleHook]) -> ecs.DeploymentConfiguration:
        """As the service has it, with its hooks bound."""
        from troposphere import ecs

        optional: dict[str, Any] = {"LifecycleHooks": list(hooks)} if hooks else {}
        if self.alarms:
            optional["Alarms"] = _alarms(self.alarms, True)
        return ecs.DeploymentConfiguration(
            **self.properties(),
            BakeTimeInMinutes=self.bake_minutes,
            DeploymentCircuitBreaker=_circuit_breaker(self.circuit_breaker, self.circuit_breaker),
            **optional,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BlueGreen(_Shifting):
    """All traffic at once.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-blue-green.html"""

    kind: Literal["blue-green"] = "blue-green"

    def properties(self) -> Mapping[str, Any]:
        return {"Strategy": "BLUE_GREEN"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary(_Shifting):
    """A part of the traffic first, then the rest.

    canary_percent: the first part, 0.1 to 100 in steps of 0.1, by default 5. canary_bake_minutes: how long it stays at
        that, 0 to 1,440, by default 10.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/canary-deployment.html"""

    kind: Literal["canary"] = "canary"
    canary_percent: float = 5.0
    canary_bake_minutes: int = 10

    @property
    def steps(self) -> int:
        return 2

    def shift(self) -> Mapping[str, int]:
        return {"canary": self.canary_bake_minutes}

    def own_problems(self) -> Iterator[Problem]:
        yield from percent_problems("canary_percent", self.canary_percent, 0.1)
        yield from minute_problems("canary_bake_minutes", self.canary_bake_minutes)

    def properties(self) -> Mapping[str, Any]:
        from troposphere import ecs

        canary = ecs.CanaryConfiguration(
            CanaryPercent=_number(self.canary_percent), CanaryBakeTimeInMinutes=self.canary_bake_minutes
        )
        return {"Strategy": "CANARY", "CanaryConfiguration": canary}


@dataclass(frozen=True, slots=True, kw_only=True)
class Linear(_Shifting):
    """Equal parts of the traffic, one after the other.

    step_percent: each part, 3 to 100 in steps of 0.1, by default 10. step_bake_minutes: the time between two, 0 to
        1,440, by default 6.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/linear-deployment.html"""

    kind: Literal["linear"] = "linear"
    step_percent: float = 10.0
    step_bake_minutes: int = 6

    @property
    def steps(self) -> int:
        return -(-1000 // max(round(self.step_percent * 10), 1))

    def shift(self) -> Mapping[str, int]:
        waits = self.steps - 1  # ECS does not wait after the last step
        return {f"{waits} steps": waits * self.step_bake_minutes}

    def own_problems(self) -> Iterator[Problem]:
        yield from percent_problems("step_percent", self.step_percent, 3)
        yield from minute_problems("step_bake_minutes", self.step_bake_minutes)

    def properties(self) -> Mapping[str, Any]:
        from troposphere import ecs

        linear = ecs.LinearConfiguration(
            StepPercent=_number(self.step_percent), StepBakeTimeInMinutes=self.step_bake_minutes
        )
        return {"Strategy": "LINEAR", "LinearConfiguration": linear}


Strategy = Annotated[Rolling | BlueGreen | Canary | Linear, ByKind(Rolling, BlueGreen, Canary, Linear)]


def _circuit_breaker(enable: bool, rollback: bool) -> ecs.DeploymentCircuitBreaker:
    from troposphere import ecs

    return ecs.DeploymentCircuitBreaker(Enable=enable, Rollback=rollback)


def _alarms(names: Sequence[Value], rollback: bool) -> ecs.DeploymentAlarms:
    from troposphere import ecs

    return ecs.DeploymentAlarms(AlarmNames=list(names), Enable=True, Rollback=rollback)


def _number(percent: float) -> float | int:
    return int(percent) if percent == int(percent) else percent


def percent_problems(field: str, percent: float, low: float) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CanaryConfiguration.html"""
    if not low <= percent <= 100 or round(percent * 10) != percent * 10:
        yield Problem("strategy-percent", (field,), f"{percent:g} percent", f"{low:g} to 100, in steps of 0.1")


def minute_problems(field: str, minutes: int) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html"""
    if not 0 <= minutes <= _DAY:
        yield Problem("strategy-time", (field,), f"{minutes} minutes", f"0 to {_DAY:,}")
