"""The foundation's stack: resources that all pipelines of an account and region share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from troposphere import AWSObject, Export, GetAtt, Output, Ref, events

from pipegen.compile.artifact_store import BUCKET, KEY, NOBODY, OtherAccounts, artifact_bucket, artifact_key
from pipegen.compile.assembly import assemble
from pipegen.compile.contents import with_contents
from pipegen.compile.roles import role
from pipegen.compile.triggers import EVENT_ROLE, starting_role
from pipegen.errors import Path
from pipegen.iam.grant import Grant, ServiceRole
from pipegen.model.encryption import encrypt
from pipegen.model.environment import Environment
from pipegen.model.log_group import log_group
from pipegen.model.stack_contents import contents_of
from pipegen.model.topic import NOTIFICATION_RULES, notification_topic, publishers, topic_policy
from pipegen.pipeline import foundation as shared
from pipegen.pipeline.events import FAILED, event_pattern
from pipegen.pipeline.foundation import Foundation
from pipegen.stacks.stack import Stack
from pipegen.values.create import create
from pipegen.values.value import Value, arn

_TOPIC, _TOPIC_ROLE, _LOG_GROUP = "NotificationTopic", "NotificationRole", "BuildLogGroup"


def compile_foundation(foundation: Foundation) -> list[Stack]:
    """Return the stack of a foundation without errors, and those of the artifact stores in other regions.

    Raises InvalidDefinition if a parameter has the name of a resource.
    """
    home = foundation.home
    stack = assemble(
        foundation,
        name=foundation.stack_name or foundation.name,
        description="Resources that the pipelines of this account and region share",
        resources=_resources(foundation),
        outputs={name: _exported(foundation, name, value) for name, value in _outputs(foundation)},
        environment=home,
    )
    own = with_contents(stack, contents_of(foundation, ()), foundation.tags)
    regions = dict.fromkeys(each.region for each in foundation.environments.values()) if home is not None else {}
    further = [replace(home, region=region) for region in regions if home is not None and region != home.region]
    return [own, *(_store_stack(foundation, each) for each in further)]


def _store_stack(foundation: Foundation, environment: Environment) -> Stack:
    """Return the stack of the artifact store in another region than that of the pipelines. Its key is created, because
    a store and its key are in one region."""
    home, key_arn = foundation.home, GetAtt(KEY, "Arn") if foundation.has_key else None
    assert home is not None
    key = artifact_key(f"Artifacts of {foundation.name}", _readers(foundation, environment))
    outputs: dict[str, Value] = {shared.BUCKET: Ref(BUCKET)}
    if key_arn is not None:
        outputs[shared.KEY_ARN] = key_arn
    return assemble(
        foundation,
        name=shared.stack_in(foundation.stack_name or foundation.name, environment.region, home),
        description="The artifact store that pipelines of another region use in this region",
        resources=((each, ()) for each in [*([key] if key_arn else []), *_bucket(foundation, key_arn, environment)]),
        outputs={name: _exported(foundation, name, value) for name, value in outputs.items()},
        environment=environment,
    )


def _readers(foundation: Foundation, environment: Environment | None) -> OtherAccounts:
    """Return the roles of other accounts that use the store of a region: all on the path of the foundation, so that a
    further pipeline changes no policy."""
    if environment is None:
        return NOBODY
    there = [each.account or "" for each in foundation.environments.values() if each.region == environment.region]
    accounts = [each for each in dict.fromkeys(there) if each != environment.account]
    path = shared.reader_path(foundation.role_path, foundation.name)
    return OtherAccounts(accounts, [arn("iam", "role", path, "*", region="", account=each) for each in accounts])


def _bucket(foundation: Foundation, key_arn: Value | None, environment: Environment | None) -> Sequence[AWSObject]:
    name, readers = shared.bucket_name(foundation.name), _readers(foundation, environment)
    return artifact_bucket(key_arn, foundation.expire_days, name=name, others=readers)


def _resources(foundation: Foundation) -> Iterator[tuple[AWSObject, Path]]:
    home = foundation.home
    if foundation.create_key:
        publishing = [NOTIFICATION_RULES] if foundation.notifications else []
        description = f"Artifacts and notifications of {foundation.name}"
        yield artifact_key(description, _readers(foundation, home), publishing=publishing), ("create_key",)
    for each in _bucket(foundation, _key_arn(foundation), home):
        yield each, ()
    yield _event_role(foundation), ()
    yield _build_log_group(foundation), ("log_retention_days",)
    if foundation.notifications:
        for each in _notifications(foundation):
            yield each, ("notifications",)


def _outputs(foundation: Foundation) -> Iterator[tuple[str, Value]]:
    yield shared.BUCKET, Ref(BUCKET)
    if (key_arn := _key_arn(foundation)) is not None:
        yield shared.KEY_ARN, key_arn
    yield shared.EVENT_ROLE, GetAtt(EVENT_ROLE, "Arn")
    if foundation.notifications:
        yield shared.TOPIC, Ref(_TOPIC)
    yield shared.LOG_GROUP, Ref(_LOG_GROUP)


def _exported(foundation: Foundation, name: str, value: Value) -> Output:
    return create(Output, name, Value=value, Export=Export(shared.export_name(foundation.name, name)))


def _key_arn(foundation: Foundation) -> Value | None:
    return GetAtt(KEY, "Arn") if foundation.create_key else foundation.encryption_key


def _event_role(foundation: Foundation) -> AWSObject:
    event_role = role(
        starting_role(
            arn("codepipeline", "*"),
            arn("events", "rule/*"),
            "starts any pipeline of the account and region; their names are unknown here",
        ),
        foundation,
    )
    event_role.RoleName = shared.event_role_name(foundation.name)
    return event_role


def _build_log_group(foundation: Foundation) -> AWSObject:
    why = "CloudWatch Logs encrypts with its own key; build logs contain no secrets"
    return log_group(_LOG_GROUP, shared.log_group_name(foundation.name), foundation.log_retention_days, why)


def _notifications(foundation: Foundation) -> Iterator[AWSObject]:
    """Return the notification topic and its rule. Events are forwarded unchanged: chat services know their format."""
    topic = _topic(foundation)
    yield topic
    yield topic_policy(topic, publishers(NOTIFICATION_RULES, "cloudwatch.amazonaws.com"))
    yield role(_publishing_role(foundation), foundation)
    yield create(
        events.Rule,
        "FailureRule",
        Name=_rule_name(foundation),
        Description=_reported(foundation),
        EventPattern=event_pattern(foundation.events),
        State="ENABLED",
        Targets=[create(events.Target, Id="Topic", Arn=Ref(_TOPIC), RoleArn=GetAtt(_TOPIC_ROLE, "Arn"))],
    )


def _reported(foundation: Foundation) -> str:
    if foundation.events == FAILED:
        return "Reports every pipeline of the account and region that fails"
    return "Reports events of all pipelines of the account and region"


def _topic(foundation: Foundation) -> AWSObject:
    # AWS documents encrypted topics as targets of EventBridge only with a customer managed key.
    why = "EventBridge needs a customer managed key for an encrypted topic; create_key makes one"
    topic = notification_topic(_TOPIC, foundation.emails, why, TopicName=shared.topic_name(foundation.name))
    return encrypt(topic, _key_arn(foundation))


def _rule_name(foundation: Foundation) -> str:
    return f"{foundation.name}-failures"


def _publishing_role(foundation: Foundation) -> ServiceRole:
    """Return the role with which the rule publishes, which only this rule can assume. A topic policy could not be
    limited to the rule: EventBridge does not support conditions there.
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sns-permissions
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-custom-bus-target-sns.html"""
    grants = [Grant(actions=("sns:Publish",), resources=(Ref(_TOPIC),), because="reports failed pipelines")]
    key_arn = _key_arn(foundation)
    if key_arn is not None:
        use = ("kms:Decrypt", "kms:GenerateDataKey")
        grants.append(Grant(actions=use, resources=(key_arn,), because="encrypts what it publishes"))
    return ServiceRole(
        logical_id=_TOPIC_ROLE,
        service="events.amazonaws.com",
        grants=grants,
        source_arn=arn("events", "rule/", _rule_name(foundation)),
    )
