"""Scheduled changes of the minimum and maximum number of tasks.
https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-scheduled-scaling.html"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import KW_ONLY
from datetime import datetime, timedelta
from typing import Annotated, Any, ClassVar

from troposphere import applicationautoscaling as scaling

from pipegen import facts
from pipegen.errors import Problem, quoted
from pipegen.fields.aws import Property
from pipegen.fields.constraints import Between
from pipegen.fields.gaps import is_known
from pipegen.fields.listed import Listed
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.syntax.cron import EVENTBRIDGE, faults
from pipegen.values.create import create
from pipegen.values.number import IntegerValue
from pipegen.values.value import ResolvedValue, Value

_EXPRESSION = re.compile(r"(cron|rate|at)\((.*)\)")
_RATE = re.compile(r"1 +(?:minute|hour|day)|(?!1 )[1-9][0-9]* +(?:minutes|hours|days)")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}")
_SUCH = {
    "cron": EVENTBRIDGE,
    "rate": "write a rate such as rate(1 hour) or rate(5 hours)",
    "at": "write a date and time such as at(2030-11-29T06:00:00)",
}
_TIME_ZONE = Listed("time zone", facts.time_zones, closed=True, fix="use an IANA name such as Europe/Berlin")
"""https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScheduledAction.html (Timezone)"""


@frozen
class Schedule(Model):
    """Bounds that apply from a certain time on, until another schedule changes them.
    https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScheduledAction.html"""

    aws_type: ClassVar[str] = "AWS::ApplicationAutoScaling::ScalableTarget"

    schedule: Annotated[ResolvedValue, Property("ScheduledAction.Schedule")]
    """When the bounds change: `cron(0 8 ? * MON-FRI *)` with minutes, hours, day of the month, month, day of the week
    and year; `rate(5 hours)`; or once, `at(2030-11-29T06:00:00)`.
    https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-using-cron-expressions.html"""
    _: KW_ONLY
    minimum: Annotated[IntegerValue, Between(0), Property("ScalableTargetAction.MinCapacity")] | None = None
    """The smallest number of tasks. Default: unchanged. A schedule sets `minimum`, `maximum` or both."""
    maximum: Annotated[IntegerValue, Between(0), Property("ScalableTargetAction.MaxCapacity")] | None = None
    """The largest number of tasks. Default: unchanged."""
    time_zone: Annotated[Value, _TIME_ZONE, Property("ScheduledAction.Timezone")] | None = None
    """The IANA name of the time zone of `cron` and `at`, such as `Europe/Berlin`. Default: UTC."""

    def problems(self) -> Iterator[Problem]:
        """Check the schedule. Paths start at the schedule."""
        if is_known(self.schedule):
            yield from _expression_problems(self.schedule)
        if self.time_zone is not None and is_known(self.schedule) and self.schedule.startswith("rate("):
            fix = "remove time_zone, or use cron(…)"
            yield Problem("autoscaling-schedule", ("time_zone",), "time_zone cannot be set with rate(…)", fix)
        if self.minimum is None and self.maximum is None:
            text = "a schedule requires minimum or maximum"
            yield Problem("autoscaling-schedule", (), text, "set minimum, maximum or both")

    def action(self, name: str) -> scaling.ScheduledAction:
        """The property of the scalable target."""
        capacities = {"MinCapacity": self.minimum, "MaxCapacity": self.maximum}
        bounds: dict[str, Any] = {key: value for key, value in capacities.items() if value is not None}
        zone: dict[str, Any] = {} if self.time_zone is None else {"Timezone": self.time_zone}
        return create(
            scaling.ScheduledAction,
            ScheduledActionName=name,
            Schedule=self.schedule,
            ScalableTargetAction=create(scaling.ScalableTargetAction, **bounds),
            **zone,
        )


def _expression_problems(schedule: str) -> Iterator[Problem]:
    path = ("schedule",)
    match = _EXPRESSION.fullmatch(schedule)
    if match is None:
        text = f"schedule must be cron(…), rate(…) or at(…), got {quoted(schedule, 60)}"
        yield Problem("autoscaling-schedule", path, text, _SUCH["cron"])
        return
    kind, inside = match[1], match[2]
    if kind == "cron":
        # https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-using-cron-expressions.html
        yield from (Problem("autoscaling-schedule", path, text, _SUCH["cron"]) for text in faults(inside, most=7))
    elif not (_RATE.fullmatch(inside) if kind == "rate" else _is_moment(inside)):
        text = f"{quoted(schedule, 60)} is not a valid {kind} expression"
        yield Problem("autoscaling-schedule", path, text, _SUCH[kind])
    if kind in ("at", "cron") and _is_past(kind, inside):
        text = f"schedule {quoted(schedule, 60)} is in the past"
        yield Problem("autoscaling-schedule", path, text, "use a future time, or remove the schedule", "warning")


def _is_past(kind: str, inside: str) -> bool:
    """Whether all times of a schedule with a year are in the past in every time zone."""
    if kind == "at":
        return _is_moment(inside) and datetime.fromisoformat(inside) < datetime.now() - timedelta(days=1)
    *_, year = inside.split() or [""]
    return re.fullmatch("20[0-9]{2}", year) is not None and int(year) < datetime.now().year - 1


def _is_moment(text: str) -> bool:
    if not _MOMENT.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
