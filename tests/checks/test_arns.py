"""Regions, accounts and partitions in ARNs of one definition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from pipegen import check
from pipegen.loading.definition import read
from tests.templates import definition

TOPIC = "arn:aws:sns:{}:{}:releases"
KEY = "arn:aws:kms:{}:123456789012:key/0a1b2c3d"
CONNECTION = "arn:aws:codeconnections:{}:{}:connection/0a1b2c3d"
ACCOUNT = "123456789012"


def definition_with(
    topic: Any, key: Any, connection: str = CONNECTION.format("eu-west-1", ACCOUNT)
) -> Mapping[str, Any]:
    source = {"kind": "github", "name": "App", "repository": "acme/app", "branch": "main", "connection": connection}
    approval = {"kind": "approval", "name": "Ask", "topic": topic}
    return definition(source=source, deploy=approval, artifacts={"bucket": "shop-artifacts", "key_arn": key})


def references_reported(data: Mapping[str, Any]) -> list[tuple[str, Any, str]]:
    problems = check(read({**data, "parameters": {**data.get("parameters", {}), "P": {}}}))
    return [(each.code, each.path[-1], each.severity) for each in problems if each.code == "wrong-account-or-region"]


@pytest.mark.parametrize(
    ("topic", "key"),
    [
        (TOPIC.format("eu-west-1", ACCOUNT), KEY.format("eu-west-1")),
        (TOPIC.format("eu-west-1", "210987654321"), KEY.format("eu-west-1")),  # a topic may be another account's
        ({"Fn::Sub": TOPIC.format("${AWS::Region}", ACCOUNT)}, KEY.format("eu-west-1")),
        ({"Fn::Sub": TOPIC.format("us-east-1", "${P}")}, KEY.format("eu-west-1")),  # perhaps not this region's stack
    ],
)
def test_arns_that_can_be_in_one_place_are_taken(topic: Any, key: Any) -> None:
    assert references_reported(definition_with(topic, key)) == []


def test_what_must_be_in_one_region_is_reported_where_it_is_elsewhere() -> None:
    data = definition_with(TOPIC.format("us-east-1", ACCOUNT), KEY.format("eu-west-1"))
    assert references_reported(data) == [("wrong-account-or-region", "topic", "error")]


def test_a_connection_elsewhere_is_a_warning() -> None:
    data = definition_with(
        TOPIC.format("eu-west-1", ACCOUNT), KEY.format("eu-west-1"), CONNECTION.format("us-east-1", ACCOUNT)
    )
    assert references_reported(data) == [("wrong-account-or-region", "connection", "warning")]


def test_partitions_do_not_mix() -> None:
    data = definition_with(TOPIC.format("eu-west-1", ACCOUNT), KEY.format("eu-west-1"))
    data = {**data, "permissions_boundary": f"arn:aws-cn:iam::{ACCOUNT}:policy/x"}
    assert references_reported(data) == [("wrong-account-or-region", "permissions_boundary", "error")]
