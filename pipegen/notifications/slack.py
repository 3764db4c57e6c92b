"""Notifications to Slack, through Amazon Q Developer in chat applications (AWS Chatbot).
https://docs.aws.amazon.com/dtconsole/latest/userguide/notifications-chatbot.html"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from troposphere import AWSObject, chatbot

from pipegen.fields.aws import Property
from pipegen.fields.constraints import Matches
from pipegen.frozen import frozen
from pipegen.notifications.channel import ChannelNotification
from pipegen.notifications.rule import TargetType
from pipegen.references.arn_parts import ACCOUNT_ONLY
from pipegen.references.kinds import SLACK_CHANNEL
from pipegen.references.mark import Refers
from pipegen.values.value import Value

_API = "https://docs.aws.amazon.com/chatbot/latest/APIReference/API_CreateSlackChannelConfiguration.html"
_WORKSPACE = Matches(r"[0-9A-Z]{1,255}", "a workspace ID, such as T0123456789", _API)
_CHANNEL = Matches(r"[A-Za-z0-9]{1,255}", "a channel ID, such as C0123456789", _API)
_TYPE = "AWS::Chatbot::SlackChannelConfiguration"


@frozen(kw_only=True)
class SlackNotification(ChannelNotification):
    """Messages in a Slack channel, through Amazon Q Developer in chat applications.

    Set `configuration` to a channel that is configured already. With `workspace` and `channel` the stack configures
    the channel, whose members can only read the messages.
    https://docs.aws.amazon.com/dtconsole/latest/userguide/notifications-chatbot.html"""

    kind: Literal["slack"] = "slack"
    configuration: (
        Annotated[
            Value,
            Refers(SLACK_CHANNEL, near=ACCOUNT_ONLY),
            Property("AWS::CodeStarNotifications::NotificationRule.Target.TargetAddress"),
        ]
        | None
    ) = None
    """The ARN of the existing configuration of the channel."""
    workspace: Annotated[Value, _WORKSPACE, Property(f"{_TYPE}.SlackWorkspaceId")] | None = None
    """The ID of the workspace, which must be authorized in the console of Amazon Q Developer in chat applications."""
    channel: Annotated[Value, _CHANNEL, Property(f"{_TYPE}.SlackChannelId")] | None = None
    """The ID of the channel: the last part of its link."""

    target_type: ClassVar[TargetType] = "AWSChatbotSlack"
    required: ClassVar[tuple[str, ...]] = ("workspace", "channel")

    def channel_configuration(self, title: str, name: Value, role: Value, guardrail: Value) -> AWSObject:
        return chatbot.SlackChannelConfiguration(
            title,
            ConfigurationName=name,
            SlackWorkspaceId=self.workspace,
            SlackChannelId=self.channel,
            IamRoleArn=role,
            GuardrailPolicies=[guardrail],
        )
