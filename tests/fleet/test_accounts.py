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

from pipegen import Environment, Foundation, check, render
from tests.examples import DIRECTORY
from tests.support.command import run

TOOLS, STAGING, PRODUCTION = "111111111111", "222222222222", "333333333333"
HOME, ABROAD = "eu-west-1", "eu-central-1"
KEY = f"arn:aws:kms:{HOME}:{TOOLS}:key/0c6b8b6e-4f63-4c6b-b0d2-0a1b2c3d4e5f"
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


def web_fleet(root: Path, *names: str, **changes: Any) -> Path:
    """A fleet whose environments have the values that the stacks of web services take."""
    environments = {name: dict(each) for name, each in FLEET["environments"].items()}
    for name in ("staging", "production"):
        account, region = environments[name]["account"], environments[name]["region"]
        balancing = f"arn:aws:elasticloadbalancing:{region}:{account}"
        environments[name]["parameters"] = {
            **NETWORK,
            "PublicSubnets": ["subnet-0a1b2c3f", "subnet-0a1b2c40"],
            "CertificateArn": f"arn:aws:acm:{region}:{account}:certificate/8e3b7a54-6f4c-4f0e-9a55-0f6b7a1d9b0e",
            "ListenerArn": f"{balancing}:listener/app/shared/0a1b2c3d4e5f6071/0a1b2c3d4e5f6072",
            "LoadBalancerSecurityGroup": "sg-0a1b2c3d4e5f60715",
        }
    return fleet(root, *names, environments=environments, **changes)


def write(root: Path, blueprint: str, **arguments: Any) -> None:
    """Write a service that a blueprint promotes from staging to production."""
    arguments = {"service": "ledger", "repository": "acme/ledger", "deploy_to": ["staging", "production"]} | arguments
    text = yaml.safe_dump({"blueprint": blueprint, "with": arguments}, sort_keys=False)
    (root / "services" / "ledger.yaml").write_text(text)


def template(root: Path, name: str) -> Any:
    return cfn_yaml.load(str(root / "out" / "ledger" / f"{name}.yaml"))["Resources"]


def stages(root: Path) -> dict[str, list[str]]:
    """The stages of the pipeline after the build, with the names of their actions."""
    resources = template(root, "ledger-pipeline").values()
    [pipeline] = [each["Properties"] for each in resources if each["Type"] == "AWS::CodePipeline::Pipeline"]
    return {stage["Name"]: [action["Name"] for action in stage["Actions"]] for stage in pipeline["Stages"][2:]}


def test_a_service_of_two_lines_is_promoted_through_two_accounts(tmp_path: Path) -> None:
    """With the blueprint, whose stacks take the certificate and the subnets of each account."""
    root = web_fleet(tmp_path / "fleet")
    write(root, "promotion")
    done = run("render", root)
    assert done.exit_code == 0, done.stderr
    accounts = json.loads((root / "out" / "ledger" / "manifest.json").read_text())["accounts"]
    assert accounts[STAGING][HOME][-1] == "ledger-staging"
    assert accounts[PRODUCTION][ABROAD][-1] == "ledger-production"
    assert stages(root)["Production"][:2] == ["Release", "Deploy"]


SERVICES: dict[str, dict[str, Any]] = {
    "ecs-blue-green": {},
    "ecs-ec2": {"cluster": "instances"},
    "ecs-hooks": {},
    "ecs-native": {},
    "ecs-rolling": {},
    "ecs-shared-listener": {"cluster": "shared", "priority": 10, "path_patterns": ["/ledger/*"]},
    "monorepo": {"cluster": "shared", "priority": 10, "path_patterns": ["/ledger/*"], "directory": "ledger"},
    "multi-image": {"sidecars": [{"name": "proxy", "directory": "proxy", "port": 8081}]},
    "worker": {},
}


@pytest.mark.parametrize(("blueprint", "arguments"), SERVICES.items(), ids=SERVICES.keys())
def test_every_blueprint_deploys_to_a_list_of_environments_with_approvals_between(
    blueprint: str, arguments: dict[str, Any], tmp_path: Path
) -> None:
    root = web_fleet(tmp_path / "fleet")
    write(root, blueprint, **arguments)
    done = run("render", root)
    assert done.exit_code == 0, done.stderr
    accounts = json.loads((root / "out" / "ledger" / "manifest.json").read_text())["accounts"]
    assert accounts[TOOLS][HOME][1:] == ["ledger-registry", "ledger-pipeline"]
    assert accounts[STAGING][HOME][-1] == "ledger-app-staging"
    assert accounts[PRODUCTION][ABROAD][-1] == "ledger-app-production"
    found = stages(root)
    assert [*found] == ["Staging", "Production"]
    assert ["Release" in actions for actions in found.values()] == [False, True]
    assert found["Production"][0] == "Release"
    assert found["Production"][1:] == found["Staging"]


