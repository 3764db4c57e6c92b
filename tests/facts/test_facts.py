"""What pipegen knows about AWS from packages: it is of the versions that are locked, and says what a wrong name is."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from pipegen import facts
from pipegen.codebuild.project import ComputeType
from pipegen.codedeploy.shift import PREDEFINED
from pipegen.errors import Problem
from pipegen.model.log_group import RETENTION_DAYS
from tests.examples import ROOT

FILES = sorted((ROOT / "pipegen" / "facts").glob("*.json"))
LOCKED = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / "requirements" / "facts.txt").read_text(), re.M))
NAMES = ["eu-central-1", "eu-central-2", "us-east-1"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_file_is_of_the_locked_versions(file: Path) -> None:
    content = json.loads(file.read_text())
    assert list(content) == ["source", "version", "date", "values"]
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", content["date"])
    assert content["values"]
    if content["source"].startswith("https://"):
        assert re.fullmatch(f"[0-9a-f]{{40}}|{content['date']}", content["version"])
    else:
        assert content["version"] == ", ".join(LOCKED[name] for name in content["source"].split(", "))


@pytest.mark.slow
def test_the_locked_packages_give_the_same_files(tmp_path: Path) -> None:
    subprocess.run([sys.executable, ROOT / "scripts" / "facts", "--into", tmp_path], check=True)
    made = {file.name: file.read_text() for file in tmp_path.iterdir()}
    of_packages = {file.name: file.read_text() for file in FILES if "https://" not in file.read_text()[:100]}
    assert made == of_packages


def test_a_name_that_a_list_lacks_is_a_warning_with_the_closest_one() -> None:
    problem = facts.unlisted("unknown-name", ("region",), "eu-centrl-1", NAMES, "region")
    text = 'region is "eu-centrl-1", which is not a known region'
    assert problem == Problem("unknown-name", ("region",), text, 'did you mean "eu-central-1"?', "warning")


def test_a_name_that_a_closed_list_lacks_is_an_error_with_the_list() -> None:
    problem = facts.unlisted("unknown-name", ("region",), "mars", NAMES, "region", closed=True)
    text = 'region is "mars", which is not a valid region'
    assert problem == Problem("unknown-name", ("region",), text, "known are eu-central-1, eu-central-2, us-east-1")


def test_the_closest_name_may_differ_in_case() -> None:
    assert facts.closest("dnsname", ["Arn", "DNSName"]) == "DNSName"
    assert facts.closest("zzz", ["Arn", "DNSName"]) == ""


def test_a_region_has_its_partition() -> None:
    assert facts.partition_of("eu-central-1") == "aws"
    assert facts.partition_of("cn-north-1") == "aws-cn"
    assert facts.partition_of("eu-central-9") == ""


def test_lists_have_what_they_are_for() -> None:
    assert "Europe/Berlin" in facts.time_zones()
    assert "AmazonECSTaskExecutionRolePolicy" in facts.managed_policies()["/service-role/"]
    assert "ReadOnlyAccess" in facts.managed_policies()["/"]
    assert "ELBSecurityPolicy-TLS13-1-2-2021-06" in facts.ssl_policies()
    assert "aws/codebuild/standard:7.0" in facts.enum("codebuild.Image")
    assert "3.10" in facts.runtimes()["ubuntu/standard/7.0"]["python"]
    assert "nofile" in facts.enum("ecs.UlimitName")
    assert "AWS::EC2::VPC::Id" in facts.enum("cloudformation.ParameterType")


def test_the_resources_of_all_templates_are_known() -> None:
    """A type that is missing from the list in `scripts/facts` gets none of the checks of attributes and properties."""
    templates = (ROOT / "tests" / "golden").rglob("*.yaml")
    used = {kind for file in templates for kind in re.findall(r"^    Type: (AWS::\w+::\w+)$", file.read_text(), re.M)}
    added = {"AWS::DynamoDB::Table", "AWS::WAFv2::WebACLAssociation"}
    assert used - facts.load("resources").values.keys() == added, "the resources of an example, and no others"


def test_values_that_are_written_as_types_are_those_of_aws() -> None:
    assert set(get_args(ComputeType)) == {each for each in facts.enum("codebuild.ComputeType") if "GENERAL" in each}
    assert set(PREDEFINED) == set(facts.enum("codedeploy.EcsDeploymentConfig"))
    assert set(RETENTION_DAYS) - {0} == set(facts.load("enums").values["logs.RetentionInDays"])
