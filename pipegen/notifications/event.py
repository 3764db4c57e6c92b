"""EventBridge rules, which pass the events of pipelines to programs.
https://docs.aws.amazon.com/codepipeline/latest/userguide/detect-state-changes-cloudwatch-events.html"""

from __future__ import annotations

from typing import ClassVar

from troposphere import AWSObject, events

from pipegen.frozen import frozen
from pipegen.pipeline.events import event_pattern
from pipegen.pipeline.notification import Notification, NotificationContext
from pipegen.syntax import names
from pipegen.values.create import create


@frozen(kw_only=True)
class EventNotification(Notification):
    """The fields of notifications for programs, which get the events of EventBridge."""

    aws_type: ClassVar[str] = "AWS::Events::Rule"

    def rule_name(self, context: NotificationContext) -> str:
        """Return the name of the rule. Rules that start the pipeline are named after its sources."""
        return context.named(f"{self.name}-events", names.RULE_LIMIT)

    def rule(self, context: NotificationContext, target: events.Target) -> AWSObject:
        """Create the EventBridge rule."""
        return create(
            events.Rule,
            names.logical_id(self.name, "EventRule"),
            Name=self.rule_name(context),
            Description=f"Events of {context.pipeline_name}: {self.name}",
            EventPattern=event_pattern(self.events, context.pipeline_name),
            State="ENABLED" if self.enabled else "DISABLED",
            Targets=[target],
        )