def test_an_argument_that_differs_counts_for_the_service_in_its_environment(tmp_path: Path) -> None:
    """memory has its default in staging."""
    root = web_fleet(tmp_path / "fleet")
    cpu, memory = {"staging": 256, "production": 1024}, {"production": 4096}
    write(root, "ecs-rolling", cpu=cpu, memory=memory, maximum_tasks={"production": 20})
    done = run("render", root)
    assert done.exit_code == 0, done.stderr
    found = {}
    for name in ("staging", "production"):
        resources = template(root, f"ledger-app-{name}")
        task, scaling = resources["TaskDefinition"]["Properties"], resources["ScalableTarget"]["Properties"]
        found[name] = (task["Cpu"], task["Memory"], scaling["MaxCapacity"])
    assert found == {"staging": ("256", "1024", 10), "production": ("1024", "4096", 20)}
    assert run("render", root, "--check").exit_code == 0


def test_a_default_of_the_fleet_that_differs_counts_too(tmp_path: Path) -> None:
    root = web_fleet(tmp_path / "fleet", defaults={"with": {"cpu": {"production": 1024}, "memory": 2048}})
    write(root, "ecs-rolling", deploy_to=["production"])
    assert run("render", root).exit_code == 0
    assert template(root, "ledger-app-production")["TaskDefinition"]["Properties"]["Cpu"] == "1024"
    assert stages(root) == {"Production": ["Service", "Service-Record"]}


def test_what_is_written_beside_the_arguments_changes_one_environment(tmp_path: Path) -> None:
    root = web_fleet(tmp_path / "fleet")
    write(root, "ecs-rolling", cpu={"production": 1024}, memory=2048)
    with (root / "services" / "ledger.yaml").open("a") as file:
        file.write("services: {app: {environments: {staging: {task_definition: {cpu: 256}}}}}\n")
    done = run("render", root)
    assert done.exit_code == 0, done.stderr
    assert template(root, "ledger-app-staging")["TaskDefinition"]["Properties"]["Cpu"] == "256"
    assert template(root, "ledger-app-production")["TaskDefinition"]["Properties"]["Cpu"] == "1024"


FOUNDATION = {"name": "delivery", "create_key": True}


def template_texts(root: Path, name: str) -> dict[str, str]:
    return {file.name: file.read_text() for file in sorted((root / "out" / name).glob("*.yaml"))}


def test_a_foundation_has_the_stores_of_all_pipelines_in_each_region(tmp_path: Path) -> None:
    """Services have none, also with a blueprint that creates a key. A further service does not change the stores."""
    root = web_fleet(tmp_path / "fleet", foundation=FOUNDATION)
    write(root, "ecs-rolling")
    assert run("render", root).exit_code == 0
    before = template_texts(root, "delivery")
    assert [*before] == ["delivery-eu-central-1.yaml", "delivery.yaml"]
    manifest = json.loads((root / "out" / "delivery" / "manifest.json").read_text())
    assert manifest["accounts"] == {TOOLS: {HOME: ["delivery"], ABROAD: ["delivery-eu-central-1"]}}
    texts = template_texts(root, "ledger")
    assert not any("AWS::S3::Bucket" in text or "AWS::KMS::Key" in text for text in texts.values())
    assert [name for name in texts if "support" in name] == [
        f"ledger-support-{STAGING}-{HOME}.yaml",
        f"ledger-support-{PRODUCTION}-{ABROAD}.yaml",
    ]
    text = (root / "services" / "ledger.yaml").read_text()
    (root / "services" / "orders.yaml").write_text(text.replace("ledger", "orders"))
    assert run("render", root).exit_code == 0
    assert template_texts(root, "delivery") == before


def test_policies_of_shared_stores_name_the_accounts_of_their_region_and_a_path_of_roles(tmp_path: Path) -> None:
    root = web_fleet(tmp_path / "fleet", foundation=FOUNDATION, defaults={"role_path": "/teams/"})
    write(root, "ecs-rolling")
    assert run("render", root).exit_code == 0
    for name, account in (("delivery", STAGING), ("delivery-eu-central-1", PRODUCTION)):
        resources = cfn_yaml.load(str(root / "out" / "delivery" / f"{name}.yaml"))["Resources"]
        policies = [resources["ArtifactBucketPolicy"]["Properties"]["PolicyDocument"]]
        policies.append(resources["ArtifactKey"]["Properties"]["KeyPolicy"])
        for policy in policies:
            [found] = [each for each in policy["Statement"] if each["Sid"].startswith("OtherAccounts")]
            [role] = found["Condition"]["ArnLike"]["aws:PrincipalArn"]
            assert role["Fn::Sub"] == f"arn:${{AWS::Partition}}:iam::{account}:role/teams/delivery/*"
    support = template(root, f"ledger-support-{STAGING}-{HOME}")
    assert support["ActionRole"]["Properties"]["Path"] == "/teams/delivery/"
    resources = template(root, "ledger-pipeline").values()
    [pipeline] = [each["Properties"] for each in resources if each["Type"] == "AWS::CodePipeline::Pipeline"]
    action = pipeline["Stages"][2]["Actions"][0]
    assert action["RoleArn"]["Fn::Sub"].endswith(f"iam::{STAGING}:role/teams/delivery/ledger-actions-{HOME}")
    stores = {each["Region"]: each["ArtifactStore"] for each in pipeline["ArtifactStores"]}
    assert stores[HOME]["Location"] == {"Fn::ImportValue": "delivery-ArtifactBucket"}
    assert stores[ABROAD]["Location"] == f"delivery-{TOOLS}-{ABROAD}"
    assert stores[ABROAD]["EncryptionKey"]["Id"] == {"Ref": "ArtifactKeyArnEuCentral1"}


