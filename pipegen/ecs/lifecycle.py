"""Lifecycle hooks and pauses of blue/green, canary and linear deployments by ECS.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-lifecycle-hooks.html"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, field
from math import ceil
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from troposphere import GetAtt

from pipegen.ecs.hook import HookFunction, hook_resources
from pipegen.ecs.http_check import HttpCheck
from pipegen.errors import Path, Problem
from pipegen.fields.aws import Property
from pipegen.fields.constraints import Between, Length
from pipegen.fields.marks import Keyed, Mapped
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.iam.grant import Grant, ServiceRole
from pipegen.references.kinds import FUNCTION, ROLE
from pipegen.references.mark import Refers
from pipegen.syntax.names import logical_id
from pipegen.values.create import create
from pipegen.values.data import Data
from pipegen.values.expression import Expression
from pipegen.values.number import IntegerValue, known
from pipegen.values.value import Value, arn

if TYPE_CHECKING:
    from troposphere import ecs

LifecycleStage = Literal[
    "RECONCILE_SERVICE",
    "PRE_SCALE_UP",
    "POST_SCALE_UP",
    "TEST_TRAFFIC_SHIFT",
    "POST_TEST_TRAFFIC_SHIFT",
    "PRE_PRODUCTION_TRAFFIC_SHIFT",
    "PRODUCTION_TRAFFIC_SHIFT",
    "POST_PRODUCTION_TRAFFIC_SHIFT",
]
"""https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentLifecycleHook.html"""

_NO_PAUSE = ("TEST_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT")
_EVERY_STEP = ("PRE_PRODUCTION_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT")
"""The stages that ECS repeats for every step of a canary or linear deployment; all others occur once.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/pause-lifecycle-hooks.html"""
_MOST = 10
_HOOK_MINUTES = 15

OnTimeout = Literal["ROLLBACK", "CONTINUE"]


@frozen
class LifecycleHook(Model):
    """A function that decides at a stage whether a deployment continues.

    ECS also calls it in the service's first deployment, while the stack is created and no source revision exists:
    `sourceServiceRevisions` of ecs:DescribeServiceDeployments with the event's `resourceArn` is empty.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/lambda-lifecycle-hooks.html"""

    aws_type: ClassVar[str] = "AWS::ECS::Service"

    function: Annotated[
        str | Expression | HttpCheck,
        Mapped(HttpCheck, otherwise=Annotated[Value, Refers(FUNCTION)]),
        Property("DeploymentLifecycleHook.HookTargetArn"),
    ]
    """The ARN of a Lambda function, or a check that the stack creates. A check succeeds in the first deployment without
    a request."""
    _: KW_ONLY
    stages: Annotated[
        Sequence[LifecycleStage], Length(1, None, "stages"), Property("DeploymentLifecycleHook.LifecycleStages")
    ]
    """The stages at which ECS calls the function, without duplicates. A canary or linear deployment repeats
    PRE_PRODUCTION_TRAFFIC_SHIFT and PRODUCTION_TRAFFIC_SHIFT for every step."""
    details: Annotated[Mapping[str, Data], Property("DeploymentLifecycleHook.HookDetails")] = field(
        default_factory=dict
    )
    """The `hookDetails` of the function's event."""
    role: Annotated[Value, Refers(ROLE), Property("DeploymentLifecycleHook.RoleArn")] | None = None
    """The ARN of the role with which ECS calls it. Default: one that the stack creates."""
    timeout_minutes: Annotated[IntegerValue, Between(1, 1_440), Property("HookTimeoutConfig.TimeoutInMinutes")] = (
        _HOOK_MINUTES
    )
    """Minutes to wait for its result.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentLifecycleHook.html"""
    on_timeout: Annotated[OnTimeout, Property("HookTimeoutConfig.Action")] = "ROLLBACK"
    """What ECS does with the deployment after `timeout_minutes`."""


