"""What a build's definition becomes: its project, its log group, its cache and its image."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipegen.pipeline.foundation import Foundation
from tests.conftest import Pipegen
from tests.support.rejects import cases


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
        rendered = pipegen("render", file, "--template-format", "json")
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


@pytest.mark.parametrize("name", ["wrong-value-retention", "wrong-value-retention-hook"])
def test_logs_of_services_and_hooks_may_be_kept_forever(pipegen: Pipegen, tmp_path: Path, name: str) -> None:
    rejected = cases()[name].content.decode()
    file = tmp_path / "app.yaml"
    file.write_text(re.sub("log_retention_days: [0-9]+", "log_retention_days: 0", rejected))
    rendered = pipegen("render", file, "--template-format", "json", "--output", tmp_path / "out")
    assert rendered.returncode == 0, rendered.stderr
    templates = [json.loads(each.read_text()) for each in (tmp_path / "out").glob("*.json")]
    resources = [each for template in templates for each in template["Resources"].values()]
    groups = [each["Properties"] for each in resources if each["Type"] == "AWS::Logs::LogGroup"]
    assert [group["LogGroupName"] for group in groups if "RetentionInDays" not in group]


def test_logs_of_a_foundation_may_be_kept_forever() -> None:
    assert not [*Foundation("base", log_retention_days=0).problems()]


@pytest.mark.parametrize("cache", [{"s3": "acme-cache/orders"}, {"local": ["custom"]}])
def test_a_buildspec_file_lists_the_paths_of_the_cache(resources: Any, cache: dict[str, Any]) -> None:
    project = resources(definition({"kind": "codebuild", "buildspec": "ci/buildspec.yml", "cache": cache}))
    properties = project["ImageProject"]["Properties"]
    assert properties["Source"]["BuildSpec"] == "ci/buildspec.yml"
    assert properties["Cache"]["Type"] in ("S3", "LOCAL")


def test_a_source_cache_is_warned_of_as_codebuild_ignores_it(said: Any) -> None:
    text = said(definition(commands(cache={"local": ["source"]})))
    assert "warning: CodeBuild ignores the source cache" in text


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


def images(*given: dict[str, Any], **build: Any) -> dict[str, Any]:
    return {"kind": "docker-build", "images": [*given], **build}


def web(**image: Any) -> dict[str, Any]:
    return {"container": "web", "repository": "shop", **image}


def settings(found: Any) -> str:
    """What the script says its images are made of."""
    script = found["ImageProject"]["Properties"]["Source"]["BuildSpec"]
    match = re.search(r"fingerprinted\(\) \{\n(.*?)\n *\}\n", script, re.DOTALL)
    assert match is not None
    return match[1]


@pytest.mark.parametrize(
    "other",
    [
        images(web(context="shop")),
        images(web(dockerfile="shop.dockerfile")),
        images(web(target="production")),
        images(web(build_arguments={"A": "1"})),
        images(web(build_arguments={"A": {"Ref": "AWS::Region"}})),
        images(web(build_arguments={"A": {"from_environment": "A"}}), environment={"A": "1"}),
        images(web(secrets={"npm": {"from_environment": "A"}}), environment={"A": {"secrets_manager": "a"}}),
        images(web(), platform="arm64"),
        images(web(), before=["make"]),
        images(web(), before=["make"], environment={"A": "1"}),
        images(web(), before=["make"], image="aws/codebuild/standard:8.0"),
        images(web(), before=["make"], runtime_versions={"nodejs": "22"}),
        images(web(), web(container="worker", repository="worker")),
    ],
)
def test_every_setting_that_an_image_is_made_of_counts(resources: Any, other: dict[str, Any]) -> None:
    assert settings(resources(definition(other))) != settings(resources(definition(images(web()))))


@pytest.mark.parametrize(
    "other",
    [
        images(web(tags=["latest"])),
        images(web(repository="elsewhere")),
        images(web(container="shop")),
        images(web(), environment={"A": "1"}),
        images(web(), compute_type="BUILD_GENERAL1_LARGE", timeout_minutes=90),
        images(web(), cache_repository="layers"),
    ],
)
def test_a_setting_that_changes_no_image_does_not_count(resources: Any, other: dict[str, Any]) -> None:
    assert settings(resources(definition(other))) == settings(resources(definition(images(web()))))


def test_plain_variables_count_by_value_and_secrets_do_not(resources: Any) -> None:
    environment = {"STAGE": "staging", "TOKEN": {"secrets_manager": "token"}, "URL": {"parameter_store": "/url"}}
    build = images(web(), before=["make"], environment=environment, action_environment={"RUN": "1"})
    text = settings(resources(definition(build)))
    assert '"${STAGE-}"' in text
    assert '"${RUN-}"' in text
    assert "TOKEN" not in text
    assert "URL" not in text


@pytest.mark.parametrize(
    ("repository", "tags", "mutability", "moving"),
    [
        ({}, [], "IMMUTABLE", []),
        ({}, [{"from_environment": "V"}], "IMMUTABLE", []),
        ({}, ["latest"], "IMMUTABLE_WITH_EXCLUSION", ["latest"]),
        ({}, ["a", "b", "a", "c", "d", "e"], "IMMUTABLE_WITH_EXCLUSION", ["a", "b", "c", "d", "e"]),
        ({}, ["a", "b", "c", "d", "e", "f"], "MUTABLE", []),
        ({"immutable": False}, ["latest"], "MUTABLE", []),
        ({"immutable": True}, ["1.4"], "IMMUTABLE", []),
    ],
)
def test_a_created_repository_is_immutable_but_for_the_tags_that_move(
    resources: Any, repository: dict[str, Any], tags: list[Any], mutability: str, moving: list[str]
) -> None:
    image = web(repository={"name": "shop", "create": True, **repository}, tags=tags)
    properties = resources(definition(images(image, environment={"V": "1"})))["ShopRepository"]["Properties"]
    filters = properties.get("ImageTagMutabilityExclusionFilters", [])
    assert properties["ImageTagMutability"] == mutability
    assert [each["ImageTagMutabilityExclusionFilterValue"] for each in filters] == moving


def test_only_the_layers_of_a_created_cache_move(resources: Any) -> None:
    cache = {"name": "layers", "create": True}
    properties = resources(definition(images(web(), cache_repository=cache)))["LayersRepository"]["Properties"]
    [moving] = properties["ImageTagMutabilityExclusionFilters"]
    assert moving["ImageTagMutabilityExclusionFilterValue"] == "layers-*"


@pytest.mark.parametrize("where", ["environment", "action_environment"])
@pytest.mark.parametrize("source", ["secrets_manager", "parameter_store"])
def test_a_secret_cannot_be_a_build_argument(said: Any, where: str, source: str) -> None:
    build = images(web(build_arguments={"T": {"from_environment": "T"}}), **{where: {"T": {source: "a/b"}}})
    text = said(definition(build))
    assert "error: T is a secret" in text
    assert "secrets: {t: {from_environment: T}}" in text


def test_a_variable_that_the_action_sets_in_plain_text_is_not_a_secret(said: Any) -> None:
    build = images(
        web(build_arguments={"T": {"from_environment": "T"}}),
        environment={"T": {"parameter_store": "/t"}},
        action_environment={"T": "plain"},
    )
    assert "build-secret" not in said(definition(build))


@pytest.mark.parametrize(
    ("repository", "field"),
    [
        ({"name": "shop", "keep_images": 10}, "keep_images"),
        ({"name": "shop", "scan_on_push": False}, "scan_on_push"),
        ({"name": "shop", "expire_untagged_days": 1}, "expire_untagged_days"),
        ({"name": "shop", "create": True, "region": "eu-west-1"}, "region"),
        ({"name": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop", "account": "123456789012"}, "account"),
    ],
)
def test_a_setting_of_a_repository_that_changes_nothing_is_warned_of(
    said: Any, repository: dict[str, Any], field: str
) -> None:
    text = said(definition(images(web(repository=repository))))
    assert re.search(rf"warning: {field} has no effect.*\[repository-[a-z]+\]", text)


@pytest.mark.parametrize(
    ("command", "is_set"),
    [
        ("export VERSION=$(cat version)", True),
        ("export A=1 VERSION=2", True),
        ("VERSION=1; export VERSION", True),
        ("cd app && export VERSION=1", True),
        ("export A=1\nexport VERSION=2", True),
        ("declare -x VERSION=1", True),
        ("set -a; . ./build.env", True),
        ("source ./build.env", True),
        ("export $(xargs < build.env)", True),
        ("VERSION=1", True),
        ("declare VERSION=1", True),
        ("read VERSION < version", True),
        ("read -r MAJOR VERSION < version", True),
        ("printf -v VERSION %05d 7", True),
        ("VERSION=(1 2)", False),
        ("OLD_VERSION=1", False),
        ("echo $VERSION", False),
        ("export OTHER=$VERSION", False),
        ("export VERSION_OLD=1", False),
    ],
)
def test_a_command_sets_a_variable_whether_it_exports_it_or_not(said: Any, command: str, is_set: bool) -> None:
    build = images(web(tags=[{"from_environment": "VERSION"}]), before=[command])
    assert ("environment-unset" not in said(definition(build))) == is_set
