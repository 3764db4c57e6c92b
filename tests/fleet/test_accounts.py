"""Fleets whose pipelines are in one account and promote to others."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from cfnlint.decode import cfn_yaml

from tests.examples import DIRECTORY
from tests.support.command import run

TOOLS, STAGING, PRODUCTION = "111111111111", "222222222222", "333333333333"
HOME, ABROAD = "eu-west-1", "eu-central-1"
NETWORK = {"VpcId": "vpc-0a1b2c3d", "PrivateSubnets": ["subnet-0a1b2c3d", "subnet-0a1b2c3e"]}
"""Of an environment with services."""
CONNECTION = f"arn:aws:codeconnections:{HOME}:{TOOLS}:connection/3a1c1a8e-8f6c-4a4c-9d0b-1f6b7a1d9b0e"
FLEET: dict[str, Any] = {
    "render": {"output": "out", "deploy_script": True},
    "environments": {
        "tools": {"account": TOOLS, "region": HOME, "profile": "tools", "parameters": {"ConnectionArn": CONNECTION}},
        "staging": {"account": STAGING, "region": HOME, "profile": "staging", "parameters": NETWORK},
        "production": {"account": PRODUCTION, "region": ABROAD, "profile": "production", "parameters": NETWORK},
    },
    "pipelines": "tools",
}


def service(name: str) -> dict[str, Any]:
    """The example with three accounts, without the environments, which are the fleet's."""
    data = yaml.safe_load((DIRECTORY / "accounts.yaml").read_text().replace("!Ref ", "").replace("orders", name))
    for each in data["services"].values():
        each["network"] = {"vpc_id": {"Ref": "VpcId"}, "subnets": {"Ref": "PrivateSubnets"}}
    data["pipeline"]["stages"][0]["actions"][0]["connection"] = {"Ref": "ConnectionArn"}
    return {key: value for key, value in data.items() if key not in ("environments", "pipelines")}


def fleet(root: Path, *names: str, **changes: Any) -> Path:
    (root / "services").mkdir(parents=True)
    (root / "pipegen.yaml").write_text(yaml.safe_dump(FLEET | changes, sort_keys=False))
    for name in names:
        (root / "services" / f"{name}.yaml").write_text(yaml.safe_dump(service(name), sort_keys=False))
    return root


def test_twelve_services_are_rendered_each_stack_for_its_account(tmp_path: Path) -> None:
    names = [f"service-{letter}" for letter in "abcdefghijkl"]
    root = fleet(tmp_path / "fleet", *names)
    done = run("render", root)
    assert done.exit_code == 0
    assert done.stderr.startswith("definitions: 12 rendered, 0 unchanged, 0 failed; ")
    for name in names:
        manifest = json.loads((root / "out" / name / "manifest.json").read_text())
        support = f"{name}-support"
        assert manifest["accounts"] == {
            TOOLS: {
                HOME: [f"{support}-{TOOLS}-{HOME}", f"{name}-registry", f"{name}-pipeline"],
                ABROAD: [f"{support}-{TOOLS}-{ABROAD}"],
            },
            STAGING: {HOME: [f"{support}-{STAGING}-{HOME}", f"{name}-staging"]},
            PRODUCTION: {ABROAD: [f"{support}-{PRODUCTION}-{ABROAD}", f"{name}-production"]},
        }
        assert [[*stack["deploy"]] for stack in manifest["stacks"]] == [
            ["tools"],
            ["tools"],
            ["staging"],
            ["production"],
            ["tools"],
            ["staging"],
            ["production"],
            ["tools"],
        ]
    assert run("render", root).stderr == (
        "definitions: 0 rendered, 12 unchanged, 0 failed; files: 0 new, 0 changed, 0 gone\n"
    )


def test_each_environment_has_the_parameters_of_the_stacks_there(tmp_path: Path) -> None:
    root = fleet(tmp_path / "fleet", "orders")
    assert run("render", root).exit_code == 0
    directory = root / "out" / "orders"
    found = {file.name: json.loads(file.read_text()) for file in directory.glob("*.parameters.json")}
    network = [f"PrivateSubnets={','.join(NETWORK['PrivateSubnets'])}", f"VpcId={NETWORK['VpcId']}"]
    assert found == {
        "tools.parameters.json": [f"ConnectionArn={CONNECTION}"],
        "staging.parameters.json": network,
        "production.parameters.json": network,
    }


