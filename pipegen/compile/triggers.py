"""EventBridge rules that start the pipeline, and their role.
https://docs.aws.amazon.com/codepipeline/latest/userguide/triggering.html"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from troposphere import GetAtt, events

from pipegen.definition import Definition
from pipegen.iam.grant import Grant, ServiceRole
from pipegen.pipeline.action import EventTrigger
from pipegen.syntax import names
from pipegen.values.value import Value, arn

EVENT_ROLE = "EventRole"


def _rule_name(definition: Definition, action: str) -> str:
    return names.shorten(names.hyphenated(f"{definition.name}-{action}", "._"), names.RULE_LIMIT)


def event_role(definition: Definition, actions: Mapping[str, EventTrigger], pipeline_arn: Value) -> ServiceRole:
    """Return the role for all rules of the pipeline. It can start only this pipeline.
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-identity-based.html"""
    rules = [arn("events", "rule/", _rule_name(definition, action)) for action in actions]
    source = rules if len(rules) > 1 else rules[0]
    return starting_role(pipeline_arn, source, "starts the pipeline")


def starting_role(pipelines: Value, rules: Value | Sequence[Value], because: str) -> ServiceRole:
    """Return a role that allows these rules to start these pipelines."""
    start = Grant(actions=("codepipeline:StartPipelineExecution",), resources=(pipelines,), because=because)
    return ServiceRole(logical_id=EVENT_ROLE, service="events.amazonaws.com", grants=(start,), source_arn=rules)


def rule(definition: Definition, action: str, trigger: EventTrigger, pipeline_arn: Value) -> events.Rule:
    shared = definition.foundation
    role_arn = GetAtt(EVENT_ROLE, "Arn") if shared is None else shared.event_role_arn
    target = events.Target(
        Id="Pipeline", Arn=pipeline_arn, RoleArn=role_arn, InputTransformer=_revision(action, trigger)
    )
    return events.Rule(
        names.logical_id(action, "Rule"),
        Name=_rule_name(definition, action),
        Description=f"Starts {definition.pipeline_name}: {trigger.description}",
        EventPattern=dict(trigger.pattern),
        State="ENABLED",
        Targets=[target],
    )


def _revision(action: str, trigger: EventTrigger) -> events.InputTransformer:
    """Return the transformer that passes the revision of an event to the run. Without it, two quick pushes would run
    the newest revision twice. https://docs.aws.amazon.com/codepipeline/latest/userguide/create-cwe-ecr-source-cfn.html,
    https://docs.aws.amazon.com/codepipeline/latest/userguide/triggering.html,
    https://docs.aws.amazon.com/codepipeline/latest/userguide/create-S3-source-events.html"""
    revision = {"actionName": action, "revisionType": trigger.revision_type, "revisionValue": "<revision>"}
    return events.InputTransformer(
        InputPathsMap={"revision": trigger.revision_path},
        InputTemplate=json.dumps({"sourceRevisions": [revision]}),
    )
