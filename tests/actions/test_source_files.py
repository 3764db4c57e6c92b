"""Deployments whose files come from a source or from a build of one's own."""

from __future__ import annotations

from typing import Any

import pytest

from pipegen import check
from pipegen.loading.definition import read
from tests.templates import DEPLOY, action, definition

APP: dict[str, Any] = {"kind": "codecommit", "name": "App", "repository": "app", "branch": "main"}
SHIFTED: dict[str, Any] = {
    "kind": "codedeploy-ecs",
    "name": "Deploy",
    "application": "app",
    "deployment_group": "app",
    "task_definition": {"file": "deploy/taskdef.json"},
    "appspec": {"file": "deploy/appspec.yaml"},
    "roles": ["app-execution"],
}

ECR: dict[str, Any] = {"kind": "ecr", "name": "Image", "repository": "app"}
SOURCES = {
    "codecommit": APP,
    "s3": {"kind": "s3", "name": "App", "bucket": "app-files", "key": "files.zip"},
    "github": {
        "kind": "github",
        "name": "App",
        "repository": "shop/app",
        "branch": "main",
        "connection": "arn:aws:codeconnections:eu-west-1:123456789012:connection/0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f",
    },
}


def delivery(deploy: dict[str, Any], *sources: dict[str, Any], build: dict[str, Any] | None = None) -> dict[str, Any]:
    data = definition(APP, deploy=deploy)
    stages = data["pipeline"]["stages"]
    stages[0]["actions"] += [dict(source) for source in sources]
    stages[1]["actions"] = [build or {"kind": "codebuild", "name": "Test", "commands": ["make test"], "input": "App"}]
    return data


def codes(data: dict[str, Any]) -> list[str]:
    return [problem.code for problem in check(read(data))]


@pytest.mark.parametrize("named", [{}, {"bundle": "App"}])
def test_codedeploy_takes_its_files_from_a_source_and_the_image_from_ecr(named: dict[str, str]) -> None:
    data = delivery({**SHIFTED, **named, "images": [{"container": "app"}]}, ECR)
    assert codes(data) == ["artifact-size"]  # a build reads the source too, so it has more than these files
    found = action(data, "Deploy")
    assert found["Configuration"] == {
        "ApplicationName": "app",
        "DeploymentGroupName": "app",
        "TaskDefinitionTemplateArtifact": "App_source",
        "TaskDefinitionTemplatePath": "deploy/taskdef.json",
        "AppSpecTemplateArtifact": "App_source",
        "AppSpecTemplatePath": "deploy/appspec.yaml",
        "Image1ArtifactName": "Image_image",
        "Image1ContainerName": "IMAGE1_NAME",
    }
    assert found["InputArtifacts"] == [{"Name": "App_source"}, {"Name": "Image_image"}]


@pytest.mark.parametrize("source", SOURCES)
def test_the_only_source_has_the_files_that_are_named_by_path(
    source: str,
) -> None:
    data = delivery({**SHIFTED, "images": [{"container": "app"}]}, ECR)
    data["pipeline"]["stages"][0]["actions"][0] = SOURCES[source]
    del data["pipeline"]["stages"][1]
    assert codes(data) == []


def test_of_two_sources_the_one_with_the_files_is_named() -> None:
    files = {**SOURCES["s3"], "name": "Files"}
    assert codes(delivery({**SHIFTED, "images": [{"container": "app"}]}, ECR, files)) == ["artifact-ambiguous"]


def test_a_build_that_writes_the_task_definition_lists_it_and_no_source_stands_in() -> None:
    build = {"kind": "codebuild", "name": "Files", "commands": ["make"], "outputs": [{"name": "Out", "files": ["x"]}]}
    assert codes(delivery(SHIFTED, build=build)) == ["artifact-missing"]


def test_two_deploys_of_one_image_agree_whether_or_not_they_name_its_container() -> None:
    data = definition(APP, deploy=DEPLOY)
    deploys = data["pipeline"]["stages"][-1]["actions"]
    deploys.append({**DEPLOY, "name": "Other", "service": "other", "containers": ["app"]})
    assert codes(data) == []


def test_deploys_read_different_containers_of_a_file_that_a_codebuild_action_writes() -> None:
    outputs = [{"name": "Out", "files": ["imagedefinitions.json"]}]
    data = delivery(DEPLOY, build={"kind": "codebuild", "name": "Build", "commands": ["make"], "outputs": outputs})
    deploys = data["pipeline"]["stages"][-1]["actions"]
    deploys.append({**DEPLOY, "name": "Other", "service": "other", "containers": ["app"]})
    assert codes(data) == []


@pytest.mark.parametrize("kind", ["ecs-deploy", "ecs-rollout"])
def test_a_deploy_reads_image_definitions_of_a_source_that_it_names(kind: str) -> None:
    deploy = {**DEPLOY, "kind": kind, "input": "App"}
    if kind == "ecs-rollout":
        deploy["strategy"] = {"kind": "blue-green", "bake_minutes": 90}
    data = delivery(deploy)
    assert codes(data) == []
    assert action(data, "Deploy")["InputArtifacts"] == [{"Name": "App_source"}]


def test_a_source_is_not_taken_for_image_definitions_unless_it_is_named() -> None:
    assert codes(delivery(DEPLOY)) == ["artifact-missing"]


def test_a_full_clone_has_no_files_for_a_deploy() -> None:
    data = delivery({**DEPLOY, "input": "App"})
    data["pipeline"]["stages"][0]["actions"][0]["clone"] = "full"
    assert codes(data) == ["artifact-contents"]


def test_a_typed_task_definition_is_not_read_from_a_source() -> None:
    typed = {"family": "app", "cpu": 256, "memory": 512, "execution_role": "app-execution"}
    container = {"name": "app", "ports": [80]}
    deploy = {**SHIFTED, "bundle": "App", "task_definition": {**typed, "containers": [container]}, "roles": []}
    assert "artifact-contents" in codes(delivery(deploy))


def test_a_build_may_write_the_final_task_definition() -> None:
    files = ["deploy/taskdef.json", "deploy/appspec.yaml"]
    build = {"kind": "codebuild", "name": "Files", "commands": ["make"], "outputs": [{"name": "Out", "files": files}]}
    data = delivery(SHIFTED, build=build)
    assert codes(data) == []
    found = action(data, "Deploy")
    assert [key for key in found["Configuration"] if key.startswith("Image")] == []
    assert found["InputArtifacts"] == [{"Name": "Files_Out"}]


def test_of_two_builds_a_deploy_reads_the_one_that_builds_its_containers() -> None:
    worker = {"kind": "docker-build", "name": "Worker", "images": [{"container": "worker", "repository": "worker"}]}
    data = definition(APP, deploy={**DEPLOY, "containers": ["app"]})
    data["pipeline"]["stages"][1]["actions"].append(worker)
    assert action(data, "Deploy")["InputArtifacts"] == [{"Name": "Image_definitions"}]
