"""Checks of notifications. https://docs.aws.amazon.com/dtconsole/latest/userguide/limits.html"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pipegen import facts
from pipegen.definition import Definition
from pipegen.errors import Path, Problem, quoted
from pipegen.references.arn_parts import part_in

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
    yield from _in_place(definition)
    rules = [index for index, each in enumerate(found) if each.is_rule]
    if len(rules) > _MOST_RULES:
        text = f"a pipeline must have at most {_MOST_RULES} notification rules, got {len(rules)}"
        fix = "combine notifications to one target, or send the events to a lambda or event-bus"
        yield Problem("notification-count", (*path, rules[_MOST_RULES]), text, fix)


def _in_place(definition: Definition) -> Iterator[Problem]:
    """Find notification rules in regions that do not have them, and topics of other accounts.
    https://docs.amazonaws.cn/en_us/codepipeline/latest/userguide/notification-rule-create.html"""
    home = definition.placement.home
    if home is None:
        return
    rules = [(index, each) for index, each in enumerate(definition.pipeline.notifications) if each.is_rule]
    for index, each in rules:
        path: Path = ("pipeline", "notifications", index)
        account = part_in(each.target, "account") if isinstance(each.target, str) else ""
        if facts.partition_of(home.region or "") not in ("", "aws"):
            text = f"notification rules do not exist in {home.region}, the region of the pipeline"
            yield Problem("notification-region", path, text, "use kind: lambda or event-bus")
        elif account and home.account and account != home.account:
            text = f"the topic of {each.name} is in the account {account}, but the pipeline in {home.account}"
            fix = "use a topic of the same account, or kind: event-bus; AWS documents no others"
            yield Problem("notification-account", path, text, fix, severity="warning")


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
