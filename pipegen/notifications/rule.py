"""Notification rules, which write messages for people. Topics and chat channels are their only targets; these are in
the account and region of the pipeline.
https://docs.aws.amazon.com/dtconsole/latest/userguide/welcome.html"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from troposphere import AWSObject, codestarnotifications

from pipegen.fields.aws import Property
from pipegen.frozen import frozen
from pipegen.pipeline.notification import Notification, NotificationContext
from pipegen.syntax import names
from pipegen.values.create import create
from pipegen.values.value import Value

Detail = Literal["BASIC", "FULL"]
TargetType = Literal["SNS", "AWSChatbotSlack", "AWSChatbotMicrosoftTeams"]


@frozen(kw_only=True)
class RuleNotification(Notification):
    """The fields of notifications for people."""

    aws_type: ClassVar[str] = "AWS::CodeStarNotifications::NotificationRule"

    detail: Annotated[Detail, Property("DetailType")] = "FULL"
    """The content of messages: `BASIC` contains the event, `FULL` also what CodePipeline adds, such as the message of
    an approval or the error of an action. Default: FULL.
    https://docs.aws.amazon.com/dtconsole/latest/userguide/concepts.html"""

    target_type: ClassVar[TargetType]

    @property
    def is_rule(self) -> bool:
        return True

    def rule(self, context: NotificationContext, address: Value, after: AWSObject | None = None) -> AWSObject:
        """Create the notification rule. after: a resource that the target needs."""
        rule = create(
            codestarnotifications.NotificationRule,
            names.logical_id(self.name, "NotificationRule"),
            Name=context.named(self.name, names.NOTIFICATION_LIMIT),
            DetailType=self.detail,
            EventTypeIds=[f"codepipeline-pipeline-{event}" for event in self.events],
            Resource=context.pipeline_arn,
            Status="ENABLED" if self.enabled else "DISABLED",
            Targets=[create(codestarnotifications.Target, TargetType=self.target_type, TargetAddress=address)],
        )
        if after is not None:
            rule.DependsOn = [str(after.title)]
        return rule
