"""Sources in another account: their events reach the pipeline's account through an event bus and start the pipeline."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from moto.events.models import EventPattern

from pipegen.loading.definition import read
from pipegen.loading.yaml.parsing import parse
from pipegen.rendering import render_definition
from tests.support.accounts import Accounts, contents
from tests.support.cloud import Cloud
from tests.support.deployed import NO_CHANGES
from tests.support.deployed_accounts import DeployedAccounts
from tests.support.iam_calls import Call, allowed, denied, read_policies
from tests.support.iam_documented import foreign, pipeline_calls, place, rule_calls
from tests.support.simulator import Simulator

TOOLS, SHOP, OTHER, HOME = "111111111111", "222222222222", "333333333333", "eu-west-1"
DEFINITION = """\
name: orders
environments:
  tools: {account: "111111111111", region: eu-west-1}
  shop: {account: "222222222222", region: eu-west-1}
pipelines: tools
artifacts: {create_key: true}
pipeline:
  stages:
    - name: Source
      actions:
        - {kind: codecommit, name: App, repository: orders, branch: main, runs_in: shop}
        - {kind: ecr, name: Base, repository: shop/base, tag: stable, runs_in: shop}
    - name: Build
      actions: [{kind: codebuild, name: Test, commands: [make], input: App}]