def test_the_script_takes_the_keys_from_the_stacks_of_the_foundation(tmp_path: Path) -> None:
    root = web_fleet(tmp_path / "fleet", foundation=FOUNDATION | {"stack_name": "shared"})
    write(root, "ecs-rolling")
    assert run("render", root).exit_code == 0
    printed = dry_run(root / "out" / "ledger", "--all")
    assert [line for line in printed if line.startswith("# ArtifactKey")] == [
        "# ArtifactKeyArn is the output ArtifactKeyArn of shared in tools",
        "# ArtifactKeyArn is the output ArtifactKeyArn of shared-eu-central-1 in tools",
        "# ArtifactKeyArnEuCentral1 is the output ArtifactKeyArn of shared-eu-central-1 in tools",
    ]


@pytest.mark.parametrize(
    ("foundation", "artifacts"),
    [({"name": "delivery"}, {}), (FOUNDATION, {"create_key": True}), (FOUNDATION, {"bucket": "own", "key_arn": KEY})],
)
def test_a_pipeline_can_have_its_own_stores(
    foundation: dict[str, Any], artifacts: dict[str, Any], tmp_path: Path
) -> None:
    """It has to if the foundation has no key, which other accounts need."""
    root = web_fleet(tmp_path / "fleet", foundation=foundation)
    write(root, "ecs-rolling")
    with (root / "services" / "ledger.yaml").open("a") as file:
        file.write(yaml.safe_dump({"artifacts": artifacts}) if artifacts else "")
    done = run("render", root)
    assert done.exit_code == 0, done.stderr
    assert any("AWS::S3::Bucket" in text for text in template_texts(root, "ledger").values())


def test_a_foundation_in_python_has_the_stores_too() -> None:
    environments = {
        "tools": Environment(TOOLS, HOME),
        "staging": Environment(STAGING, HOME),
        "production": Environment(PRODUCTION, ABROAD),
    }
    delivery = Foundation("delivery", create_key=True, environments=environments, pipelines="tools")
    assert [(each.name, each.stack.environment) for each in render(delivery).stacks] == [
        ("delivery", environments["tools"]),
        ("delivery-eu-central-1", Environment(TOOLS, ABROAD)),
    ]
    reference = delivery.reference()
    assert (reference.several_accounts, reference.has_key) == (True, True)
    wrong = Foundation("delivery", environments={"tools": Environment(TOOLS)}, pipelines="tooling")
    assert [each.code for each in check(wrong)] == ["environment-incomplete", "unknown-environment"]


DIFFERENCES: dict[str, tuple[dict[str, Any], str]] = {
    "a part of the pipeline": (
        {"approval_minutes": {"staging": 60, "production": 120}},
        "ledger.yaml:10:5: error: pipeline.stages[3].actions[0].timeout_minutes would differ between staging and "
        "production, but is not a part of a service; use one value for all environments [environment-difference]",
    ),
    "an unknown environment": (
        {"cpu": {"staging": 256, "prodution": 1024}},
        'ledger.yaml:10:5: error: there is no environment prodution; did you mean "production"? [unknown-environment]',
    ),
    "an argument that one environment has not": (
        {"repository": {"staging": "acme/ledger"}},
        "ledger.yaml:1:1: error: repository is missing (The repository of the source, as owner/name; in CodeCommit "
        "only the name) in production; give it under with: repository: … [missing-argument]",
    ),
    "a value out of range": (
        {"cpu": {"staging": 64, "production": 1024}},
        "ledger.yaml:9:5: error: cpu must be between 128 and 32,768, got 64 in staging [wrong-argument]",
    ),
}


@pytest.mark.parametrize(("arguments", "message"), DIFFERENCES.values(), ids=DIFFERENCES.keys())
def test_what_cannot_differ_is_reported(arguments: dict[str, Any], message: str, tmp_path: Path) -> None:
    root = web_fleet(tmp_path / "fleet")
    write(root, "ecs-rolling", **arguments)
    done = run("render", root)
    assert done.exit_code == 1
    assert message in done.stderr.replace(f"{root / 'services'}/", "").splitlines()


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