@frozen
class Pause(Model):
    """Holds a deployment at a stage until a person continues it or rolls it back.

    The service's first deployment pauses too, while the stack is created: a person must continue it.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/pause-lifecycle-hooks.html
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContinueServiceDeployment.html"""

    aws_type: ClassVar[str] = "AWS::ECS::Service"

    pause_at: Annotated[
        Sequence[LifecycleStage],
        Length(1, None, "stages"),
        Property("DeploymentLifecycleHook.LifecycleStages"),
    ]
    """The stages at which the deployment pauses, without duplicates. A canary or linear deployment repeats
    PRE_PRODUCTION_TRAFFIC_SHIFT, and the pause, for every step; it reaches POST_TEST_TRAFFIC_SHIFT once."""
    _: KW_ONLY
    timeout_minutes: Annotated[IntegerValue, Between(1, 20_160), Property("HookTimeoutConfig.TimeoutInMinutes")]
    """Minutes to wait for a person."""
    on_timeout: Annotated[OnTimeout, Property("HookTimeoutConfig.Action")] = "ROLLBACK"
    """What ECS does with the deployment after `timeout_minutes`."""


Hook = Annotated[LifecycleHook | Pause, Keyed(pause_at=Pause, otherwise=LifecycleHook)]


@frozen(kw_only=True)
class BoundHooks:
    """Hooks as properties of a service, with the functions and the role that the stack creates for them."""

    properties: Sequence[ecs.DeploymentLifecycleHook]
    functions: Sequence[HookFunction]
    role: ServiceRole | None


def bind_hooks(
    hooks: Sequence[LifecycleHook | Pause], subject: str, cluster: Value, encryption_key: Value | None = None
) -> BoundHooks:
    """Convert hooks to properties and resources.

    subject: the name of the service, from which the functions and the role get their names. cluster: the name of its
    cluster. encryption_key: the key of checks without their own.
    """
    functions: list[HookFunction] = []
    properties: list[ecs.DeploymentLifecycleHook] = []
    invoked: list[Value] = []
    role_id = logical_id(subject, "HookRole")
    for number, hook in enumerate(hooks, start=1):
        if isinstance(hook, Pause):
            properties.append(_pause(hook))
            continue
        target = hook.function
        if isinstance(target, HttpCheck):
            name = f"{subject}-check" if number == 1 else f"{subject}-check-{number}"
            deployments = arn("ecs", "service-deployment/", cluster, "/", subject, "/*")
            functions.append(
                hook_resources(
                    target,
                    logical_id=logical_id(name),
                    name=name,
                    service_deployments_arn=deployments,
                    encryption_key=encryption_key,
                )
            )
            target = functions[-1].arn
        if hook.role is None:
            invoked.append(target)
        properties.append(_call(hook, target, role_id))
    return BoundHooks(properties=properties, functions=functions, role=_role(role_id, invoked) if invoked else None)


def _role(role_id: str, functions: Sequence[Value]) -> ServiceRole:
    """The trust policy has no condition, because AWS documents none.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-permissions.html"""
    return ServiceRole(
        logical_id=role_id,
        service="ecs.amazonaws.com",
        grants=[
            Grant(actions=("lambda:InvokeFunction",), resources=functions, because="calls the hooks of a deployment")
        ],
    )


def _call(hook: LifecycleHook, target: Value, role_id: str) -> ecs.DeploymentLifecycleHook:
    from troposphere import ecs

    optional: dict[str, Any] = {"HookDetails": dict(hook.details)} if hook.details else {}
    return create(
        ecs.DeploymentLifecycleHook,
        HookTargetArn=target,
        RoleArn=GetAtt(role_id, "Arn") if hook.role is None else hook.role,
        LifecycleStages=list(hook.stages),
        TimeoutConfiguration=create(
            ecs.HookTimeoutConfig, TimeoutInMinutes=hook.timeout_minutes, Action=hook.on_timeout
        ),
        **optional,
    )


def _pause(hook: Pause) -> ecs.DeploymentLifecycleHook:
    from troposphere import ecs

    return create(
        ecs.DeploymentLifecycleHook,
        TargetType="PAUSE",
        LifecycleStages=list(hook.pause_at),
        TimeoutConfiguration=create(
            ecs.HookTimeoutConfig, TimeoutInMinutes=hook.timeout_minutes, Action=hook.on_timeout
        ),
    )


