"""Notifications to an event bus.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-account.html"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from troposphere import GetAtt, events

from pipegen.fields.aws import Property
from pipegen.frozen import frozen
from pipegen.iam.grant import Grant, ServiceRole
from pipegen.notifications.event import EventNotification
from pipegen.pipeline.notification import BoundNotification, NotificationContext
from pipegen.references.kinds import EVENT_BUS
from pipegen.references.mark import Refers
from pipegen.syntax import names
from pipegen.values.create import create
from pipegen.values.value import Value, arn


@frozen(kw_only=True)
class EventBusNotification(EventNotification):
    """Events for another event bus, perhaps in another account or region. The policy of a bus in another account must
    allow the pipeline's account to put events.
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-account.html"""

    kind: Literal["event-bus"] = "event-bus"
    event_bus: Annotated[Value, Refers(EVENT_BUS), Property("Target.Arn")]
    """The ARN of the event bus."""

    @property
    def target(self) -> Value | Sequence[Value] | None:
        return self.event_bus

    def bind(self, context: NotificationContext) -> BoundNotification:
        send = Grant(actions=("events:PutEvents",), resources=(self.event_bus,), because="sends events of the pipeline")
        role = ServiceRole(
            logical_id=names.logical_id(self.name, "EventRole"),
            service="events.amazonaws.com",
            grants=(send,),
            source_arn=arn("events", "rule/", self.rule_name(context)),
        )
        target = create(events.Target, Id="EventBus", Arn=self.event_bus, RoleArn=GetAtt(role.logical_id, "Arn"))
        return BoundNotification(rule=self.rule(context, target), roles=(role,))
