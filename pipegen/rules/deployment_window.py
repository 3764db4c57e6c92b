"""Days and times at which a deployment is allowed.
https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference-DeploymentWindow.html"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

from pipegen.cron import wrong_parts
from pipegen.errors import Problem, one_line
from pipegen.fields.gaps import is_known
from pipegen.rule import BoundRule, Rule, RuleContext
from pipegen.values import Value

_TIME_ZONE = r"[A-Za-z]+(?:/[A-Za-z0-9_+-]+)+|UTC(?:[+-]\d{2}:\d{2})?|[A-Z]{3,5}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentWindowRule(Rule):
    """A time at which a deployment is allowed.

    cron: seconds, minutes, hours, day of the month, month, day of the week and perhaps years: `* * 9-17 ? * MON-FRI *`.
    time_zone: `Europe/Berlin`, `UTC+05:30` or `EST`; UTC unless given.
    """

    kind: Literal["deployment-window"] = "deployment-window"
    cron: Value
    time_zone: Value | None = None

    provider: ClassVar[str] = "DeploymentWindow"

    def problems(self) -> Iterator[Problem]:
        if is_known(self.cron):
            yield from _cron_problems(self.cron)
        if is_known(self.time_zone) and not re.fullmatch(_TIME_ZONE, self.time_zone):
            text = f"{one_line(repr(self.time_zone), 60)} is no time zone"
            yield Problem("rule-window", ("time_zone",), text, "such as Europe/Berlin, UTC+05:30 or EST")

    def bind(self, context: RuleContext) -> BoundRule:
        configuration: dict[str, Value | int | bool] = {"Cron": self.cron}
        if self.time_zone is not None:
            configuration["TimeZone"] = self.time_zone
        return BoundRule(configuration=configuration)


def _cron_problems(cron: str) -> Iterator[Problem]:
    parts = cron.split()
    if not 6 <= len(parts) <= 7:
        text = f"a cron expression of {len(parts)} fields"
        fix = "6 or 7, seconds first, such as * * 9-17 ? * MON-FRI *"
        yield Problem("rule-window", ("cron",), text, fix)
        return
    for part, name in wrong_parts(parts):
        text = f"{one_line(repr(part), 60)} cannot be the {name} of a window"
        yield Problem("rule-window", ("cron",), text, "such as * * 9-17 ? * MON-FRI *")
