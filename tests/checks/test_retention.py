"""How long what a run needs is kept, and how long actions wait."""

from __future__ import annotations

from typing import Any

import pytest

from pipegen import Foundation, check
from pipegen.codedeploy.deployment_group import DeploymentGroup
from pipegen.loading.definition import read
from tests.templates import DEPLOY, action, allowed, definition, resources, template

APPROVAL: dict[str, Any] = {"kind": "approval", "name": "Release"}
RECORD: dict[str, Any] = {"kind": "record-images", "name": "Record", "parameters": {"app": "/app/image"}}
COMMANDS: dict[str, Any] = {"kind": "commands", "name": "Look", "commands": ["true"], "input": "App"}


def warned(data: dict[str, Any]) -> list[str]:
    return [problem.code for problem in check(read(data)) if problem.severity == "warning"]


def approved(days: int, **fields: Any) -> dict[str, Any]:
    data = definition(**fields)
    data["pipeline"]["stages"][2]["actions"].insert(0, APPROVAL | {"timeout_minutes": days * 24 * 60})
    return data


def test_artifacts_are_kept_for_90_days() -> None:
    [rule] = resources(definition())["ArtifactBucket"]["LifecycleConfiguration"]["Rules"]
    assert (rule["ExpirationInDays"], Foundation().expire_days) == (90, 90)


@pytest.mark.parametrize(
    ("days", "kept", "expected"),
    [(60, 90, []), (60, 59, ["artifact-expiry"]), (60, 60, []), (5, 4, ["artifact-expiry"])],
)
def test_an_approval_that_outlives_the_artifacts_is_warned_of(days: int, kept: int, expected: list[str]) -> None:
    assert warned(approved(days, artifacts={"expire_days": kept})) == expected


def test_an_approval_without_timeout_takes_seven_days() -> None:
    data = definition(artifacts={"expire_days": 6})
    data["pipeline"]["stages"][2]["actions"].insert(0, APPROVAL)
    assert warned(data) == ["artifact-expiry"]


@pytest.mark.parametrize("condition", ["on_failure", "on_success"])
def test_a_rollback_that_outlives_the_artifacts_is_warned_of(condition: str) -> None:
    data = definition(artifacts={"expire_days": 30})
    alarm = {"kind": "alarm", "name": "Errors", "alarm": "errors"}
    data["pipeline"]["stages"][2][condition] = {"result": "ROLLBACK", "rules": [alarm]}
    assert warned(data) == ["artifact-expiry"]


def test_artifacts_in_a_bucket_of_others_are_not_warned_of() -> None:
    assert warned(approved(60, artifacts={"bucket": "shared-artifacts", "expire_days": 30})) == []


@pytest.mark.parametrize(("kept", "expected"), [(5, ["image-expiry"]), (50, [])])
def test_few_images_before_an_approval_are_warned_of(kept: int, expected: list[str]) -> None:
    images = [{"container": "app", "repository": {"name": "app", "create": True, "keep_images": kept}}]
    build = {"kind": "docker-build", "name": "Image", "images": images}
    assert warned(approved(1, build=build)) == expected
    assert warned(definition(build=build)) == []


@pytest.mark.parametrize("by", ["action", "rule"])
def test_the_log_of_commands_is_in_the_stack_and_made_before_the_pipeline(by: str) -> None:
    data = definition()
    stage = data["pipeline"]["stages"][2]
    if by == "action":
        stage["actions"].append(RECORD)
    else:
        stage["before_entry"] = {"result": "FAIL", "rules": [COMMANDS]}
    found = template(data)["Resources"]
    assert found["CommandsLogs"]["Properties"] == {"LogGroupName": "/aws/codepipeline/app", "RetentionInDays": 90}
    assert found["CommandsLogs"]["DeletionPolicy"] == "Delete"
    assert found["Pipeline"]["DependsOn"] == ["CommandsLogs"]
    prefix = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/aws/codepipeline/app"
    written = allowed(found["PipelineRole"]["Properties"], "logs:PutLogEvents")
    assert {each["Fn::Sub"] for each in written} == {prefix, f"{prefix}:*"}


def test_the_log_of_commands_is_kept_as_long_as_the_pipeline_says() -> None:
    data = definition()
    data["pipeline"]["stages"][2]["actions"].append(RECORD)
    data["pipeline"] |= {"name": "other", "commands_log_retention_days": 0}
    assert resources(data)["CommandsLogs"] == {"LogGroupName": "/aws/codepipeline/other"}


def test_without_commands_there_is_no_log_of_them() -> None:
    found = template(definition())["Resources"]
    assert "CommandsLogs" not in found
    assert "DependsOn" not in found["Pipeline"]


@pytest.mark.parametrize(
    ("fields", "minutes"),
    [
        ({}, "30"),
        ({"deployment_timeout": 45}, "45"),
        ({"strategy": {"kind": "blue-green", "bake_minutes": 10}}, "40"),
        ({"strategy": {"kind": "blue-green", "bake_minutes": 50}}, "60"),
    ],
    ids=["rolling", "given", "strategy", "longest"],
)
def test_a_deploy_waits_30_minutes_longer_than_its_strategy_takes(fields: dict[str, Any], minutes: str) -> None:
    assert action(definition(deploy={**DEPLOY, **fields}), "Deploy")["Configuration"]["DeploymentTimeout"] == minutes


def test_old_tasks_stay_for_15_minutes() -> None:
    assert DeploymentGroup.__dataclass_fields__["termination_wait_minutes"].default == 15
