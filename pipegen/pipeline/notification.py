"""The contract of a notification: what `bind` gets and returns.

A kind is one frozen dataclass in `pipegen/notifications/`.
https://docs.aws.amazon.com/codepipeline/latest/userguide/notification-rules.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY
from typing import Annotated

from troposphere import AWSObject, Ref

from pipegen.errors import Problem
from pipegen.fields.constraints import Length
from pipegen.fields.distinct import Distinct
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.iam.grant import ServiceRole
from pipegen.pipeline.events import DEFAULT_EVENTS, Event
from pipegen.pipeline.foundation import FoundationReference
from pipegen.syntax import names
from pipegen.values.value import Value, arn


@frozen(kw_only=True)
class NotificationContext:
    """The input of `Notification.bind`.

    prefix: the first part of the names of resources, which is unique in an account and region. pipeline: the logical ID
    of the pipeline. pipeline_name: its name.
    """

    prefix: str
    pipeline: str
    pipeline_name: str
    foundation: FoundationReference | None = None

    @property
    def pipeline_arn(self) -> Value:
        return arn("codepipeline", Ref(self.pipeline))

    def named(self, name: str, limit: int) -> str:
        """Return the name of a resource of a notification."""
        return names.shorten(names.hyphenated(f"{self.prefix}-{name}", "_"), limit)


@frozen(kw_only=True)
class BoundNotification:
    """The result of `Notification.bind`: the rule, and the resources and roles that it needs."""

    rule: AWSObject
    resources: Sequence[AWSObject] = ()
    roles: Sequence[ServiceRole] = ()


@frozen
class Notification(Model):
    """A notification about runs of the pipeline."""

    name: Annotated[str, names.NOTIFICATION]
    """The name of the notification, unique in its pipeline. Its rule is named `<definition>-<name>`."""
    _: KW_ONLY
    events: Annotated[Sequence[Event], Length(1, None, "events"), Distinct("event")] = DEFAULT_EVENTS
    """The events that are reported: AWS's event type IDs without `codepipeline-pipeline-`. Default: failed runs, and
    approvals that are due.
    https://docs.aws.amazon.com/dtconsole/latest/userguide/concepts.html"""
    enabled: bool = True
    """Whether notifications are sent. Default: true."""

    @property
    def target(self) -> Value | Sequence[Value] | None:
        """Where notifications are sent, to find two notifications with the same target."""
        return None

    @property
    def is_rule(self) -> bool:
        """Whether the notification is a notification rule, of which a pipeline has at most 10."""
        return False

    def problems(self, foundation: FoundationReference | None) -> Iterator[Problem]:
        """Check the fields. Paths start at the notification."""
        yield from ()

    def bind(self, context: NotificationContext) -> BoundNotification:
        """Create the rule and what it needs."""
        raise NotImplementedError
