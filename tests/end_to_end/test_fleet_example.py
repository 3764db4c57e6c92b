"""The fleet among the examples: rendered, deployed from nothing by its scripts, and as short as promised."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
import yaml

from tests.conftest import Pipegen
from tests.examples import DIRECTORY
from tests.networks import prepare_network
from tests.support.cloud import Cloud, aws_program, own_environment

FLEET = DIRECTORY / "fleet"
GIVEN = ("VpcId", "PublicSubnets", "PrivateSubnets", "CertificateArn")


@pytest.fixture
def rendered(tmp_path: Path, cloud: Cloud, pipegen: Pipegen) -> Path:
    """The fleet's stacks, its staging being the cloud on loopback."""
    cloud.reset()
    root = copytree(FLEET, tmp_path / "fleet")
    fleet = yaml.safe_load((root / "pipegen.yaml").read_text())
    fleet["environments"]["staging"]["parameters"] |= prepare_network(cloud, dict.fromkeys(GIVEN, ""))
    (root / "pipegen.yaml").write_text(yaml.safe_dump(fleet))
    done = pipegen("render", root, "-o", tmp_path / "out")
    assert (done.returncode, done.stderr.splitlines()[1:]) == (0, []), done.stderr
    return tmp_path / "out"


def deploy(cloud: Cloud, out: Path, name: str, environment: str = "staging") -> subprocess.CompletedProcess[str]:
    path = f"{aws_program().parent}{os.pathsep}{os.environ['PATH']}"
    variables = own_environment() | {"HOME": os.devnull, **cloud.environment, "PATH": path}
    command = [str(out / name / "deploy.sh"), environment]
    return subprocess.run(command, env=variables, capture_output=True, text=True, check=False)


def test_a_fleet_is_deployed_from_nothing_by_its_scripts(rendered: Path, cloud: Cloud) -> None:
    for name in ("delivery", "orders"):
        done = deploy(cloud, rendered, name)
        assert done.returncode == 0, done.stderr
    [pipeline] = cloud.aws_json("codepipeline", "list-pipelines")["pipelines"]
    made = cloud.aws_json("codepipeline", "get-pipeline", "--name", pipeline["name"])["pipeline"]
    assert made["artifactStore"]["location"] == f"delivery-{cloud.account}-{cloud.region}"
    [service] = cloud.aws_json("ecs", "describe-services", "--cluster", "shop", "--services", "orders-app")["services"]
    assert service["status"] == "ACTIVE"

    task = cloud.aws_json("ecs", "describe-task-definition", "--task-definition", "orders-app")["taskDefinition"]
    assert (task["cpu"], task["memory"]) == ("256", "512")
    production = _template(rendered / "orders" / "orders-app.production.yaml")["Resources"]["TaskDefinition"][
        "Properties"
    ]
    assert (production["Cpu"], production["Memory"]) == ("1024", "2048")

    manifests = [json.loads((rendered / name / "manifest.json").read_text()) for name in ("delivery", "orders")]
    deployed = cloud.aws_json("cloudformation", "describe-stacks")["Stacks"]
    listed = {stack["name"] for manifest in manifests for stack in manifest["stacks"]}
    assert sorted(stack["StackName"] for stack in deployed) == sorted(listed)

    result = deploy(cloud, rendered, "orders", "production")
    assert result.returncode == 1
    assert "production is in account 210987654321" in result.stderr


def test_a_pipeline_beside_a_foundation_has_four_resources_or_fewer_beyond_its_builds(rendered: Path) -> None:
    for name in ("orders", "cart", "mailer"):
        resources = _template(rendered / name / f"{name}-pipeline.yaml")["Resources"]
        kinds = [each["Type"] for each in resources.values()]
        assert "AWS::CodePipeline::Pipeline" in kinds
        assert len([kind for kind in kinds if kind != "AWS::CodeBuild::Project"]) <= 4


def test_parameters_are_those_of_the_environments_that_are_named(rendered: Path) -> None:
    assert sorted(each.name for each in (rendered / "mailer").glob("*.parameters.json")) == ["staging.parameters.json"]
    assert sorted(each.name for each in (rendered / "cart").glob("*.parameters.json")) == [
        "production.parameters.json",
        "staging.parameters.json",
    ]
    production = json.loads((rendered / "cart" / "production.parameters.json").read_text())
    assert "VpcId=vpc-0b1b2c3d4e5f60718" in production
    assert "PrivateSubnets=subnet-0b1b2c3d4e5f60711,subnet-0b1b2c3d4e5f60712" in production


@pytest.mark.slow
def test_a_fleet_is_linted_whole(pipegen: Pipegen) -> None:
    checked = pipegen("validate", FLEET, "--lint")
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "checked 4 definitions: no problems\n")


def test_a_service_is_ten_lines() -> None:
    files = sorted((FLEET / "services").rglob("*.yaml"))
    assert len(files) == 3
    assert all(len(file.read_text().splitlines()) <= 10 for file in files)


def _template(file: Path) -> Any:
    from cfnlint.decode import cfn_yaml

    return cfn_yaml.loads(file.read_text())
