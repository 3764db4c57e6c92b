"""Roles and build projects that exist already."""

from __future__ import annotations

from typing import Any

import pytest

from pipegen import check
from pipegen.loading.definition import read
from tests.templates import action, definition, resources, template

ROLE = "arn:aws:iam::123456789012:role/delivery"
FROM_NAME = {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/company/delivery"}
SOURCE = {"kind": "codecommit", "name": "App", "repository": "app", "branch": "main"}
SCAN = {"kind": "codebuild", "name": "Image", "project": "company-scan"}


def with_pipeline(**fields: Any) -> dict[str, Any]:
    data = definition(SOURCE)
    return {**data, "parameters": {}, "pipeline": {**data["pipeline"], **fields}}


@pytest.mark.parametrize(("role", "arn"), [(ROLE, ROLE), ("company/delivery", FROM_NAME)])
def test_a_pipeline_runs_with_an_existing_role(role: str, arn: object) -> None:
    found = template(with_pipeline(role=role))
    assert "PipelineRole" not in found["Resources"]
    assert found["Resources"]["Pipeline"]["Properties"]["RoleArn"] == arn
    assert found["Outputs"]["PipelineRoleArn"]["Value"] == arn


@pytest.mark.parametrize(("role", "arn"), [(ROLE, ROLE), ("company/delivery", FROM_NAME)])
def test_rules_start_the_pipeline_with_an_existing_role(role: str, arn: object) -> None:
    found = template(with_pipeline(event_role=role))["Resources"]
    assert "EventRole" not in found
    [target] = found["AppRule"]["Properties"]["Targets"]
    assert target["RoleArn"] == arn


def test_a_build_of_an_existing_project_hands_images_to_a_deployment() -> None:
    scan = {**SCAN, "outputs": [{"name": "Images", "files": ["imagedefinitions.json"]}]}
    data = definition(SOURCE, build=scan)
    assert not [each for each in check(read({**data, "parameters": {}})) if each.severity == "error"]
    assert [each["Name"] for each in action({**data, "parameters": {}}, "Deploy")["InputArtifacts"]] == ["Image_Images"]


def test_a_build_runs_with_an_existing_role() -> None:
    data = definition(SOURCE, build={"kind": "docker-build", "name": "Image", "role": ROLE, "images": IMAGES})
    found = resources({**data, "parameters": {}})
    assert found["ImageProject"]["ServiceRole"] == ROLE
    assert "ImageProjectRole" not in found


IMAGES = [{"container": "app", "repository": "app"}]


def scanned(**fields: Any) -> dict[str, Any]:
    """A definition with a build of an existing project."""
    data = with_pipeline()
    source, build, deploy = data["pipeline"]["stages"]
    scan = {"name": "Scan", "actions": [{**SCAN, "name": "Scan", **fields}]}
    return {**data, "pipeline": {"stages": [source, build, scan, deploy]}}


def test_an_action_runs_an_existing_project() -> None:
    data = scanned(action_environment={"LEVEL": "high"}, input="App")
    found = template(data)["Resources"]
    assert {"ScanProject", "ScanProjectRole", "ScanLogGroup"}.isdisjoint(found)
    configuration = action(data, "Scan")["Configuration"]
    assert configuration["ProjectName"] == "company-scan"
    assert '"LEVEL"' in configuration["EnvironmentVariables"]
    allowed = str(found["PipelineRole"]["Properties"]["Policies"])
    assert "project/company-scan" in allowed


def test_an_existing_project_makes_the_artifacts_of_its_buildspec() -> None:
    outputs = [{"name": "Report", "files": ["report.json"]}]
    assert action(scanned(outputs=outputs), "Scan")["OutputArtifacts"] == [{"Name": "Scan_Report"}]


@pytest.mark.parametrize(
    ("field", "value"), [("commands", ["make"]), ("timeout_minutes", 5), ("role", ROLE), ("docker", True)]
)
def test_settings_of_an_existing_project_cannot_be_set(field: str, value: object) -> None:
    problems = check(read(scanned(**{field: value})))
    assert [(each.code, each.path[-1]) for each in problems if each.severity == "error"] == [("build-project", field)]
