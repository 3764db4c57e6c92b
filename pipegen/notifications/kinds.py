"""The kinds of notifications. A new kind is a new module and a line here."""

from __future__ import annotations

from pipegen.pipeline.kinds import Kinds
from pipegen.pipeline.notification import Notification

KINDS: Kinds[Notification] = Kinds(
    "pipegen.notifications",
    {
        "email": "email.EmailNotification",
        "topic": "topic.TopicNotification",
        "slack": "slack.SlackNotification",
        "teams": "teams.TeamsNotification",
        "lambda": "function.LambdaNotification",
        "event-bus": "event_bus.EventBusNotification",
    },
)
"""The class of each kind, by its name in definitions."""