"""
EVENTS: Mapping[str, tuple[str, str, str, Mapping[str, Any]]] = {
    "App": (
        "aws.codecommit",
        "CodeCommit Repository State Change",
        "arn:aws:codecommit:eu-west-1:222222222222:orders",
        {
            "event": "referenceUpdated",
            "repositoryName": "orders",
            "referenceType": "branch",
            "referenceName": "main",
            "commitId": "3e5983EXAMPLE",
        },
    ),
    "Base": (
        "aws.ecr",
        "ECR Image Action",
        "arn:aws:ecr:eu-west-1:222222222222:repository/shop/base",
        {
            "result": "SUCCESS",
            "repository-name": "shop/base",
            "image-digest": f"sha256:{'7f' * 32}",
            "action-type": "PUSH",
            "image-tag": "stable",
        },
    ),
}
"""By source: the source, type, resource and detail of an event, as AWS documents it.
https://docs.aws.amazon.com/codecommit/latest/userguide/monitoring-events.html#referenceUpdated
https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html"""


def deployed(accounts: Accounts, directory: Path) -> DeployedAccounts:
    stacks = render_definition(read(parse(DEFINITION, "orders.yaml").data)).stacks
    return DeployedAccounts(accounts, list(stacks), directory)


def test_events_of_another_account_start_the_pipeline_through_the_bus(
    accounts: Accounts, simulator: Simulator, tmp_path: Path
) -> None:
    promoted = deployed(accounts, tmp_path)
    assert not any(NO_CHANGES in said for said in promoted.deploy())
    tools, shop = promoted.at(TOOLS, HOME), promoted.at(SHOP, HOME)
    for name in EVENTS:
        an_event_reaches_the_bus_and_matches_only_its_rule(name, tools, shop)
    everyone_may_what_aws_documents(tools, shop, simulator)
    assert all(NO_CHANGES in said for said in promoted.deploy())
    promoted.delete()
    assert "stacks" not in {**contents(tools), **contents(shop)}


def an_event_reaches_the_bus_and_matches_only_its_rule(name: str, tools: Cloud, shop: Cloud) -> None:
    origin, kind, resource, detail = EVENTS[name]
    with listening(tools) as group:
        for each in (detail, {**detail, **OTHERS[name]}):
            put(shop, {"Source": origin, "DetailType": kind, "Detail": json.dumps(each), "Resources": [resource]})
        [arrived] = received(tools, group)
    assert arrived["detail"] == detail

    # moto writes the account of the bus into an event that arrives there; AWS keeps the account of its origin:
    # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-account.html
    rules = {rule["Name"]: rule for rule in listed(tools, "orders-sources")}
    event = {**arrived, "account": SHOP, "resources": [resource]}
    assert [each for each, rule in rules.items() if matches(rule, event)] == [f"orders-{name}"]
    assert not any(matches(rule, {**event, "account": OTHER}) for rule in rules.values())
    [target] = targets(tools, f"orders-{name}", "orders-sources")
    assert target["Arn"] == f"arn:aws:codepipeline:{HOME}:{TOOLS}:orders"
    path = target["InputTransformer"]["InputPathsMap"]["revision"].removeprefix("$.detail.")
    assert detail[path] in (detail.get("commitId"), detail.get("image-digest"))


OTHERS: Mapping[str, Mapping[str, str]] = {"App": {"referenceName": "topic"}, "Base": {"image-tag": "latest"}}
"""What makes an event one that must not start the pipeline."""


@contextmanager
def listening(cloud: Cloud) -> Iterator[str]:
    """The name of a log group that gets every event on the bus."""
    group, bus = "everything", ("--event-bus-name", "orders-sources")
    cloud.aws("logs", "create-log-group", "--log-group-name", group)
    cloud.aws("events", "put-rule", "--name", group, "--event-pattern", '{"version": ["0"]}', *bus)
    target = f"Id=log,Arn=arn:aws:logs:{HOME}:{TOOLS}:log-group:{group}"
    cloud.aws("events", "put-targets", "--rule", group, "--targets", target, *bus)
    yield group
    cloud.aws("events", "remove-targets", "--rule", group, "--ids", "log", *bus)
    cloud.aws("events", "delete-rule", "--name", group, *bus)
    cloud.aws("logs", "delete-log-group", "--log-group-name", group)


def put(cloud: Cloud, event: Mapping[str, Any]) -> None:
    answer = cloud.aws_json("events", "put-events", "--entries", json.dumps([event]))
    assert answer["FailedEntryCount"] == 0


def received(cloud: Cloud, group: str) -> list[Any]:
    found = cloud.aws_json("logs", "filter-log-events", "--log-group-name", group)["events"]
    return [json.loads(event["message"]) for event in found]


def listed(cloud: Cloud, bus: str) -> list[Mapping[str, Any]]:
    found = cloud.aws_json("events", "list-rules", "--event-bus-name", bus)["Rules"]
    return [rule for rule in found if rule["Name"].startswith("orders-")]


def targets(cloud: Cloud, rule: str, bus: str) -> list[Mapping[str, Any]]:
    return list(cloud.aws_json("events", "list-targets-by-rule", "--rule", rule, "--event-bus-name", bus)["Targets"])


def matches(rule: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    pattern = json.loads(rule["EventPattern"])
    return bool(EventPattern(rule["EventPattern"], pattern).matches_event(event))  # type: ignore[arg-type]


def everyone_may_what_aws_documents(tools: Cloud, shop: Cloud, simulator: Simulator) -> None:
    """The rules, the role of the pipeline and the roles of its actions, in both accounts."""
    policies = read_policies(tools, shop)
    pipeline = tools.aws_json("codepipeline", "get-pipeline", "--name", "orders")["pipeline"]
    calls = list(pipeline_calls(pipeline, place(tools)))
    for cloud, bus in ((tools, "orders-sources"), (shop, "default")):
        for rule in listed(cloud, bus):
            for target in targets(cloud, rule["Name"], bus):
                calls += rule_calls(rule, target, place(cloud))
    assert len([call for call in calls if call.action == "events:PutEvents"]) == 2
    assert denied(calls, policies, simulator) == []
    assert allowed((other for call in calls for other in foreign(call)), policies, simulator) == []
    stranger = f"arn:aws:iam::{OTHER}:role/admin"
    buses = {call.resource for call in calls if call.action == "events:PutEvents"}
    asked = [Call(stranger, "events:PutEvents", bus) for bus in buses]
    assert allowed(asked, policies.with_role(stranger), simulator) == []
