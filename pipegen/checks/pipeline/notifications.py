"""Checks of notifications. https://docs.aws.amazon.com/dtconsole/latest/userguide/limits.html"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pipegen.definition import Definition
from pipegen.errors import Path, Problem, quoted

if TYPE_CHECKING:
    # Not at run time: most definitions have no notifications.
    from pipegen.pipeline.notification import Notification

_MOST_RULES = 10


def notifications(definition: Definition) -> Iterator[Problem]:
    """Find the problems of each notification, and equal names and targets."""
    path: Path = ("pipeline", "notifications")
    found = definition.pipeline.notifications
    seen: dict[str, int] = {}
    for index, each in enumerate(found):
        for problem in each.problems(definition.foundation):
            yield problem.under(*path, index)
        if seen.setdefault(each.name, index) != index:
            text = f"the pipeline has two notifications named {quoted(each.name)}"
            yield Problem("duplicate-name", (*path, index, "name"), text, "rename one of them")
        yield from (problem.under(*path, index) for problem in _reported_twice(each, found[:index]))
    rules = [index for index, each in enumerate(found) if each.is_rule]
    if len(rules) > _MOST_RULES:
        text = f"a pipeline must have at most {_MOST_RULES} notification rules, got {len(rules)}"
        fix = "combine notifications to one target, or send the events to a lambda or event-bus"
        yield Problem("notification-count", (*path, rules[_MOST_RULES]), text, fix)


def _reported_twice(notification: Notification, before: Sequence[Notification]) -> Iterator[Problem]:
    """Find events that an earlier notification reports to the same target."""
    for other in before:
        both = notification.enabled and other.enabled
        events = [each for each in notification.events if both and each in other.events]
        if events and type(other) is type(notification) and other.target == notification.target:
            index = notification.events.index(events[0])
            text = f"{notification.name} and {other.name} both report {events[0]} to one target"
            yield Problem("notification-twice", ("events", index), text, "remove it from one of them")
            return
