"""Schedules that start a pipeline.
https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-trigger-source-schedule.html"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import KW_ONLY
from typing import Annotated, ClassVar

from pipegen.errors import Problem, quoted
from pipegen.fields.aws import Property
from pipegen.fields.gaps import is_known
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.syntax import names
from pipegen.values.value import Value

_EXPRESSION = re.compile(r"(cron|rate)\((.*)\)")
_RATE = re.compile(r"1 +(?:minute|hour|day)|(?!1 )[1-9][0-9]* +(?:minutes|hours|days)")
_RATES = "write a rate such as rate(1 hour) or rate(5 hours)"


@frozen
class PipelineSchedule(Model):
    """A schedule that starts the pipeline with the newest revisions of its sources.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-trigger-source-schedule.html"""

    aws_type: ClassVar[str] = "AWS::Events::Rule"

    name: Annotated[str, names.NOTIFICATION]
    """The name of the schedule, unique in its pipeline. Its rule is named `<definition>-<name>-schedule`."""
    _: KW_ONLY
    schedule: Annotated[Value, Property("ScheduleExpression")]
    """When the pipeline starts, in UTC: `cron(0 2 ? * MON-FRI *)` with minutes, hours, day of the month, month, day of
    the week and year, or `rate(12 hours)`.
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html"""
    enabled: bool = True
    """Whether the schedule is active. Default: true."""

    def problems(self) -> Iterator[Problem]:
        """Check the schedule. Paths start at the schedule."""
        for text, fix in _faults(self.schedule) if is_known(self.schedule) else ():
            yield Problem("pipeline-schedule", ("schedule",), text, fix)


def _faults(schedule: str) -> Iterator[tuple[str, str]]:
    """Describe what is wrong with an expression, each with its fix."""
    from pipegen.syntax.cron import EVENTBRIDGE, faults

    match = _EXPRESSION.fullmatch(schedule)
    if match is None:
        yield f"schedule must be cron(…) or rate(…), got {quoted(schedule, 60)}", EVENTBRIDGE
    elif match[1] == "cron":
        yield from ((text, EVENTBRIDGE) for text in faults(match[2], most=6))
    elif not _RATE.fullmatch(match[2]):
        yield f"{quoted(schedule, 60)} is not a valid rate expression", _RATES
