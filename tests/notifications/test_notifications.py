"""Notifications: what each kind writes into the template, who may publish, and fleets that share them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import pytest
from cfnlint.decode import cfn_yaml

from pipegen import Foundation, InvalidDefinition, Stage, render
from pipegen.loading.definition import read
from pipegen.notifications import EmailNotification, TopicNotification
from pipegen.notifications.kinds import KINDS
from pipegen.pipeline.events import Event
from pipegen.pipeline.notification import Notification
from tests.moto_cloudformation.resources.notifications import EVENT_TYPE_IDS
from tests.support.cloud import Cloud
from tests.support.command import run
from tests.support.deployed import NO_CHANGES
from tests.templates import definition, resources, statements

TOPIC = "arn:aws:sns:eu-west-1:123456789012:operations"
HERE = "${AWS::Region}:${AWS::AccountId}"
PIPELINE = {"Fn::Sub": f"arn:${{AWS::Partition}}:codepipeline:{HERE}:${{Pipeline}}"}
SLACK = {"kind": "slack", "workspace": "T0123456789", "channel": "C0123456789"}
TEAMS = {
    "kind": "teams",
    "tenant": "0c6b8b6e-4f63-4c6b-b0d2-0a1b2c3d4e5f",
    "team": "1c6b8b6e-4f63-4c6b-b0d2-0a1b2c3d4e5f",
    "channel": "19%3Aab-cd%40thread.tacv2",
}
RULE, EVENT_RULE = "AWS::CodeStarNotifications::NotificationRule", "AWS::Events::Rule"


def notified(*notifications: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    """A definition with notifications, each named by its kind if it has no name."""
    data = definition(**fields)
    data["pipeline"]["notifications"] = [{"name": each["kind"].title(), **each} for each in notifications]
    return data


def resources_of(notification: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    """The properties of what a notification adds to the template, by logical ID."""
    before = resources(definition(**fields))
    return {name: each for name, each in resources(notified(notification, **fields)).items() if name not in before}


def test_a_pipeline_has_no_notifications_by_default() -> None:
    assert not [name for name in resources(definition()) if "Notification" in name]


def test_a_notification_rule_reports_the_events_of_the_pipeline_to_a_topic() -> None:
    assert resources_of({"kind": "topic", "topic": TOPIC}) == {
        "TopicNotificationRule": {
            "Name": "app-Topic",
            "DetailType": "FULL",
            "EventTypeIds": [
                "codepipeline-pipeline-pipeline-execution-failed",
                "codepipeline-pipeline-manual-approval-needed",
            ],
            "Resource": PIPELINE,
            "Status": "ENABLED",
            "Targets": [{"TargetType": "SNS", "TargetAddress": TOPIC}],
        }
    }


def test_events_are_those_that_notification_rules_have_for_pipelines() -> None:
    assert {f"codepipeline-pipeline-{event}" for event in get_args(Event)} == EVENT_TYPE_IDS


def test_a_notification_can_be_switched_off_and_be_brief() -> None:
    [rule] = resources_of({"kind": "topic", "topic": TOPIC, "enabled": False, "detail": "BASIC"}).values()
    assert (rule["Status"], rule["DetailType"]) == ("DISABLED", "BASIC")
    [rule] = [
        each
        for name, each in resources_of({"kind": "lambda", "function": "f", "enabled": False}).items()
        if "Rule" in name
    ]
    assert rule["State"] == "DISABLED"


def test_emails_are_sent_through_a_topic_to_which_only_notification_rules_of_the_account_publish() -> None:
    found = resources_of({"kind": "email", "addresses": ["a@example.com", "b@example.com"]})
    assert found["EmailTopic"] == {
        "Subscription": [{"Protocol": "email", "Endpoint": f"{each}@example.com"} for each in "ab"]
    }
    [statement] = found["EmailTopicPolicy"]["PolicyDocument"]["Statement"]
    assert statement == {
        "Sid": "ServicesPublish",
        "Effect": "Allow",
        "Principal": {"Service": ["codestar-notifications.amazonaws.com"]},
        "Action": ["sns:Publish"],
        "Resource": [{"Ref": "EmailTopic"}],
        "Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
    }
    assert found["EmailTopicPolicy"]["Topics"] == [{"Ref": "EmailTopic"}]
    assert found["EmailNotificationRule"]["Targets"] == [{"TargetType": "SNS", "TargetAddress": {"Ref": "EmailTopic"}}]


def test_the_topic_of_emails_has_its_own_key_or_that_of_the_definition() -> None:
    key, other = (f"arn:aws:kms:eu-west-1:123456789012:key/{each}" for each in ("own", "default"))
    email = {"kind": "email", "addresses": ["a@example.com"]}
    assert resources_of(email | {"encryption_key": key}, encryption_key=other)["EmailTopic"]["KmsMasterKeyId"] == key
    assert resources_of(email, encryption_key=other)["EmailTopic"]["KmsMasterKeyId"] == other


@pytest.mark.parametrize(
    ("given", "resource", "target"),
    [
        (SLACK, "AWS::Chatbot::SlackChannelConfiguration", "AWSChatbotSlack"),
        (TEAMS, "AWS::Chatbot::MicrosoftTeamsChannelConfiguration", "AWSChatbotMicrosoftTeams"),
    ],
    ids=["slack", "teams"],
)
def test_members_of_a_channel_that_the_stack_configures_can_only_read(
    given: Mapping[str, str], resource: str, target: str
) -> None:
    data = notified({**given, "name": "Chat"})
    [(name, channel)] = resources(data, resource).items()
    assert channel["IamRoleArn"] == {"Fn::GetAtt": ["ChatChannelRole", "Arn"]}
    assert channel["GuardrailPolicies"] == [{"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/AWSDenyAll"}]
    assert channel["ConfigurationName"] == {"Fn::Sub": "app-Chat-${AWS::Region}"}
    role = resources(data)["ChatChannelRole"]
    assert "Policies" not in role
    assert "ManagedPolicyArns" not in role
    [rule] = resources(data, RULE).values()
    assert rule["Targets"] == [{"TargetType": target, "TargetAddress": {"Ref": name}}]


@pytest.mark.parametrize("kind", ["slack", "teams"])
def test_an_existing_configuration_of_a_channel_needs_only_the_rule(kind: str) -> None:
    path = {"slack": "slack-channel", "teams": "microsoft-teams-channel"}[kind]
    arn = f"arn:aws:chatbot::123456789012:chat-configuration/{path}/known"
    [rule] = resources_of({"kind": kind, "configuration": arn}).values()
    assert rule["Targets"][0]["TargetAddress"] == arn


def test_a_function_gets_the_events_and_eventbridge_may_invoke_it_for_this_rule_only() -> None:
    found = resources_of({"kind": "lambda", "function": "tickets", "events": ["pipeline-execution-failed"]})
    assert found["LambdaEventRule"] == {
        "Name": "app-Lambda-events",
        "Description": "Events of app: Lambda",
        "EventPattern": {
            "source": ["aws.codepipeline"],
            "detail-type": ["CodePipeline Pipeline Execution State Change"],
            "detail": {"pipeline": ["app"], "state": ["FAILED"]},
        },
        "State": "ENABLED",
        "Targets": [
            {"Id": "Function", "Arn": {"Fn::Sub": f"arn:${{AWS::Partition}}:lambda:{HERE}:function:tickets"}},
        ],
    }
    assert found["LambdaPermission"] == {
        "Action": "lambda:InvokeFunction",
        "FunctionName": "tickets",
        "Principal": "events.amazonaws.com",
        "SourceArn": {"Fn::GetAtt": ["LambdaEventRule", "Arn"]},
    }


def test_events_of_several_sorts_are_alternatives_and_approvals_are_actions() -> None:
    approvals = ["manual-approval-needed", "manual-approval-failed"]
    events = ["pipeline-execution-started", "stage-execution-failed", *approvals]
    [rule] = resources(notified({"kind": "lambda", "function": "f", "events": events}), EVENT_RULE).values()
    assert [(each["detail-type"], each["detail"]) for each in rule["EventPattern"]["$or"]] == [
        (["CodePipeline Pipeline Execution State Change"], {"pipeline": ["app"], "state": ["STARTED"]}),
        (["CodePipeline Stage Execution State Change"], {"pipeline": ["app"], "state": ["FAILED"]}),
        (
            ["CodePipeline Action Execution State Change"],
            {"pipeline": ["app"], "state": ["STARTED", "FAILED"], "type": {"category": ["Approval"]}},
        ),
    ]


def test_events_for_a_bus_are_sent_by_a_role_that_only_this_rule_assumes() -> None:
    bus = "arn:aws:events:eu-central-1:210987654321:event-bus/audit"
    found = resources_of({"kind": "event-bus", "name": "Audit", "event_bus": bus})
    [statement] = statements(found["AuditEventRole"])
    assert (statement["Action"], statement["Resource"]) == (["events:PutEvents"], [bus])
    [trust] = found["AuditEventRole"]["AssumeRolePolicyDocument"]["Statement"]
    rule = {"Fn::Sub": f"arn:${{AWS::Partition}}:events:{HERE}:rule/app-Audit-events"}
    assert trust["Condition"]["ArnLike"] == {"aws:SourceArn": rule}
    [target] = found["AuditEventRule"]["Targets"]
    assert target == {"Id": "EventBus", "Arn": bus, "RoleArn": {"Fn::GetAtt": ["AuditEventRole", "Arn"]}}


def test_names_stay_in_their_limits_and_differ() -> None:
    name = "n" * 50
    found = resources(notified({"kind": "topic", "topic": TOPIC, "name": name}, name="d" * 60), RULE)
    [rule] = found.values()
    assert len(rule["Name"]) == 64
    other = resources(notified({"kind": "topic", "topic": TOPIC, "name": name[:-1]}, name="d" * 60), RULE)
    assert {each["Name"] for each in other.values()} != {rule["Name"]}


def test_tags_are_a_mapping_for_notification_rules() -> None:
    found = resources_of({"kind": "topic", "topic": TOPIC}, tags={"team": "shop"})
    assert found["TopicNotificationRule"]["Tags"] == {"team": "shop"}


@pytest.mark.parametrize(
    ("way", "topic"),
    [
        ("export", {"Fn::ImportValue": "delivery-NotificationTopicArn"}),
        ("parameter", {"Ref": "FoundationTopicArn"}),
        ("name", {"Fn::Sub": f"arn:${{AWS::Partition}}:sns:{HERE}:delivery-notifications"}),
    ],
)
def test_the_default_topic_is_the_foundations(way: str, topic: Mapping[str, str]) -> None:
    foundation = {"name": "delivery", "referenced_by": way}
    [rule] = resources_of({"kind": "topic"}, foundation=foundation).values()
    assert rule["Targets"][0]["TargetAddress"] == topic


def test_a_foundation_without_notifications_has_no_topic_for_them() -> None:
    data = notified({"kind": "topic"}, foundation={"name": "delivery", "has_topic": False})
    with pytest.raises(InvalidDefinition, match="the foundation delivery has no topic"):
        render(read(data))
    assert not Foundation("delivery", notifications=False).reference().has_topic


def test_python_and_yaml_make_the_same_notification() -> None:
    data = notified({"kind": "email", "name": "Team", "addresses": ["a@example.com"]}, foundation={"name": "delivery"})
    own = read(data).pipeline.notifications
    assert own == (EmailNotification("Team", addresses=["a@example.com"]),)
    assert TopicNotification("Shared") == TopicNotification("Shared", events=own[0].events)


def test_kinds_of_notifications_are_not_kinds_of_actions() -> None:
    assert all(issubclass(kind, Notification) for kind in KINDS.values())
    with pytest.raises(InvalidDefinition, match="must be an action of some kind"):
        render(_misplaced())


def _misplaced() -> Any:
    from pipegen import Definition

    return Definition("app", Stage("Source", TopicNotification("Shared")))  # type: ignore[arg-type]


FLEET = """\
foundation: {name: delivery}
environments: {main: {account: "123456789012", region: eu-west-1}}
defaults:
  pipeline:
    notifications:
      - {kind: topic, name: Failures, events: [pipeline-execution-failed]}
