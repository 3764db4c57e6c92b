"""Notifications about runs of pipelines, and their kinds, one per module."""

from __future__ import annotations

from pipegen.lazy import public_names

TYPE_CHECKING = False  # as type checkers know it, without the time that the import of typing takes
if TYPE_CHECKING:
    from pipegen.notifications.email import EmailNotification as EmailNotification
    from pipegen.notifications.event_bus import EventBusNotification as EventBusNotification
    from pipegen.notifications.function import LambdaNotification as LambdaNotification
    from pipegen.notifications.slack import SlackNotification as SlackNotification
    from pipegen.notifications.teams import TeamsNotification as TeamsNotification
    from pipegen.notifications.topic import TopicNotification as TopicNotification
    from pipegen.pipeline.notification import (
        BoundNotification as BoundNotification,
        Notification as Notification,
        NotificationContext as NotificationContext,
    )
else:
    __getattr__, __dir__, __all__ = public_names(
        __name__,
        {
            "pipegen.notifications.email": "EmailNotification",
            "pipegen.notifications.event_bus": "EventBusNotification",
            "pipegen.notifications.function": "LambdaNotification",
            "pipegen.notifications.slack": "SlackNotification",
            "pipegen.notifications.teams": "TeamsNotification",
            "pipegen.notifications.topic": "TopicNotification",
            "pipegen.pipeline.notification": "BoundNotification Notification NotificationContext",
        },
    )
