"""Days and times at which a deployment is allowed.
https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference-DeploymentWindow.html"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pipegen.errors import Problem, quoted
from pipegen.fields.aws import ConfigurationKey
from pipegen.fields.constraints import Matches
from pipegen.fields.gaps import is_known
from pipegen.frozen import frozen
from pipegen.pipeline.rule import BoundRule, Rule, RuleContext
from pipegen.syntax.cron import wrong_parts
from pipegen.values.value import Value

_TIME_ZONE = Matches(
    r"[A-Za-z]+(?:/[A-Za-z0-9_+-]+)+|UTC(?:[+-](?:0\d|1[0-4]):[0-5]\d)?|[A-Z]{3,5}",
    "a time zone such as Europe/Berlin, UTC+05:30 or EST",
    "https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference-DeploymentWindow.html",
)


@frozen(kw_only=True)
class DeploymentWindowRule(Rule):
    """A deployment window: the rule succeeds when a cron expression matches the current time.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference-DeploymentWindow.html"""

    kind: Literal["deployment-window"] = "deployment-window"
    cron: Annotated[Value, ConfigurationKey("Cron")]
    """The cron expression, of 6 or 7 fields: seconds, minutes, hours, day of the month, month, day of the week and
    optionally the year, such as `* * 9-17 ? * MON-FRI *`."""
    time_zone: Annotated[Value, _TIME_ZONE, ConfigurationKey("TimeZone")] | None = None
    """The time zone, such as `Europe/Berlin`, `UTC+05:30` or `EST`. Default: UTC."""

    provider: ClassVar[str] = "DeploymentWindow"

    def problems(self) -> Iterator[Problem]:
        if is_known(self.cron):
            yield from _cron_problems(self.cron)
        if is_known(self.time_zone) and "/" in self.time_zone:
            from pipegen.facts import time_zones, unlisted

            if self.time_zone not in time_zones():
                yield unlisted("rule-window", ("time_zone",), self.time_zone, time_zones(), "time zone")

    def bind(self, context: RuleContext) -> BoundRule:
        configuration: dict[str, Value | int | bool] = {"Cron": self.cron}
        if self.time_zone is not None:
            configuration["TimeZone"] = self.time_zone
        return BoundRule(configuration=configuration)


def _cron_problems(cron: str) -> Iterator[Problem]:
    if match := re.fullmatch(r"\s*cron\((.*)\)\s*", cron):
        text = f"cron must be only the expression, got {quoted(cron, 60)}"
        yield Problem("rule-window", ("cron",), text, f"write {match[1]}")
        return
    parts = cron.split()
    if not 6 <= len(parts) <= 7:
        text = f"cron must have 6 or 7 fields, got {len(parts)}"
        fix = "write seconds first, such as * * 9-17 ? * MON-FRI *"
        yield Problem("rule-window", ("cron",), text, fix)
        return
    wrong = [*wrong_parts(parts)]
    for part, name in wrong:
        text = f"the {name} of a window cannot be {quoted(part, 60)}"
        yield Problem("rule-window", ("cron",), text, "write an expression such as * * 9-17 ? * MON-FRI *")
    days = [parts[3], parts[5]]
    if not wrong and days.count("?") != 1:
        text = f"exactly one of the day of the month and the day of the week must be ?, got {quoted(cron, 60)}"
        fix = "write ? for one of them, and the days in the other"
        yield Problem("rule-window", ("cron",), text, fix, "error" if "?" in days else "warning")
