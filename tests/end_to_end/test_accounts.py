"""Pipelines that promote to other accounts: every stack in its account, and roles that may what they must."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pipegen import load, render
from tests.examples import CONNECTION, DIRECTORY
from tests.support.accounts import Accounts, contents
from tests.support.cloud import ACCOUNT, Cloud, aws_program
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
IMAGE = f"{TOOLS}.dkr.ecr.{HOME}.amazonaws.com/orders@sha256:{'1f' * 32}"


@pytest.fixture
def promoted(accounts: Accounts, tmp_path: Path) -> DeployedAccounts:
    """Staging is in another account, production in another account and region."""
    stacks = render(load(DIRECTORY / "accounts.yaml")[0]).stacks
    return DeployedAccounts(accounts, list(stacks), tmp_path, {"ConnectionArn": CONNECTION.replace(ACCOUNT, TOOLS)})


def test_a_pipeline_over_three_accounts_is_deployed_works_and_is_deleted(
    promoted: DeployedAccounts, simulator: Simulator, tmp_path: Path
) -> None:
    assert not any(NO_CHANGES in said for said in promoted.deploy())
    everything_is_in_its_account(promoted)
    roles_may_what_aws_documents(promoted, simulator)
    assert all(NO_CHANGES in said for said in promoted.deploy())
    every_environment_gets_the_image_of_the_build(promoted, tmp_path)
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


def every_environment_gets_the_image_of_the_build(promoted: DeployedAccounts, directory: Path) -> None:
    """Through the roles of the actions. Services keep the image that was recorded."""
    tools = promoted.at(TOOLS, HOME)
    found = actions(tools.aws_json("codepipeline", "get-pipeline", "--name", "orders")["pipeline"])
    [built] = {each["name"] for action in found if action["name"] == "Image" for each in action["outputArtifacts"]}
    deploying = [each for each in found if each["actionTypeId"]["provider"] in ("ECS", "Commands")]
    assert len(deploying) == 4
    assert {each["name"] for action in deploying for each in action["inputArtifacts"]} == {built}
    (directory / "imagedefinitions.json").write_text(json.dumps([{"name": "web", "imageUri": IMAGE}]))
    for action in deploying:
        if action["actionTypeId"]["provider"] == "Commands":
            run_commands(tools, action, directory)
    for key, cloud in deployments(promoted).items():
        recorded = cloud.api("ssm", "get_parameter", Name=f"/pipegen/orders/{key}/web/image")
        assert recorded["Parameter"]["Value"] == IMAGE
    assert not any(NO_CHANGES in said for said in promoted.deploy("orders-staging", "orders-production"))
    for key, cloud in deployments(promoted).items():
        found = cloud.api("ecs", "describe_task_definition", taskDefinition=f"orders-{key}")["taskDefinition"]
        assert [each["image"] for each in found["containerDefinitions"]] == [IMAGE]


def run_commands(tools: Cloud, action: Mapping[str, Any], directory: Path) -> None:
    """Run the commands of an action as CodePipeline does: with its role, in its region."""
    given = tools.api("sts", "assume_role", RoleArn=action["roleArn"], RoleSessionName="orders")["Credentials"]
    region = action.get("region", tools.region)
    environment = {
        **os.environ,
        **tools.environment,
        "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
        "AWS_SESSION_TOKEN": given["SessionToken"],
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "PATH": f"{aws_program().parent}:{os.environ['PATH']}",
        "HOME": os.devnull,
    }
    for command in action["commands"]:
        subprocess.run(["bash", "-c", command], cwd=directory, env=environment, check=True)


def only_what_is_retained_is_left(promoted: DeployedAccounts) -> None:
    tools = contents(promoted.at(TOOLS, HOME))
    assert tools.keys() == {"buckets", "repositories"}
    for name, cloud in deployments(promoted).items():
        # moto keeps deregistered ones
        assert contents(cloud) == {"task definitions": (f"orders-{name}:1", f"orders-{name}:2")}
