"""A deployment that a build starts and follows: its script against moto and a story of the deployment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.cloud import Cloud
from tests.support.codebuild import BuildResult, run_build
from tests.support.registry import Registry
from tests.support.service_deployments import MINE, Story, telling
from tests.templates import allowed, definition, resources

ROLLOUT: dict[str, Any] = {
    "kind": "ecs-rollout",
    "name": "Rollout",
    "cluster": "main",
    "service": "shop",
    "roles": ["shop-task"],
    "family": "shop",
    "poll_seconds": 5,
}
IMAGE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/app@sha256:" + "a" * 64
DONE = {"status": "SUCCESSFUL", "lifecycleStage": "CLEAN_UP"}


def project(**fields: Any) -> dict[str, Any]:
    found = resources(definition(deploy={**ROLLOUT, **fields}), "AWS::CodeBuild::Project")
    return dict(found["RolloutProject"])


def running_service(cloud: Cloud) -> Mapping[str, Any]:
    """A service and the task definition that it runs."""
    cloud.reset()
    containers = [
        {"name": "app", "image": "app:old", "memory": 128, "environment": [{"name": "A", "value": '$(b) "c"'}]},
        {"name": "proxy", "image": "proxy:1", "memory": 64},
    ]
    request = {"family": "shop", "containerDefinitions": containers, "tags": [{"key": "team", "value": "shop"}]}
    cloud.aws("ecs", "create-cluster", "--cluster-name", "main")
    made = cloud.aws_json("ecs", "register-task-definition", "--cli-input-json", json.dumps(request))
    service = ("--service-name", "shop", "--task-definition", "shop", "--desired-count", "0")
    cloud.aws("ecs", "create-service", "--cluster", "main", *service)
    return dict(made["taskDefinition"])


def rollout(
    story: Story, cloud: Cloud, registry: Registry, work: Path, images: Mapping[str, str] | None = None, **fields: Any
) -> BuildResult:
    source = work / "source"
    source.mkdir()
    given = {"app": IMAGE} if images is None else images
    entries = [{"name": name, "imageUri": uri} for name, uri in given.items()]
    (source / fields.get("file_name", "imagedefinitions.json")).write_text(json.dumps(entries))
    made = project(**fields)
    environment = {each["Name"]: each["Value"] for each in made["Environment"]["EnvironmentVariables"]}
    with telling(story, cloud.endpoint) as endpoint:
        settings = {**cloud.environment, "AWS_ENDPOINT_URL": endpoint, "AWS_MAX_ATTEMPTS": "4", **environment}
        buildspec = made["Source"]["BuildSpec"].replace("sleep 5", "sleep 0.1")
        return run_build(buildspec, source=source, environment=settings, registry=registry, work=work)


def test_it_moves_the_service_to_a_revision_with_the_new_image_and_follows_it(
    cloud: Cloud, registry: Registry, tmp_path: Path
) -> None:
    before = running_service(cloud)
    looks = [
        {"status": "PENDING"},
        {"status": "IN_PROGRESS", "lifecycleStage": "SCALE_UP"},
        {"status": "IN_PROGRESS", "lifecycleStage": "SCALE_UP"},
        {"status": "IN_PROGRESS", "lifecycleStage": "BAKE_TIME"},
        DONE,
    ]
    story = Story(looks=looks, unseen=2, failures=1)
    result = rollout(story, cloud, registry, tmp_path)
    assert result.succeeded, result.log
    said = [line for line in result.log.splitlines() if line.split(" ")[0] in {"PENDING", "IN_PROGRESS", "SUCCESSFUL"}]
    assert said == ["PENDING", "IN_PROGRESS SCALE_UP", "IN_PROGRESS BAKE_TIME", "SUCCESSFUL CLEAN_UP"]

    [service] = cloud.aws_json("ecs", "describe-services", "--cluster", "main", "--services", "shop")["services"]
    command = ("ecs", "describe-task-definition", "--task-definition", service["taskDefinition"], "--include", "TAGS")
    found = cloud.aws_json(*command)
    after = found["taskDefinition"]
    assert after["revision"] == before["revision"] + 1
    assert found["tags"] == [{"key": "team", "value": "shop"}]
    assert [each["image"] for each in after["containerDefinitions"]] == [IMAGE, "proxy:1"]
    kept = [{**each, "image": ""} for each in after["containerDefinitions"]]
    assert kept == [{**each, "image": ""} for each in before["containerDefinitions"]]


ENDS = {
    "rolled back": (
        {"status": "ROLLBACK_SUCCESSFUL", "statusReason": "a hook failed"},
        "ROLLBACK_SUCCESSFUL: a hook failed",
    ),
    "not even that": ({"status": "ROLLBACK_FAILED"}, "ROLLBACK_FAILED: no reason given"),
    "stopped": ({"status": "STOPPED", "statusReason": "by a person"}, "STOPPED: by a person"),
}


@pytest.mark.parametrize(("end", "said"), ENDS.values(), ids=ENDS.keys())
def test_a_deployment_that_did_not_succeed_fails_the_build(
    end: Mapping[str, str], said: str, cloud: Cloud, registry: Registry, tmp_path: Path
) -> None:
    running_service(cloud)
    story = Story(looks=[{"status": "IN_PROGRESS", "lifecycleStage": "POST_SCALE_UP"}, end])
    result = rollout(story, cloud, registry, tmp_path)
    assert not result.succeeded
    assert said in result.log


def test_a_pause_says_how_to_go_on(cloud: Cloud, registry: Registry, tmp_path: Path) -> None:
    running_service(cloud)
    paused = {
        "status": "IN_PROGRESS",
        "lifecycleStage": "POST_TEST_TRAFFIC_SHIFT",
        "lifecycleHookDetails": [{"hookId": "h-1", "targetType": "PAUSE", "status": "AWAITING_ACTION"}],
    }
    result = rollout(Story(looks=[paused, DONE]), cloud, registry, tmp_path)
    assert result.succeeded, result.log
    command = f"aws ecs continue-service-deployment --service-deployment-arn {MINE} --hook-id h-1 --action CONTINUE"
    assert f"waits for a person: {command}" in result.log


def test_a_container_that_is_not_there_ends_it_before_anything_is_registered(
    cloud: Cloud, registry: Registry, tmp_path: Path
) -> None:
    before = running_service(cloud)
    story = Story(looks=[DONE])
    result = rollout(story, cloud, registry, tmp_path, {"app": IMAGE, "worker": IMAGE})
    assert not result.succeeded
    assert f"{before['taskDefinitionArn']} has no container worker" in result.log
    assert story.asked == []


def test_a_service_that_is_not_there_is_told(cloud: Cloud, registry: Registry, tmp_path: Path) -> None:
    running_service(cloud)
    result = rollout(Story(looks=[DONE]), cloud, registry, tmp_path, service="other")
    assert not result.succeeded
    assert "the cluster main has no service other" in result.log


def test_a_deployment_that_never_shows_fails_the_build(cloud: Cloud, registry: Registry, tmp_path: Path) -> None:
    running_service(cloud)
    result = rollout(Story(looks=[DONE], unseen=1000), cloud, registry, tmp_path)
    assert not result.succeeded
    assert "ECS shows no deployment of arn:aws:ecs:eu-west-1:123456789012:task-definition/shop:2" in result.log


def test_a_file_name_never_reaches_the_shell_unquoted(cloud: Cloud, registry: Registry, tmp_path: Path) -> None:
    running_service(cloud)
    result = rollout(Story(looks=[DONE]), cloud, registry, tmp_path, file_name="$(touch pwned) 'x'.json")
    assert result.succeeded, result.log
    assert "pwned" not in [file.name for file in tmp_path.rglob("*") if file.name == "pwned"]


def test_the_build_may_take_as_long_as_the_strategy_and_half_an_hour() -> None:
    canary = {"kind": "canary", "canary_bake_minutes": 200, "bake_minutes": 100}
    assert project(strategy=canary)["TimeoutInMinutes"] == 330
    assert project(strategy=canary, timeout_minutes=400)["TimeoutInMinutes"] == 400
    assert project()["TimeoutInMinutes"] == 60


def test_it_may_touch_this_service_alone() -> None:
    role = resources(definition(deploy=ROLLOUT), "AWS::IAM::Role")["RolloutProjectRole"]
    place = "arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:"
    assert allowed(role, "ecs:UpdateService") == [{"Fn::Sub": f"{place}service/main/shop"}]
    assert allowed(role, "ecs:DescribeServiceDeployments") == [
        {"Fn::Sub": f"{place}service/main/shop"},
        {"Fn::Sub": f"{place}service-deployment/main/shop/*"},
        {"Fn::Sub": f"{place}service-revision/main/shop/*"},
    ]
    assert allowed(role, "iam:PassRole") == [{"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/shop-task"}]
    assert allowed(role, "ecs:RegisterTaskDefinition") == ["*"]
    assert allowed(role, "ecs:TagResource") == [{"Fn::Sub": f"{place}task-definition/shop:*"}]


def test_what_ecs_adds_to_a_revision_is_all_taken_off() -> None:
    """Against the AWS API's own model."""
    from botocore.session import get_session

    model = get_session().get_service_model("ecs")
    request: Any = model.operation_model("RegisterTaskDefinition").input_shape
    added = set(model.shape_for("TaskDefinition").members) - set(request.members)
    script = project()["Source"]["BuildSpec"]
    assert {name for name in added if f".{name}" not in script} == set()