def hook_minutes(hooks: Sequence[LifecycleHook | Pause], steps: int = 1) -> int:
    """The longest duration of all hooks: a check lasts until its deadline, all others until they time out. steps: how
    many times production traffic shifts."""
    return sum(_minutes(hook, steps) for hook in hooks)


def longest_hook(hooks: Sequence[LifecycleHook | Pause], steps: int) -> Path:
    """The path, from the list, of the hook with the longest duration."""
    index, hook = max(enumerate(hooks), key=lambda each: _minutes(each[1], steps))
    is_set = isinstance(hook, Pause) or hook.timeout_minutes != _HOOK_MINUTES
    return (index, "timeout_minutes") if is_set else (index,)


def _minutes(hook: LifecycleHook | Pause, steps: int) -> int:
    if isinstance(hook, Pause):
        return _times(hook.pause_at, steps) * (known(hook.timeout_minutes) or 0)
    each = known(hook.timeout_minutes) or 0
    if isinstance(hook.function, HttpCheck) and (deadline := known(hook.function.deadline_seconds)) is not None:
        each = min(each, ceil(deadline / 60))
    return _times(hook.stages, steps) * each


def _times(stages: Sequence[LifecycleStage], steps: int) -> int:
    return sum(steps if stage in _EVERY_STEP else 1 for stage in stages)


def hook_problems(hooks: Sequence[LifecycleHook | Pause], steps: int = 1) -> Iterator[Problem]:
    """Check hooks and pauses. Paths start at the list. steps: how many times production traffic shifts."""
    for noun, number in (
        ("pauses", sum(isinstance(hook, Pause) for hook in hooks)),
        ("hooks that call a function", sum(isinstance(hook, LifecycleHook) for hook in hooks)),
    ):
        if number > _MOST:
            text = f"hooks must contain at most {_MOST} {noun}, got {number}"
            yield Problem("lifecycle-hook", (), text, "remove some of them")
    for index, hook in enumerate(hooks):
        for problem in _problems(hook):
            yield problem.under(index)
        if isinstance(hook, Pause) and steps > 1:
            yield from (problem.under(index, "pause_at") for problem in _repeated(hook, steps))


def _repeated(pause: Pause, steps: int) -> Iterator[Problem]:
    for index, stage in enumerate(pause.pause_at):
        if stage in _EVERY_STEP and stage not in (*_NO_PAUSE, *pause.pause_at[:index]):
            text = f"a pause at {stage} repeats before each of the {steps} traffic shifts"
            fix = "use POST_TEST_TRAFFIC_SHIFT to pause once, before the first one"
            yield Problem("lifecycle-pause", (index,), text, fix, severity="warning")


def _problems(hook: LifecycleHook | Pause) -> Iterator[Problem]:
    pauses = isinstance(hook, Pause)
    key, stages = ("pause_at", hook.pause_at) if isinstance(hook, Pause) else ("stages", hook.stages)
    if len(set(stages)) != len(stages):
        yield Problem("lifecycle-hook", (key,), f"{key} contains a stage twice", "list each stage once")
    for index, stage in enumerate(stages):
        if pauses and stage in _NO_PAUSE:
            text = f"a deployment cannot pause at {stage}, while traffic shifts"
            yield Problem("lifecycle-hook", (key, index), text, f"use POST_{stage} or PRE_PRODUCTION_TRAFFIC_SHIFT")
    if isinstance(hook, LifecycleHook) and isinstance(hook.function, HttpCheck):
        yield from (problem.under("function") for problem in hook.function.problems())
        seconds, minutes = known(hook.function.deadline_seconds), known(hook.timeout_minutes)
        if seconds is not None and minutes is not None and seconds > minutes * 60:
            text = f"timeout_minutes {minutes} is less than deadline_seconds {seconds} of the check"
            fix = f"set timeout_minutes: {ceil(seconds / 60)}, or lower deadline_seconds"
            yield Problem("lifecycle-hook", ("timeout_minutes",), text, fix, "warning")
