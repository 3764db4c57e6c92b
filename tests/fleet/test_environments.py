"""Environments of a fleet: where stacks are deployed, and what is acknowledged and given there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml

from tests.fleets import FLEET, FleetDirectory, fleet
from tests.support.command import problems_in, run, without_summary

__all__ = ["fleet"]

SAME = FLEET + '  canary: {account: "111111111111", region: eu-west-1}\n'


def reported(fleet: FleetDirectory, *options: str) -> list[str]:
    """What is wrong, with paths as seen from the fleet."""
    return problems_in(fleet.run(*options).stderr.replace(f"{fleet.root}/", ""))


def test_a_role_with_a_name_is_acknowledged_wherever_a_stack_is_deployed(fleet: FleetDirectory) -> None:
    fleet.plain("orders", more="overrides: {PipelineRole: {RoleName: same}}\n")
    fleet.render("--deploy-script")
    for name, capability in (("orders", "CAPABILITY_NAMED_IAM"), ("billing", "CAPABILITY_IAM")):
        [stack] = fleet.manifest["definitions"][name]["stacks"]
        assert stack["capabilities"] == [capability]
        assert f"--capabilities {capability} " in stack["deploy"]["staging"]
        assert f"--capabilities {capability}\n" in (fleet.out / name / "deploy.sh").read_text()
    fleet.plain("orders", more="overrides: {PipelineRole: {RoleName: null}}\n")
    fleet.render("--deploy-script")
    assert fleet.manifest["definitions"]["orders"]["stacks"][0]["capabilities"] == ["CAPABILITY_IAM"]


def test_stacks_are_listed_by_account_and_deployed_with_its_profile(fleet: FleetDirectory) -> None:
    fleet.write("pipegen.yaml", FLEET.replace("region: eu-west-1}", "region: eu-west-1, profile: shop}", 1))
    fleet.render()
    listed = fleet.manifest["definitions"]["orders"]
    [stack] = listed["stacks"]
    accounts = {name: each["account"] for name, each in yaml.safe_load(FLEET)["environments"].items()}
    assert listed["accounts"] == {account: {"eu-west-1": [stack["name"]]} for account in accounts.values()}
    profiled = [name for name, command in stack["deploy"].items() if "--region eu-west-1 --profile shop" in command]
    assert len(profiled) == 1 < len(stack["deploy"])


def test_no_definition_is_deployed_twice_to_one_account_and_region(fleet: FleetDirectory) -> None:
    fleet.write("pipegen.yaml", SAME)
    for name in ("billing", "catalog"):
        fleet.user(name, "environments: [production, canary]\n")
    fleet.plain("orders", more="environments: [canary, staging]\n")
    assert [line for line in reported(fleet) if "same-environment" in line] == [
        "services/orders.yaml:8:1: error: its stacks would be the same in staging and canary, which are one "
        "account and region; choose one of the two, such as environments: [staging], or correct where they are "
        "[same-environment]\npipegen.yaml:5:3: note: related location"
    ]
    fleet.plain("orders")
    assert [
        line
        for line in reported(fleet)
        if line.startswith("services/orders.yaml:1:1: error: ") and "[same-environment]" in line
    ]
    fleet.write("pipegen.yaml", SAME + "defaults: {environments: [canary]}\n")
    assert fleet.run().exit_code == 0


@pytest.mark.parametrize("other", ["{}", '{account: "111111111111"}', '{account: "111111111111", region: eu-west-2}'])
def test_what_environments_do_not_say_is_not_taken_to_be_the_same(other: str, fleet: FleetDirectory) -> None:
    fleet.write("pipegen.yaml", FLEET + f"  canary: {other}\n")
    assert fleet.run().exit_code == 0


def test_one_foundation_gets_one_value_in_an_account_and_region(fleet: FleetDirectory) -> None:
    foundation = """\
