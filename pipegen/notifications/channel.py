"""Chat channels: existing configurations, and those that the stack creates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from troposphere import AWSObject, GetAtt, Ref

from pipegen.errors import Problem
from pipegen.frozen import frozen
from pipegen.iam.grant import ServiceRole
from pipegen.notifications.rule import RuleNotification
from pipegen.pipeline.foundation import FoundationReference
from pipegen.pipeline.notification import BoundNotification, NotificationContext
from pipegen.syntax import names
from pipegen.values.value import PARTITION, REGION, Value, concat

_GUARDRAIL = concat("arn:", PARTITION, ":iam::aws:policy/AWSDenyAll")
"""The default would be AdministratorAccess.
https://docs.aws.amazon.com/chatbot/latest/adminguide/understanding-permissions.html"""
_REGION_LENGTH = 20


@frozen(kw_only=True)
class ChannelNotification(RuleNotification):
    """The fields of notifications to chat channels."""

    required: ClassVar[tuple[str, ...]] = ()
    """The fields that identify a channel, which are set in place of `configuration`."""

    @property
    def target(self) -> Value | Sequence[Value] | None:
        configuration: Value | None = getattr(self, "configuration", None)
        return tuple(getattr(self, name) for name in self.required) if configuration is None else configuration

    def problems(self, foundation: FoundationReference | None) -> Iterator[Problem]:
        given = [name for name in self.required if getattr(self, name) is not None]
        missing = [name for name in self.required if name not in given]
        if getattr(self, "configuration", None) is not None:
            for name in given:
                text = f"{name} cannot be set with configuration, which identifies the channel"
                yield Problem("notification-channel", (name,), text, "remove one of them")
        elif not given:
            fix = f"set configuration, or {_listed(self.required)}"
            yield Problem("notification-channel", (), "the channel is missing", fix)
        elif missing:
            text = f"{_listed(missing)} {'are' if missing[1:] else 'is'} missing"
            yield Problem("notification-channel", (), text, f"set {_listed(self.required)}")

    def channel_configuration(self, title: str, name: Value, role: Value, guardrail: Value) -> AWSObject:
        """Create the configuration of the channel."""
        raise NotImplementedError

    def bind(self, context: NotificationContext) -> BoundNotification:
        existing: Value | None = getattr(self, "configuration", None)
        if existing is not None:
            return BoundNotification(rule=self.rule(context, existing))
        # Without permissions: the service sends messages itself, and assumes the role to run commands.
        # https://docs.aws.amazon.com/chatbot/latest/adminguide/understanding-permissions.html
        role = ServiceRole(
            logical_id=names.logical_id(self.name, "ChannelRole"), service="chatbot.amazonaws.com", grants=()
        )
        # Configurations exist in all regions of an account.
        name = concat(context.named(self.name, names.CHANNEL_LIMIT - _REGION_LENGTH), "-", REGION)
        resource = self.channel_configuration(
            names.logical_id(self.name, "Channel"), name, GetAtt(role.logical_id, "Arn"), _GUARDRAIL
        )
        return BoundNotification(rule=self.rule(context, Ref(resource)), resources=(resource,), roles=(role,))


def _listed(names: Sequence[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last
