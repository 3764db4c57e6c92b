"""SNS topics for notifications, and who may publish to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import awacs.aws as aws
from troposphere import AWSObject, Ref, sns

from pipegen.model.suppressions import suppressed
from pipegen.values.create import create
from pipegen.values.value import ACCOUNT, Value

NOTIFICATION_RULES = "codestar-notifications.amazonaws.com"
"""The service principal of notification rules."""


def notification_topic(title: str, emails: Sequence[Value], unencrypted: str, **properties: Any) -> sns.Topic:
    """Return a topic with subscriptions. unencrypted: why it has no key, if none is set."""
    if emails:
        properties["Subscription"] = [create(sns.Subscription, Protocol="email", Endpoint=each) for each in emails]
    return create(sns.Topic, title, Metadata=suppressed(CKV_AWS_26=unencrypted), **properties)


def topic_policy(topic: AWSObject, *statements: aws.Statement) -> sns.TopicPolicy:
    """Return the policy of a topic, with the topic as the resource of the statements."""
    for statement in statements:
        statement.Resource = [Ref(topic)]
    document = create(aws.PolicyDocument, Version="2012-10-17", Statement=list(statements))
    return create(sns.TopicPolicy, f"{topic.title}Policy", Topics=[Ref(topic)], PolicyDocument=document)


def publishers(*services: str) -> aws.Statement:
    """Return the statement that allows services to publish what happens in the account of the stack.
    https://docs.aws.amazon.com/dtconsole/latest/userguide/security_iam_troubleshoot.html
    https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html"""
    return create(
        aws.Statement,
        Sid="ServicesPublish",
        Effect=aws.Allow,
        Principal=aws.Principal("Service", list(services)),
        Action=[aws.Action("sns", "Publish")],
        Condition=aws.Condition([aws.StringEquals("aws:SourceAccount", ACCOUNT)]),
    )