defaults: {environments: [canary]}
foundation: {name: delivery, parameters: {Email: {Type: String, Default: x}}, tags: {mail: !Ref Email}}
"""
    fleet.write("pipegen.yaml", SAME + foundation)
    assert fleet.run().exit_code == 0
    fleet.write("pipegen.yaml", (SAME.removesuffix("}\n") + ", parameters: {Email: y}}\n") + foundation)
    assert "pipegen.yaml:5:3: error: staging and canary are one account and region" in fleet.run().stderr


@pytest.mark.parametrize(
    ("repository", "template"),
    [("out", "orders/orders-pipeline.yaml"), (".", "out/orders/orders-pipeline.yaml")],
)
def test_git_sync_finds_templates_from_the_root_of_the_repository(
    repository: str, template: str, fleet: FleetDirectory, tmp_path: Path
) -> None:
    (tmp_path / repository / ".git").mkdir(parents=True)
    fleet.render("--git-sync")
    file = fleet.out / "orders/staging/orders-pipeline.deployment.yaml"
    assert yaml.safe_load(file.read_text())["template-file-path"] == template


@pytest.mark.parametrize(("count", "fine"), [(50, True), (51, False)])
def test_git_sync_takes_so_many_parameters(count: int, fine: bool, fleet: FleetDirectory) -> None:
    names = [f"P{number}" for number in range(count)]
    given = ", ".join(f"{name}: x" for name in names)
    fleet.write("pipegen.yaml", FLEET.replace('1"', f'1", parameters: {{{given}}}', 1))
    fleet.plain("orders", more="parameters:\n" + "".join(f"  {name}: {{Type: String, Default: y}}\n" for name in names))
    assert fleet.run().exit_code == 0
    result = fleet.run("--git-sync")
    assert result.exit_code == int(not fine)
    assert fine == ("error: Git sync accepts 50 parameters, but orders-pipeline has 51 in staging" not in result.stderr)
    assert fine == ("[git-sync-parameters]" not in result.stderr)


def test_a_script_that_cannot_be_run_is_written_again(fleet: FleetDirectory) -> None:
    fleet.render("--deploy-script")
    script = fleet.out / "orders/deploy.sh"
    script.chmod(0o644)
    fleet.plain("orders", more="# looked at again\n")
    assert "changed   orders/deploy.sh" in fleet.render("--deploy-script", "--check", code=1)
    assert "changed   orders/deploy.sh" in fleet.render("--deploy-script")
    assert os.access(script, os.X_OK)
    fleet.plain("orders")
    assert "changed   orders/deploy.sh" not in fleet.render("--deploy-script")


def test_a_comma_does_not_make_two_items_of_one(fleet: FleetDirectory) -> None:
    fleet.write("pipegen.yaml", FLEET.replace('1"', '1", parameters: {Subnets: [a, "b,c"], Text: "a,b"}', 1))
    result = fleet.run()
    assert result.exit_code == 1
    assert without_summary(result.stderr).replace(f"{fleet.root}/", "") == (
        "pipegen.yaml:3:64: error: an item of Subnets has a comma; commas are between items: make several "
        "of it [fleet-environment]\n"
    )


SERVICE = """\
name: web
services:
  web:
    cluster: main
    network: {vpc_id: vpc-0a1b2c3d, subnets: [subnet-0a1b2c3d], security_groups: [sg-0a1b2c3d]}
    FIRSTtask_definition: {cpu: 256, memory: 512, containers: [{name: web}, {name: proxy, image: "acme/proxy:1"}]}
pipeline:
  stages:
    - {name: Source, actions: [{kind: codecommit, name: App, repository: web, branch: main}]}
    - name: Build
      actions: [{kind: docker-build, name: Image, images: [{container: web, repository: web}]}]
    - {name: Deploy, actions: [{kind: ecs-deploy, name: Deploy, service: web}]}
"""


def test_the_sample_image_is_rejected_where_an_environment_is_in_china(fleet: FleetDirectory) -> None:
    file = fleet.write("services/web.yaml", SERVICE.replace("FIRST", ""))
    assert fleet.run(command="validate").exit_code == 0
    fleet.write("pipegen.yaml", FLEET + "  china: {region: cn-northwest-1}\n")
    line = (
        'services/web.yaml:6:59: error: the sample image that the container "web" runs before the first deployment '
        "cannot be pulled in AWS's regions in China; set another image, such as your own: first_images: {web: …} "
        "[service-first-image]"
    )
    assert [each for each in reported(fleet) if "service-first-image" in each] == [line]
    assert run("validate", file).stderr.replace(f"{fleet.root}/", "") == f"{line}\nchecked 1 definition: 1 error\n"
    fleet.write("services/web.yaml", SERVICE.replace("FIRST", "first_images: {web: acme/web:1}\n    "))
    assert fleet.run(command="validate").exit_code == 0
    fleet.write("services/web.yaml", SERVICE.replace("FIRST", "") + "environments: [staging, production]\n")
    assert fleet.run(command="validate").exit_code == 0


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("arn:aws-cn:sns:x:1:y", True),
        ("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/acme", True),
        ("cn-northwest-1", True),
        ("cn-north-1a", True),
        ("acn-north-1", False),
        ("web.example.com.cn", False),
        ("ap-northeast-1", False),
    ],
)
def test_a_service_that_names_a_place_in_china_is_there(text: str, refused: bool, fleet: FleetDirectory) -> None:
    variable = f'{{name: web, environment: {{PLACE: "{text}"}}}}'
    file = fleet.write("services/web.yaml", SERVICE.replace("FIRST", "").replace("{name: web}", variable, 1))
    assert ("regions in China" in run("validate", file).stderr) == refused
