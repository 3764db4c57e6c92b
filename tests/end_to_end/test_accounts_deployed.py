"""A definition over three accounts and two regions, deployed to a cloud on loopback in the order of its stacks."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pipegen import load, render
from pipegen.stacks.stack import Stack
from tests.examples import CONNECTION, DIRECTORY
from tests.networks import prepare_network
from tests.support.accounts import Accounts, contents
from tests.support.cloud import Cloud, aws_program
from tests.support.deployed import NO_CHANGES, outputs, written

pytestmark = pytest.mark.slow

TOOLS, TOOLS_ABROAD = ("111111111111", "eu-west-1"), ("111111111111", "eu-central-1")
STAGING, PRODUCTION = ("222222222222", "eu-west-1"), ("333333333333", "eu-central-1")
IMAGE = f"{TOOLS[0]}.dkr.ecr.eu-west-1.amazonaws.com/orders@sha256:{'1f' * 32}"


def stacks() -> list[tuple[Stack, str]]:
    """The stacks of the example with their templates, in the order in which they are deployed."""
    [definition] = load(DIRECTORY / "accounts.yaml")
    return [(each.stack, each.text) for each in render(definition).stacks]


def there(stack: Stack, clouds: Mapping[tuple[str, str], Cloud]) -> Cloud:
    """The cloud with credentials for the account and region of a stack."""
    assert stack.environment is not None
    return clouds[stack.environment.account_and_region]


@pytest.fixture
def clouds(accounts: Accounts) -> dict[tuple[str, str], Cloud]:
    """The cloud with the credentials of each account and region."""
    return {place: accounts.at(*place) for place in (TOOLS, TOOLS_ABROAD, STAGING, PRODUCTION)}


def deploy(clouds: Mapping[tuple[str, str], Cloud], folder: Path) -> list[str]:
    """Deploy every stack with its own credentials only; returns what the CLI prints."""
    found: dict[str, dict[str, str]] = {}
    printed = []
    for stack, text in stacks():
        cloud = there(stack, clouds)
        values = {"ConnectionArn": CONNECTION, **prepare_network(cloud, {"VpcId": "", "PrivateSubnets": ""})}
        values |= {name: found[source.stack][source.output] for name, source in stack.inputs.items()}
        wanted = {name: value for name, value in values.items() if name in stack.template.parameters}
        done = cloud.deploy(written(folder, text), stack.name, parameters=wanted, capabilities=stack.capabilities)
        printed.append(done.stdout + done.stderr)
        found[stack.name] = outputs(cloud, stack.name) if stack.template.outputs else {}
    return printed


def of_stacks(cloud: Cloud) -> Mapping[str, tuple[str, ...]]:
    return {kind: names for kind, names in contents(cloud).items() if kind not in ("keys", "buckets")}


def actions(clouds: Mapping[tuple[str, str], Cloud]) -> list[dict[str, Any]]:
    """The actions of the pipeline as CodePipeline has them."""
    found = clouds[TOOLS].aws_json("codepipeline", "get-pipeline", "--name", "orders")["pipeline"]
    return [action for stage in found["stages"] for action in stage["actions"]]


def run_commands(tools: Cloud, action: Mapping[str, Any], folder: Path) -> None:
    """Run the commands of an action as CodePipeline does: with its role, in its region."""
    given = tools.aws_json("sts", "assume-role", "--role-arn", action["roleArn"], "--role-session-name", "orders")[
        "Credentials"
    ]
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
        subprocess.run(["bash", "-c", command], cwd=folder, env=environment, check=True)


def test_three_accounts_are_deployed_from_nothing_a_second_time_without_changes_and_deleted(
    clouds: dict[tuple[str, str], Cloud], tmp_path: Path
) -> None:
    deploy(clouds, tmp_path)
    tools, staging, production = clouds[TOOLS], clouds[STAGING], clouds[PRODUCTION]
    assert of_stacks(staging)["services"] == ("orders-staging/orders-staging",)
    assert of_stacks(staging)["images"] == ("/pipegen/orders/staging/web/image",)
    assert of_stacks(production)["services"] == ("orders-production/orders-production",)
    assert of_stacks(production)["images"] == ("/pipegen/orders/production/web/image",)
    assert of_stacks(tools)["pipelines"] == ("orders",)
    assert of_stacks(tools)["repositories"] == ("orders",)
    assert "services" not in of_stacks(tools)
    assert not {"pipelines", "repositories", "projects"} & {*of_stacks(staging), *of_stacks(production)}
    assert all(NO_CHANGES in said for said in deploy(clouds, tmp_path))
    for stack, _ in reversed(stacks()):
        there(stack, clouds).aws("cloudformation", "delete-stack", "--stack-name", stack.name)
    for cloud in clouds.values():
        assert "stacks" not in contents(cloud)


def test_every_environment_gets_the_image_of_the_build_through_the_role_of_its_actions(
    clouds: dict[tuple[str, str], Cloud], tmp_path: Path
) -> None:
    deploy(clouds, tmp_path)
    (tmp_path / "imagedefinitions.json").write_text(json.dumps([{"name": "web", "imageUri": IMAGE}]))
    [built] = {
        each["name"] for action in actions(clouds) if action["name"] == "Image" for each in action["outputArtifacts"]
    }
    deploying = [each for each in actions(clouds) if each["actionTypeId"]["provider"] in ("ECS", "Commands")]
    assert len(deploying) == 4
    assert {each["name"] for action in deploying for each in action["inputArtifacts"]} == {built}
    for action in deploying:
        if action["actionTypeId"]["provider"] == "Commands":
            run_commands(clouds[TOOLS], action, tmp_path)
    for key, cloud in (("staging", clouds[STAGING]), ("production", clouds[PRODUCTION])):
        name = f"/pipegen/orders/{key}/web/image"
        assert cloud.aws_json("ssm", "get-parameter", "--name", name)["Parameter"]["Value"] == IMAGE
    deploy(clouds, tmp_path)  # services keep the image that was recorded
    for key, cloud in (("staging", clouds[STAGING]), ("production", clouds[PRODUCTION])):
        found = cloud.aws_json("ecs", "describe-task-definition", "--task-definition", f"orders-{key}")
        assert [each["image"] for each in found["taskDefinition"]["containerDefinitions"]] == [IMAGE]
