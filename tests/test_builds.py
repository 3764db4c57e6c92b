"""What a build's definition becomes: its project, its log group, its cache and its image."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipegen.foundation import Foundation
from tests.conftest import ROOT, Pipegen


def definition(action: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A pipeline with a source and one action that builds."""
    source = {"kind": "s3", "name": "App", "bucket": "sources", "key": "app.zip"}
    stages = [{"name": "Source", "actions": [source]}, {"name": "Build", "actions": [{"name": "Image", **action}]}]
    return {"name": "app", "pipeline": {"stages": stages}, **more}


def commands(**build: Any) -> dict[str, Any]:
    return {"kind": "codebuild", "commands": ["make"], **build}


@pytest.fixture
def resources(pipegen: Pipegen, tmp_path: Path) -> Any:
    """What the definition's resources are in the rendered template, by logical id; warnings fail."""

    def resources(data: dict[str, Any]) -> dict[str, Any]:
        file = tmp_path / "app.yaml"
        file.write_text(yaml.safe_dump(data))
        rendered = pipegen("render", file, "--format", "json")
        assert rendered.returncode == 0, rendered.stderr
        assert "warning" not in rendered.stderr
        found: dict[str, Any] = json.loads(rendered.stdout)["Resources"]
        return found

    return resources


@pytest.fixture
def said(pipegen: Pipegen, tmp_path: Path) -> Any:
    """What `validate` says of the definition."""

    def said(data: dict[str, Any]) -> str:
        file = tmp_path / "app.yaml"
        file.write_text(yaml.safe_dump(data))
        result = pipegen("validate", file)
        return result.stdout + result.stderr

    return said


@pytest.mark.parametrize(("days", "expected"), [(0, None), (1, 1), (3653, 3653)])
def test_a_retention_of_0_keeps_the_log_forever(resources: Any, days: int, expected: int | None) -> None:
    group = resources(definition(commands(log_retention_days=days)))["ImageLogGroup"]
    assert group["Properties"].get("RetentionInDays") == expected


@pytest.mark.parametrize("name", ["service", "hook"])
def test_logs_of_services_and_hooks_may_be_kept_forever(pipegen: Pipegen, tmp_path: Path, name: str) -> None:
    rejected = (ROOT / "tests" / "rejects" / f"{name}-retention.yaml").read_text()
    file = tmp_path / "app.yaml"
    file.write_text(re.sub("log_retention_days: [0-9]+", "log_retention_days: 0", rejected))
    rendered = pipegen("render", file, "--format", "json", "--output", tmp_path / "out")
    assert rendered.returncode == 0, rendered.stderr
    templates = [json.loads(each.read_text()) for each in (tmp_path / "out").glob("*.json")]
    resources = [each for template in templates for each in template["Resources"].values()]
    groups = [each["Properties"] for each in resources if each["Type"] == "AWS::Logs::LogGroup"]
    assert [group["LogGroupName"] for group in groups if "RetentionInDays" not in group]


def test_logs_of_a_foundation_may_be_kept_forever() -> None:
    assert not [*Foundation(name="base", log_retention_days=0).problems()]


@pytest.mark.parametrize("cache", [{"s3": "acme-cache/orders"}, {"local": ["custom"]}])
def test_a_buildspec_file_lists_the_paths_of_the_cache(resources: Any, cache: dict[str, Any]) -> None:
    project = resources(definition({"kind": "codebuild", "buildspec": "ci/buildspec.yml", "cache": cache}))
    properties = project["ImageProject"]["Properties"]
    assert properties["Source"]["BuildSpec"] == "ci/buildspec.yml"
    assert properties["Cache"]["Type"] in ("S3", "LOCAL")


def test_a_source_cache_is_warned_of_as_codebuild_ignores_it(said: Any) -> None:
    text = said(definition(commands(cache={"local": ["source"]})))
    assert "warning: build-cache CodeBuild ignores the source cache" in text


@pytest.mark.parametrize(("platform", "image"), [("amd64", "x86_64-standard:6.0"), ("arm64", "aarch64-standard:4.0")])
def test_a_build_runs_in_the_newest_image_of_its_platform(resources: Any, platform: str, image: str) -> None:
    environment = resources(definition(commands(platform=platform)))["ImageProject"]["Properties"]["Environment"]
    assert environment["Image"] == f"aws/codebuild/amazonlinux-{image}"


@pytest.mark.parametrize(
    ("category", "minutes", "valid"), [("Test", 480, True), ("Test", 481, False), ("Build", 2160, True)]
)
def test_a_test_ends_after_8_hours_and_a_build_after_36(said: Any, category: str, minutes: int, valid: bool) -> None:
    text = said(definition(commands(category=category, timeout_minutes=minutes)))
    assert ("build-limit" in text) is not valid
