"""A definition over three accounts and two regions: the image that its build pushes runs in every environment."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipegen import load, render
from pipegen.stacks.stack import Stack
from tests.end_to_end.test_examples_deployed import Deployed, build
from tests.examples import CONNECTION, DIRECTORY, EXAMPLES
from tests.networks import prepare_network
from tests.support.accounts import Accounts
from tests.support.cloud import Cloud, aws_program
from tests.support.codebuild import COMMIT
from tests.support.deployed import outputs, written
from tests.support.registry import Registry

pytestmark = pytest.mark.slow

TOOLS, TOOLS_ABROAD = ("111111111111", "eu-west-1"), ("111111111111", "eu-central-1")
STAGING, PRODUCTION = ("222222222222", "eu-west-1"), ("333333333333", "eu-central-1")


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


def actions(clouds: Mapping[tuple[str, str], Cloud]) -> list[dict[str, Any]]:
    """The actions of the pipeline as CodePipeline has them."""
    found = clouds[TOOLS].aws_json("codepipeline", "get-pipeline", "--name", "orders")["pipeline"]
    return [action for stage in found["stages"] for action in stage["actions"]]


def with_role_of(action: Mapping[str, Any], tools: Cloud) -> Cloud:
    """The cloud as CodePipeline uses it for an action: with the role and in the region of the action."""
    assume = ("sts", "assume-role", "--role-arn", action["roleArn"], "--role-session-name", "orders")
    given, region = tools.aws_json(*assume)["Credentials"], action.get("region", tools.region)
    own = {
        "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
        "AWS_SESSION_TOKEN": given["SessionToken"],
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
    }
    return replace(tools, environment={**tools.environment, **own}, region=region)


def run_commands(action: Mapping[str, Any], cloud: Cloud, artifact: Path) -> None:
    """Run the commands of an action with its input artifact."""
    path = {"PATH": f"{aws_program().parent}:{os.environ['PATH']}", "HOME": os.devnull}
    for command in action["commands"]:
        environment = {**os.environ, **cloud.environment, **path}
        subprocess.run(["bash", "-c", command], cwd=artifact, env=environment, check=True)


def deploy_images(action: Mapping[str, Any], cloud: Cloud, artifact: Path) -> None:
    """Register a revision with the images of the artifact and update the service with it, as an ECS action does.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECS.html"""
    configuration = action["configuration"]
    service = ("--cluster", configuration["ClusterName"], "--service", configuration["ServiceName"])
    images = {each["name"]: each["imageUri"] for each in json.loads((artifact / configuration["FileName"]).read_text())}
    task = running(cloud, configuration["ClusterName"], configuration["ServiceName"])
    containers = [{**each, "image": images.get(each["name"], each["image"])} for each in task["containerDefinitions"]]
    kept = ("family", "cpu", "memory", "networkMode", "requiresCompatibilities", "executionRoleArn", "taskRoleArn")
    request = {**{key: task[key] for key in kept if key in task}, "containerDefinitions": containers}
    made = cloud.aws_json("ecs", "register-task-definition", "--cli-input-json", json.dumps(request))
    cloud.aws("ecs", "update-service", *service, "--task-definition", made["taskDefinition"]["taskDefinitionArn"])


def running(cloud: Cloud, cluster: str, service: str) -> dict[str, Any]:
    """The task definition of a service."""
    [found] = cloud.aws_json("ecs", "describe-services", "--cluster", cluster, "--services", service)["services"]
    named = ("--task-definition", found["taskDefinition"])
    return dict(cloud.aws_json("ecs", "describe-task-definition", *named)["taskDefinition"])


def test_the_image_that_the_build_pushes_runs_in_every_environment(
    clouds: dict[tuple[str, str], Cloud], registry: Registry, tmp_path: Path
) -> None:
    deploy(clouds, tmp_path)
    tools = clouds[TOOLS]
    own = registry.of_account(*TOOLS)
    own.create("orders")
    pipeline = tools.aws_json("codepipeline", "get-pipeline", "--name", "orders")["pipeline"]
    example = next(each for each in EXAMPLES if each.name == "accounts")
    artifact = build(Deployed(example, tools, pipeline), own, tmp_path)["Image"].artifact
    assert artifact is not None
    [image] = json.loads((artifact / "imagedefinitions.json").read_text())
    repository, digest = image["imageUri"].split("@")
    assert (image["name"], repository) == ("web", own.uri("orders"))
    assert registry.digest("orders", COMMIT[:12]) == digest

    found = actions(clouds)
    [made] = {each["name"] for action in found if action["name"] == "Image" for each in action["outputArtifacts"]}
    deploying = [each for each in found if each["actionTypeId"]["provider"] in RUN]
    assert {each["name"] for action in deploying for each in action["inputArtifacts"]} == {made}
    assert [each["actionTypeId"]["provider"] for each in deploying] == ["ECS", "Commands"] * 2
    for action in deploying:
        RUN[action["actionTypeId"]["provider"]](action, with_role_of(action, tools), artifact)
    everywhere = {"staging": clouds[STAGING], "production": clouds[PRODUCTION]}
    for name, cloud in everywhere.items():
        assert images(cloud, name) == [image["imageUri"]]
        parameter = cloud.aws_json("ssm", "get-parameter", "--name", f"/pipegen/orders/{name}/web/image")
        assert parameter["Parameter"]["Value"] == image["imageUri"]
    deploy(clouds, tmp_path)  # services keep the image that was recorded
    assert all(images(cloud, name) == [image["imageUri"]] for name, cloud in everywhere.items())


RUN = {"Commands": run_commands, "ECS": deploy_images}
"""What CodePipeline does in an action, by provider."""


def images(cloud: Cloud, name: str) -> list[str]:
    """The images of the containers of a service."""
    return [each["image"] for each in running(cloud, f"orders-{name}", f"orders-{name}")["containerDefinitions"]]
