"""EventBridge rules that start the pipeline, and their role.
https://docs.aws.amazon.com/codepipeline/latest/userguide/triggering.html"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from troposphere import AWSObject, GetAtt, Ref, events

from pipegen.definition import Definition
from pipegen.iam.grant import Grant, ServiceRole
from pipegen.pipeline.binding import EventTrigger
from pipegen.pipeline.schedule import PipelineSchedule
from pipegen.syntax import names
from pipegen.values.create import create
from pipegen.values.shape import arn_or_name
from pipegen.values.value import Value, arn

EVENT_ROLE, _BUS = "EventRole", "EventBus"


def _rule_name(definition: Definition, action: str) -> str:
    return names.shorten(names.hyphenated(f"{definition.name}-{action}", "._"), names.RULE_LIMIT)


def event_role(definition: Definition, actions: Mapping[str, bool], pipeline_arn: Value) -> ServiceRole:
    """Return the role for all rules of the pipeline. It can start only this pipeline. actions: whether the rule is on
    the bus for other accounts, by the name of the source.
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-identity-based.html"""
    buses = {False: "rule/", True: f"rule/{bus_name(definition)}/"}
    rules = [arn("events", buses[is_away], _rule_name(definition, action)) for action, is_away in actions.items()]
    rules += [arn("events", "rule/", _schedule_name(definition, each)) for each in definition.pipeline.schedules]
    source = rules if len(rules) > 1 else rules[0]
    return starting_role(pipeline_arn, source, "starts the pipeline")


def starting_role(pipelines: Value, rules: Value | Sequence[Value], because: str) -> ServiceRole:
    """Return a role that allows these rules to start these pipelines."""
    start = Grant(actions=("codepipeline:StartPipelineExecution",), resources=(pipelines,), because=because)
    return ServiceRole(logical_id=EVENT_ROLE, service="events.amazonaws.com", grants=(start,), source_arn=rules)


def rule(
    definition: Definition, action: str, trigger: EventTrigger, pipeline_arn: Value, account: str | None = None
) -> events.Rule:
    """Return the rule that starts the pipeline. account: that of the source, if it is not the pipeline's."""
    optional: dict[str, Any] = {"EventBusName": bus_name(definition)} if account else {}
    target = create(
        events.Target,
        Id="Pipeline",
        Arn=pipeline_arn,
        RoleArn=_role_arn(definition),
        InputTransformer=_revision(action, trigger),
    )
    return create(
        events.Rule,
        names.logical_id(action, "Rule"),
        Name=_rule_name(definition, action),
        Description=f"Starts the pipeline {definition.pipeline_name} after {trigger.description}",
        EventPattern={**trigger.pattern, **({"account": [account]} if account else {})},
        State="ENABLED",
        Targets=[target],
        **optional,
    )


def schedule_rule(definition: Definition, schedule: PipelineSchedule, pipeline_arn: Value) -> events.Rule:
    """Return the rule that starts the pipeline on a schedule."""
    return create(
        events.Rule,
        names.logical_id(schedule.name, "Schedule"),
        Name=_schedule_name(definition, schedule),
        Description=f"Starts {definition.pipeline_name}: {schedule.name}",
        ScheduleExpression=schedule.schedule,
        State="ENABLED" if schedule.enabled else "DISABLED",
        Targets=[create(events.Target, Id="Pipeline", Arn=pipeline_arn, RoleArn=_role_arn(definition))],
    )


def _schedule_name(definition: Definition, schedule: PipelineSchedule) -> str:
    return _rule_name(definition, f"{schedule.name}-schedule")


def _role_arn(definition: Definition) -> Value:
    """Return the ARN of the role for rules that start the pipeline: existing, shared or created."""
    existing, shared = definition.pipeline.event_role, definition.foundation
    if existing is not None:
        return arn_or_name(existing, "iam", "role/", region="")
    return GetAtt(EVENT_ROLE, "Arn") if shared is None else shared.event_role_arn


def bus_name(definition: Definition) -> str:
    """The name of the event bus of the pipeline's account to which other accounts send the events of their sources."""
    return f"{definition.name}-sources"


def bus_arn(definition: Definition, account: Value) -> Value:
    return arn("events", "event-bus/", bus_name(definition), account=account)


def event_bus(definition: Definition, accounts: Sequence[str]) -> Iterator[AWSObject]:
    """Yield the event bus, and the policy by which other accounts send events to it.
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-account.html"""
    yield create(events.EventBus, _BUS, Name=bus_name(definition))
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": [arn("iam", "root", region="", account=each) for each in accounts]},
        "Action": "events:PutEvents",
        "Resource": GetAtt(_BUS, "Arn"),
    }
    yield create(events.EventBusPolicy, f"{_BUS}Policy", EventBusName=Ref(_BUS), StatementId=_BUS, Statement=statement)


def forwarding(definition: Definition, triggers: Mapping[str, EventTrigger]) -> Iterator[AWSObject | ServiceRole]:
    """Yield the rules of a source's account that send events to the bus of the pipeline's account, and their role.
    triggers: by the names of the sources.
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-account.html"""
    home = definition.placement.home
    target = bus_arn(definition, (home.account if home else None) or "")
    send = Grant(actions=("events:PutEvents",), resources=(target,), because="sends events to the pipeline's account")
    rules = [arn("events", "rule/", _rule_name(definition, action)) for action in triggers]
    yield ServiceRole(logical_id=EVENT_ROLE, service="events.amazonaws.com", grants=(send,), source_arn=rules)
    for action, trigger in triggers.items():
        yield create(
            events.Rule,
            names.logical_id(action, "Rule"),
            Name=_rule_name(definition, action),
            Description=f"Notifies the pipeline {definition.pipeline_name} of {trigger.description}",
            EventPattern=dict(trigger.pattern),
            State="ENABLED",
            Targets=[create(events.Target, Id="Bus", Arn=target, RoleArn=GetAtt(EVENT_ROLE, "Arn"))],
        )


def _revision(action: str, trigger: EventTrigger) -> events.InputTransformer:
    """Return the transformer that passes the revision of an event to the run. Without it, two quick pushes would run
    the newest revision twice. https://docs.aws.amazon.com/codepipeline/latest/userguide/create-cwe-ecr-source-cfn.html,
    https://docs.aws.amazon.com/codepipeline/latest/userguide/triggering.html,
    https://docs.aws.amazon.com/codepipeline/latest/userguide/create-S3-source-events.html"""
    revision = {"actionName": action, "revisionType": trigger.revision_type, "revisionValue": "<revision>"}
    return create(
        events.InputTransformer,
        InputPathsMap={"revision": trigger.revision_path},
        InputTemplate=json.dumps({"sourceRevisions": [revision]}),
    )
