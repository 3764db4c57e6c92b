"""Pipelines that promote to other accounts: every stack in its account, and roles that may what they must."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pipegen import load, render
from tests.examples import CONNECTION, DIRECTORY
from tests.support.accounts import Accounts, contents
from tests.support.cloud import ACCOUNT, Cloud
from tests.support.deployed import NO_CHANGES
from tests.support.deployed_accounts import DeployedAccounts
from tests.support.iam_calls import Call, allowed, denied, read_policies
from tests.support.iam_documented import (
    artifact_calls,
    build_calls,
    foreign,
    pass_calls,
    pipeline_calls,
    place,
    stores,
    task_calls,
)
from tests.support.simulator import Simulator

TOOLS, STAGING, PRODUCTION = "111111111111", "222222222222", "333333333333"
HOME, ABROAD = "eu-west-1", "eu-central-1"


@pytest.fixture
def promoted(accounts: Accounts, tmp_path: Path) -> DeployedAccounts:
    """Staging is in another account, production in another account and region."""
    stacks = render(load(DIRECTORY / "accounts.yaml")[0]).stacks
    return DeployedAccounts(accounts, list(stacks), tmp_path, {"ConnectionArn": CONNECTION.replace(ACCOUNT, TOOLS)})


def test_a_pipeline_over_three_accounts_is_deployed_works_and_is_deleted(
    promoted: DeployedAccounts, simulator: Simulator
) -> None:
    assert not any(NO_CHANGES in said for said in promoted.deploy())
    everything_is_in_its_account(promoted)
    roles_may_what_aws_documents(promoted, simulator)
    assert all(NO_CHANGES in said for said in promoted.deploy())
    promoted.delete()
    only_what_is_retained_is_left(promoted)


def everything_is_in_its_account(promoted: DeployedAccounts) -> None:
    tools = contents(promoted.at(TOOLS, HOME))
    assert (tools["pipelines"], tools["projects"], tools["repositories"]) == (
        ("orders",),
        ("orders-Image",),
        ("orders",),
    )
    assert not {"services", "task definitions", "images"} & tools.keys()
    for name, cloud in deployments(promoted).items():
        found = contents(cloud)
        assert found["services"] == (f"orders-{name}/orders-{name}",)
        assert found["task definitions"] == (f"orders-{name}:1",)
        assert found["images"] == (f"/pipegen/orders/{name}/web/image",)
        assert not {"pipelines", "projects", "buckets", "repositories"} & found.keys()
    assert contents(promoted.at(TOOLS, ABROAD))["stacks"] == (f"orders-support-{TOOLS}-{ABROAD}",)


def deployments(promoted: DeployedAccounts) -> Mapping[str, Cloud]:
    return {"staging": promoted.at(STAGING, HOME), "production": promoted.at(PRODUCTION, ABROAD)}


def roles_may_what_aws_documents(promoted: DeployedAccounts, simulator: Simulator) -> None:
    tools = promoted.at(TOOLS, HOME)
    pipeline = tools.aws_json("codepipeline", "get-pipeline", "--name", "orders")["pipeline"]
    policies = read_policies(tools, promoted.at(TOOLS, ABROAD), *deployments(promoted).values())
    calls = documented(promoted, pipeline)
    assert {call.caller.split(":")[4] for call in calls if ":" in call.caller} == {TOOLS, STAGING, PRODUCTION}
    assert denied(calls, policies, simulator) == []
    assert allowed((other for call in calls for other in foreign(call)), policies, simulator) == []

    # Roles whose own accounts allow them everything, and whose names are not those of the pipeline's.
    strangers = [f"arn:aws:iam::{account}:role/admin" for account in (STAGING, PRODUCTION)]
    for role in strangers:
        policies = policies.with_role(role)
    reads = [call for role in strangers for store in stores(pipeline) for call in artifact_calls(role, store, TOOLS)]
    assumed = {call.resource for call in calls if call.action == "sts:AssumeRole"}
    assumptions = [Call(role, "sts:AssumeRole", other) for role in strangers for other in sorted(assumed)]
    assert len(reads) >= 36
    assert allowed([*reads, *assumptions], policies, simulator) == []


def documented(promoted: DeployedAccounts, pipeline: Mapping[str, Any]) -> list[Call]:
    tools = promoted.at(TOOLS, HOME)
    calls = list(pipeline_calls(pipeline, place(tools)))
    [project] = tools.aws_json("codebuild", "batch-get-projects", "--names", "orders-Image")["projects"]
    calls += build_calls(project, pipeline["artifactStores"][HOME], place(tools))
    image = f"{TOOLS}.dkr.ecr.{HOME}.amazonaws.com/orders"
    roles = {each["roleArn"].split(":")[4]: each["roleArn"] for each in actions(pipeline) if "roleArn" in each}
    for name, cloud in deployments(promoted).items():
        found = cloud.aws_json("ecs", "describe-task-definition", "--task-definition", f"orders-{name}")
        task = found["taskDefinition"]
        calls += [*task_calls(task, (image,), place(cloud)), *pass_calls(roles[cloud.account], task)]
    return calls


def actions(pipeline: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [action for stage in pipeline["stages"] for action in stage["actions"]]


def only_what_is_retained_is_left(promoted: DeployedAccounts) -> None:
    tools = contents(promoted.at(TOOLS, HOME))
    assert tools.keys() == {"buckets", "repositories"}
    for name, cloud in deployments(promoted).items():
        assert contents(cloud) == {"task definitions": (f"orders-{name}:1",)}  # moto keeps deregistered ones
