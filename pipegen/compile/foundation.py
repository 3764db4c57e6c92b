"""The foundation's stack: what all pipelines of an account and region share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import awacs.aws as aws
from troposphere import AWSObject, Export, GetAtt, Output, Ref, events, sns

from pipegen import foundation as shared
from pipegen.accepted import accepted
from pipegen.check.foundations import foundation_problems
from pipegen.compile.assembly import assemble
from pipegen.compile.roles import role
from pipegen.compile.store import BUCKET, KEY, artifact_bucket, artifact_key
from pipegen.compile.triggers import EVENT_ROLE, starting_role
from pipegen.errors import InvalidDefinition, Path, has_errors
from pipegen.foundation import Foundation
from pipegen.log_group import log_group
from pipegen.reading import checked
from pipegen.stack import Stack
from pipegen.values import Value, arn

_TOPIC, _LOG_GROUP = "NotificationTopic", "BuildLogGroup"
_FAILED = {
    "source": ["aws.codepipeline"],
    "detail-type": ["CodePipeline Pipeline Execution State Change"],
    "detail": {"state": ["FAILED"]},
}
"""https://docs.aws.amazon.com/codepipeline/latest/userguide/detect-state-changes-cloudwatch-events.html"""


def foundation_stack(foundation: Foundation) -> Stack:
    """The stack of a foundation. Raises InvalidDefinition."""
    foundation = checked(foundation, Foundation)
    problems = list(foundation_problems(foundation))
    if has_errors(problems):
        raise InvalidDefinition(problems)
    return compile_foundation(foundation)


def compile_foundation(foundation: Foundation) -> Stack:
    """The stack of a foundation without errors. Raises InvalidDefinition where a parameter has the name of a
    resource."""
    return assemble(
        foundation,
        name=foundation.name,
        description="What the pipelines of this account and region share",
        resources=_resources(foundation),
        outputs={name: _exported(foundation, name, value) for name, value in _outputs(foundation)},
    )


def _resources(foundation: Foundation) -> Iterator[tuple[AWSObject, Path]]:
    if foundation.create_key:
        description = f"Artifacts and notifications of {foundation.name}"
        yield artifact_key(description, *_key_users(foundation)), ("create_key",)
    name = shared.bucket_name(foundation.name)
    for each in artifact_bucket(_key_arn(foundation), foundation.expire_days, name=name):
        yield each, ()
    yield _event_role(foundation), ()
    yield _build_log_group(foundation), ("log_retention_days",)
    if foundation.notifications:
        for each in _notifications(foundation):
            yield each, ("notifications",)


def _outputs(foundation: Foundation) -> Iterator[tuple[str, Value]]:
    yield shared.BUCKET, Ref(BUCKET)
    if foundation.create_key:
        yield shared.KEY, GetAtt(KEY, "Arn")
    yield shared.EVENT_ROLE, GetAtt(EVENT_ROLE, "Arn")
    if foundation.notifications:
        yield shared.TOPIC, Ref(_TOPIC)
    yield shared.LOG_GROUP, Ref(_LOG_GROUP)


def _exported(foundation: Foundation, name: str, value: Value) -> Output:
    return Output(name, Value=value, Export=Export(shared.export_name(foundation.name, name)))


def _key_arn(foundation: Foundation) -> Value | None:
    return GetAtt(KEY, "Arn") if foundation.create_key else None


def _event_role(foundation: Foundation) -> AWSObject:
    made = role(
        starting_role(
            arn("codepipeline", "*"),
            arn("events", "rule/*"),
            "starts any pipeline of the account and region, whose names are not known here",
        ),
        foundation,
    )
    made.RoleName = shared.event_role_name(foundation.name)
    return made


def _build_log_group(foundation: Foundation) -> AWSObject:
    why = "CloudWatch Logs encrypts with a key of its own; build logs hold no secrets"
    return log_group(_LOG_GROUP, shared.log_group_name(foundation.name), foundation.log_retention_days, why)


def _key_users(foundation: Foundation) -> Iterator[aws.Statement]:
    """EventBridge publishes to a topic that is encrypted with the key. SNS says that aws:SourceAccount and
    aws:SourceArn are not supported there, and names the topic in its encryption context.
    https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
    https://docs.aws.amazon.com/sns/latest/dg/sns-enable-encryption-for-topic.html"""
    if foundation.notifications:
        topic = arn("sns", shared.topic_name(foundation.name))
        yield aws.Statement(
            Sid="EventBridgePublishesNotifications",
            Effect=aws.Allow,
            Principal=aws.Principal("Service", "events.amazonaws.com"),
            Action=[aws.Action("kms", "Decrypt"), aws.Action("kms", "GenerateDataKey*")],
            Resource=["*"],
            Condition=aws.Condition([aws.StringEquals("kms:EncryptionContext:aws:sns:topicArn", topic)]),
        )


def _notifications(foundation: Foundation) -> Iterator[AWSObject]:
    """The event goes on as it is: chat services and programs know its form."""
    yield _topic(foundation)
    yield sns.TopicPolicy(f"{_TOPIC}Policy", Topics=[Ref(_TOPIC)], PolicyDocument=_topic_policy())
    yield events.Rule(
        "FailureRule",
        Name=f"{foundation.name}-failures",
        Description="Tells of every pipeline of the account and region that fails",
        EventPattern=_FAILED,
        State="ENABLED",
        Targets=[events.Target(Id="Topic", Arn=Ref(_TOPIC))],
    )


def _topic(foundation: Foundation) -> sns.Topic:
    optional: dict[str, Any] = {}
    if foundation.create_key:
        optional["KmsMasterKeyId"] = GetAtt(KEY, "Arn")
    else:
        # EventBridge cannot use the account's own key for SNS, whose policy nobody can change.
        why = "EventBridge publishes to encrypted topics with a key of one's own alone: create_key makes one"
        optional["Metadata"] = accepted(CKV_AWS_26=why)
    if foundation.emails:
        optional["Subscription"] = [sns.Subscription(Protocol="email", Endpoint=each) for each in foundation.emails]
    return sns.Topic(_TOPIC, TopicName=shared.topic_name(foundation.name), **optional)


def _topic_policy() -> aws.PolicyDocument:
    """Without conditions, which EventBridge's documentation rules out in the policy of a topic.
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sns-permissions"""
    publish = aws.Statement(
        Sid="EventBridgePublishes",
        Effect=aws.Allow,
        Principal=aws.Principal("Service", "events.amazonaws.com"),
        Action=[aws.Action("sns", "Publish")],
        Resource=[Ref(_TOPIC)],
    )
    return aws.PolicyDocument(Version="2012-10-17", Statement=[publish])
