"""Notifications by email.
https://docs.aws.amazon.com/sns/latest/dg/sns-email-notifications.html"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from troposphere import Ref

from pipegen.fields.aws import Property
from pipegen.fields.constraints import Length
from pipegen.fields.distinct import Distinct
from pipegen.frozen import frozen
from pipegen.model.encryption import EncryptionKey, encrypt
from pipegen.model.topic import NOTIFICATION_RULES, notification_topic, publishers, topic_policy
from pipegen.notifications.rule import RuleNotification, TargetType
from pipegen.pipeline.notification import BoundNotification, NotificationContext
from pipegen.syntax import names
from pipegen.values.value import Value


@frozen(kw_only=True)
class EmailNotification(RuleNotification):
    """Messages by email, through an SNS topic that the stack creates.
    https://docs.aws.amazon.com/sns/latest/dg/sns-email-notifications.html"""

    kind: Literal["email"] = "email"
    addresses: Annotated[
        Sequence[Annotated[Value, names.EMAIL]],
        Length(1, None, "addresses"),
        Distinct("address"),
        Property("AWS::SNS::Topic.Subscription.Endpoint"),
    ]
    """The email addresses. Each owner must confirm the subscription."""
    encryption_key: Annotated[EncryptionKey, Property("AWS::SNS::Topic.KmsMasterKeyId")] | None = None
    """The ARN of a customer managed KMS key that encrypts the topic. Its policy must allow
    `codestar-notifications.amazonaws.com` to use it. Default: the definition's `encryption_key`; without one, the topic
    is not encrypted. https://docs.aws.amazon.com/dtconsole/latest/userguide/set-up-sns.html"""

    target_type: ClassVar[TargetType] = "SNS"

    @property
    def target(self) -> Value | Sequence[Value] | None:
        return tuple(sorted(map(str, self.addresses)))

    def bind(self, context: NotificationContext) -> BoundNotification:
        why = "notification rules need a customer managed key for an encrypted topic; encryption_key sets one"
        topic = notification_topic(names.logical_id(self.name, "Topic"), self.addresses, why)
        policy = topic_policy(topic, publishers(NOTIFICATION_RULES))
        resources = (encrypt(topic, self.encryption_key), policy)
        return BoundNotification(rule=self.rule(context, Ref(topic), after=policy), resources=resources)
