"""Notification rules and chat channels, whose services moto does not have: checked against their APIs and kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import uuid4

from moto.core.common_models import CloudFormationModel
from moto.sns.models import sns_backends

from tests.moto_cloudformation.conversion import Properties, api_shape, as_structure, refuse, without
from tests.moto_cloudformation.resource import TemplateResource, require_trust

EXECUTION = ("canceled", "failed", "resumed", "started", "succeeded", "superseded")
EVENTS = {
    "pipeline-execution": EXECUTION,
    "stage-execution": EXECUTION[:-1],
    "action-execution": ("canceled", "failed", "started", "succeeded"),
    "manual-approval": ("failed", "needed", "succeeded"),
}
"""Of pipelines. https://docs.aws.amazon.com/dtconsole/latest/userguide/concepts.html"""
EVENT_TYPE_IDS = {f"codepipeline-pipeline-{what}-{state}" for what, states in EVENTS.items() for state in states}


def rules_of(backend: Any) -> dict[str, Properties]:
    """The notification rules of an account and region, kept on a back end so that a reset forgets them."""
    rules: dict[str, Properties] = vars(backend).setdefault("notification_rules", {})
    return rules


class NotificationRule(TemplateResource, CloudFormationModel):
    kind = "AWS::CodeStarNotifications::NotificationRule"
    named_by = "Name"
    fixed = ("Resource",)

    def rules(self) -> dict[str, Properties]:
        return rules_of(self.here(sns_backends))

    def create(self) -> None:
        self.refuse_taken(self.rules())
        self.identifier = uuid4()

    def settle(self) -> None:
        shape = api_shape("codestar-notifications", "CreateNotificationRuleRequest")
        asked = as_structure({"Name": self.name} | self.properties, shape, "")
        missing = [name for name in shape.required_members if name not in asked]
        if missing:
            refuse(f"Property {missing[0]} is required in {self.kind}")
        unknown = [each for each in asked["EventTypeIds"] if each not in EVENT_TYPE_IDS]
        if unknown and ":codepipeline:" in asked["Resource"]:
            refuse(f"Invalid event type: {unknown[0]}")
        self.rules()[self.name] = asked

    def remove(self) -> None:
        self.rules().pop(self.name, None)

    def reference(self) -> str:
        return self.arn("codestar-notifications", f"notificationrule/{self.identifier}")

    def attributes(self) -> Mapping[str, Any]:
        return {"Arn": self.reference()}


class Channel(TemplateResource):
    """What Slack and Teams have in common. Their configurations are global, and their API has other names."""

    named_by = "ConfigurationName"
    shape: ClassVar[str]
    spelling: ClassVar[Mapping[str, str]]
    path: ClassVar[str]

    def settle(self) -> None:
        own = {self.spelling.get(name, name): value for name, value in without(self.properties, "Tags").items()}
        shape = api_shape("chatbot", self.shape)
        asked = as_structure({"ConfigurationName": self.name} | own, shape, "")
        missing = [name for name in shape.required_members if name not in asked]
        if missing:
            refuse(f"Property {missing[0]} is required in {self.kind}")
        require_trust(asked["IamRoleArn"], "chatbot.amazonaws.com", self.account_id)

    def reference(self) -> str:
        return f"arn:aws:chatbot::{self.account_id}:chat-configuration/{self.path}/{self.name}"

    def attributes(self) -> Mapping[str, Any]:
        return {"Arn": self.reference()}


class SlackChannel(Channel, CloudFormationModel):
    kind = "AWS::Chatbot::SlackChannelConfiguration"
    fixed = ("SlackWorkspaceId",)
    shape = "CreateSlackChannelConfigurationRequest"
    spelling: ClassVar = {"SlackWorkspaceId": "SlackTeamId", "GuardrailPolicies": "GuardrailPolicyArns"}
    path = "slack-channel"


class TeamsChannel(Channel, CloudFormationModel):
    kind = "AWS::Chatbot::MicrosoftTeamsChannelConfiguration"
    fixed = ("TeamId", "TeamsTenantId")
    shape = "CreateTeamsChannelConfigurationRequest"
    spelling: ClassVar = {
        "TeamsChannelId": "ChannelId",
        "TeamsTenantId": "TenantId",
        "GuardrailPolicies": "GuardrailPolicyArns",
    }
    path = "microsoft-teams-channel"
