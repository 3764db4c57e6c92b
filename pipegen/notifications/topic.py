"""Notifications to an existing SNS topic.
https://docs.aws.amazon.com/dtconsole/latest/userguide/set-up-sns.html"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, ClassVar, Literal

from pipegen.errors import Problem
from pipegen.fields.aws import Property
from pipegen.frozen import frozen
from pipegen.notifications.rule import RuleNotification, TargetType
from pipegen.pipeline.foundation import FoundationReference
from pipegen.pipeline.notification import BoundNotification, NotificationContext
from pipegen.references.arn_parts import REGION_ONLY
from pipegen.references.kinds import STANDARD_TOPIC
from pipegen.references.mark import Refers
from pipegen.values.value import Value


@frozen(kw_only=True)
class TopicNotification(RuleNotification):
    """Messages to an existing SNS topic.

    The topic's policy must allow `codestar-notifications.amazonaws.com` to publish, and the policy of a customer
    managed key that encrypts the topic must allow it to use the key.
    https://docs.aws.amazon.com/dtconsole/latest/userguide/set-up-sns.html"""

    kind: Literal["topic"] = "topic"
    topic: Annotated[Value, Refers(STANDARD_TOPIC, near=REGION_ONLY), Property("Target.TargetAddress")] | None = None
    """The ARN of the topic, in the pipeline's region. It is not a FIFO topic. Default: the foundation's topic, which
    allows the notifications."""

    target_type: ClassVar[TargetType] = "SNS"

    @property
    def target(self) -> Value | Sequence[Value] | None:
        return self.topic or "the foundation's topic"

    def problems(self, foundation: FoundationReference | None) -> Iterator[Problem]:
        if self.topic is not None:
            return
        if foundation is None:
            fix = "set topic, or use kind: email for a topic that the stack creates"
            yield Problem("notification-topic", (), "topic is missing, and the definition has no foundation", fix)
        elif not foundation.has_topic:
            text = f"topic is missing, and the foundation {foundation.name} has no topic"
            yield Problem("notification-topic", (), text, "set topic, or notifications: true in the foundation")

    def bind(self, context: NotificationContext) -> BoundNotification:
        shared = context.foundation
        return BoundNotification(rule=self.rule(context, self.topic or (shared.topic if shared else "")))