"""
SERVICE = """\
name: NAME
pipeline:
  stages:
    - {name: Source, actions: [{kind: codecommit, name: App, repository: NAME, branch: main}]}
    - {name: Release, actions: [{kind: approval, name: Approve}]}
"""


def test_a_fleet_gives_all_its_pipelines_notifications_which_each_can_change_or_remove(tmp_path: Path) -> None:
    (tmp_path / "pipegen.yaml").write_text(FLEET)
    services = tmp_path / "services"
    services.mkdir()
    own = {
        "plain": "",
        "more": "  notifications:\n    - {kind: lambda, name: Tickets, function: tickets}\n",
        "other": "  notifications:\n    - {name: Failures, events: [pipeline-execution-canceled]}\n",
        "quiet": "  notifications:\n    - {name: Failures, when: false}\n",
    }
    for name, lines in own.items():
        (services / f"{name}.yaml").write_text(SERVICE.replace("NAME", name) + lines)
    rendered = run("render", tmp_path, "--output", tmp_path / "out")
    assert rendered.exit_code == 0, rendered.stderr
    rules = {name: _rules(tmp_path, name) for name in own}
    failed, canceled = (f"codepipeline-pipeline-pipeline-execution-{each}" for each in ("failed", "canceled"))
    assert rules == {
        "plain": {"plain-Failures": [failed]},
        "more": {"more-Failures": [failed], "more-Tickets-events": []},
        "other": {"other-Failures": [canceled]},
        "quiet": {},
    }


def _rules(root: Path, name: str) -> dict[str, list[str]]:
    found = cfn_yaml.loads((root / "out" / name / f"{name}-pipeline.yaml").read_text())["Resources"].values()
    rules = [each["Properties"] for each in found if each["Type"] in (RULE, EVENT_RULE)]
    return {each["Name"]: each.get("EventTypeIds", []) for each in rules if each["Name"] != f"{name}-App"}


@pytest.mark.slow
def test_notifications_are_deployed_changed_and_deleted(cloud: Cloud, tmp_path: Path) -> None:
    cloud.reset()
    first: list[dict[str, Any]] = [
        {"kind": "email", "name": "Team", "addresses": ["a@example.com"]},
        {**SLACK, "name": "Chat"},
        TEAMS,
    ]
    template = tmp_path / "app.json"
    template.write_text(_template(*first))
    given = {"ConnectionArn": "arn:aws:codeconnections:eu-west-1:123456789012:connection/3a1c1a8e"}
    cloud.deploy(template, "app-pipeline", parameters=given)
    assert NO_CHANGES in cloud.deploy(template, "app-pipeline").stdout
    [topic] = cloud.aws_json("sns", "list-topics")["Topics"]
    attributes = cloud.aws_json("sns", "get-topic-attributes", "--topic-arn", topic["TopicArn"])["Attributes"]
    [statement] = json.loads(attributes["Policy"])["Statement"]
    assert statement["Resource"] == [topic["TopicArn"]]
    [subscription] = cloud.aws_json("sns", "list-subscriptions")["Subscriptions"]
    assert subscription["Endpoint"] == "a@example.com"
    template.write_text(_template(first[0] | {"events": ["pipeline-execution-succeeded"]}))
    cloud.deploy(template, "app-pipeline")
    cloud.aws("cloudformation", "delete-stack", "--stack-name", "app-pipeline")
    assert cloud.aws_json("sns", "list-topics")["Topics"] == []


def _template(*notifications: Mapping[str, Any]) -> str:
    [stack] = render(read(notified(*notifications)), format="json").stacks
    return stack.text
