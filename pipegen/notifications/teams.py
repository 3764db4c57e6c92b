"""Notifications to Microsoft Teams, through Amazon Q Developer in chat applications (AWS Chatbot).
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
from pipegen.references.kinds import TEAMS_CHANNEL
from pipegen.references.mark import Refers
from pipegen.values.value import Value

_API = "https://docs.aws.amazon.com/chatbot/latest/APIReference/API_CreateMicrosoftTeamsChannelConfiguration.html"
_UUID = Matches(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}", "a UUID", _API)
_CHANNEL = Matches(
    r"[A-Za-z0-9_=+/.,-]*%3[aA][A-Za-z0-9_=+/.,-]*%40[A-Za-z0-9_=+/.,-]*",
    "the encoded ID of a channel, such as 19%3A0123abcd%40thread.tacv2",
    _API,
)
_TYPE = "AWS::Chatbot::MicrosoftTeamsChannelConfiguration"


@frozen(kw_only=True)
class TeamsNotification(ChannelNotification):
    """Messages in a Microsoft Teams channel, through Amazon Q Developer in chat applications.

    Set `configuration` to a channel that is configured already. With `tenant`, `team` and `channel` the stack
    configures the channel, whose members can only read the messages.
    https://docs.aws.amazon.com/dtconsole/latest/userguide/notifications-chatbot.html"""

    kind: Literal["teams"] = "teams"
    configuration: (
        Annotated[
            Value,
            Refers(TEAMS_CHANNEL, near=ACCOUNT_ONLY),
            Property("AWS::CodeStarNotifications::NotificationRule.Target.TargetAddress"),
        ]
        | None
    ) = None
    """The ARN of the existing configuration of the channel."""
    tenant: Annotated[Value, _UUID, Property(f"{_TYPE}.TeamsTenantId")] | None = None
    """The ID of the tenant, `tenantId` in the channel's link."""
    team: Annotated[Value, _UUID, Property(f"{_TYPE}.TeamId")] | None = None
    """The ID of the team, `groupId` in the channel's link. The team must be authorized in the console of Amazon Q
    Developer in chat applications."""
    channel: Annotated[Value, _CHANNEL, Property(f"{_TYPE}.TeamsChannelId")] | None = None
    """The ID of the channel, as the channel's link contains it."""

    target_type: ClassVar[TargetType] = "AWSChatbotMicrosoftTeams"
    required: ClassVar[tuple[str, ...]] = ("tenant", "team", "channel")

    def channel_configuration(self, title: str, name: Value, role: Value, guardrail: Value) -> AWSObject:
        return chatbot.MicrosoftTeamsChannelConfiguration(
            title,
            ConfigurationName=name,
            TeamsTenantId=self.tenant,
            TeamId=self.team,
            TeamsChannelId=self.channel,
            IamRoleArn=role,
            GuardrailPolicies=[guardrail],
        )