def test_the_script_deploys_in_order_across_accounts(tmp_path: Path) -> None:
    root = fleet(tmp_path / "fleet", "orders")
    assert run("render", root).exit_code == 0
    printed = dry_run(root / "out" / "orders", "--all")
    places = [(line.split()[2], line.split()[4], line.split()[8]) for line in printed if line.startswith("aws ")]
    assert places == [
        (HOME, "tools", f"orders-support-{TOOLS}-{HOME}"),
        (ABROAD, "tools", f"orders-support-{TOOLS}-{ABROAD}"),
        (HOME, "staging", f"orders-support-{STAGING}-{HOME}"),
        (ABROAD, "production", f"orders-support-{PRODUCTION}-{ABROAD}"),
        (HOME, "tools", "orders-registry"),
        (HOME, "staging", "orders-staging"),
        (ABROAD, "production", "orders-production"),
        (HOME, "tools", "orders-pipeline"),
    ]
    key = "# ArtifactKeyArn is the output ArtifactKeyArn of"
    assert f"{key} orders-support-{TOOLS}-{ABROAD} in tools" in printed
    assert [line.split()[8] for line in dry_run(root / "out" / "orders", "staging") if line.startswith("aws ")] == [
        f"orders-support-{STAGING}-{HOME}",
        "orders-staging",
    ]


def dry_run(directory: Path, *arguments: str) -> list[str]:
    command = [str(directory / "deploy.sh"), "--dry-run", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


def test_every_environment_gets_the_same_image(tmp_path: Path) -> None:
    """From the file that the one build writes, to the action of each service."""
    root = fleet(tmp_path / "fleet", "orders")
    assert run("render", root).exit_code == 0
    resources = cfn_yaml.load(str(root / "out" / "orders" / "orders-pipeline.yaml"))["Resources"]
    [pipeline] = [each["Properties"] for each in resources.values() if each["Type"] == "AWS::CodePipeline::Pipeline"]
    actions = [action for stage in pipeline["Stages"] for action in stage["Actions"]]
    builds = [each for each in actions if each["ActionTypeId"]["Provider"] == "CodeBuild"]
    deploys = [each for each in actions if each["ActionTypeId"]["Provider"] == "ECS"]
    [[written]] = [[output["Name"] for output in build["OutputArtifacts"]] for build in builds]
    assert [[each["Name"] for each in deploy["InputArtifacts"]] for deploy in deploys] == [[written], [written]]
    accounts = [account for deploy in deploys for account in re.findall(r"\d{12}", str(deploy["RoleArn"]))]
    assert accounts == [STAGING, PRODUCTION]


def test_a_service_of_two_lines_is_promoted_through_two_accounts(tmp_path: Path) -> None:
    """With the blueprint, whose stacks take the certificate and the subnets of each account."""
    environments = {name: dict(each) for name, each in FLEET["environments"].items()}
    for name in ("staging", "production"):
        account, region = environments[name]["account"], environments[name]["region"]
        certificate = f"arn:aws:acm:{region}:{account}:certificate/8e3b7a54-6f4c-4f0e-9a55-0f6b7a1d9b0e"
        public = {"PublicSubnets": ["subnet-0a1b2c3f", "subnet-0a1b2c40"], "CertificateArn": certificate}
        environments[name]["parameters"] = {**NETWORK, **public}
    root = fleet(tmp_path / "fleet", environments=environments)
    arguments = "{service: ledger, repository: acme/ledger, deploy_to: [staging, production]}"
    (root / "services" / "ledger.yaml").write_text(f"blueprint: promotion\nwith: {arguments}\n")
    done = run("render", root)
    assert done.exit_code == 0, done.stderr
    accounts = json.loads((root / "out" / "ledger" / "manifest.json").read_text())["accounts"]
    assert accounts[STAGING][HOME][-1] == "ledger-staging"
    assert accounts[PRODUCTION][ABROAD][-1] == "ledger-production"
    resources = cfn_yaml.load(str(root / "out" / "ledger" / "ledger-pipeline.yaml"))["Resources"]
    [pipeline] = [each["Properties"] for each in resources.values() if each["Type"] == "AWS::CodePipeline::Pipeline"]
    assert [action["Name"] for action in pipeline["Stages"][-1]["Actions"]][:2] == ["Release", "Deploy"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"pipelines": "tooling"},
            "pipegen.yaml:25:1: error: there is no environment tooling; there are tools, staging, production "
            "[unknown-environment]",
        ),
        (
            {"defaults": {"environments": ["staging"]}},
            "pipegen.yaml:27:3: error: environments cannot be set in a definition, because the fleet sets pipelines; "
            "remove environments, and set the environment of each service [fleet-environment]",
        ),
    ],
)
def test_what_a_fleet_over_accounts_cannot_be(changes: dict[str, Any], message: str, tmp_path: Path) -> None:
    root = fleet(tmp_path / "fleet", "orders", **changes)
    done = run("render", root)
    assert done.exit_code == 1
    assert message in done.stderr.replace(f"{root}/", "").splitlines()
