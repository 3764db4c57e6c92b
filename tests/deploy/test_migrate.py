"""From one way of deployment to another while a service runs: every step only adds, only changes or only removes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from cfnlint.decode import cfn_yaml
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

from pipegen.deploy.replacement import REPLACED_BY
from tests.conftest import Pipegen
from tests.networks import prepare_network
from tests.support.cloud import Cloud
from tests.support.rejects import cases

DEFINITION = """\
name: shop
parameters:
  VpcId: {Type: "AWS::EC2::VPC::Id"}
  Subnets: {Type: "List<AWS::EC2::Subnet::Id>"}
services:
  KEY:
    cluster: parcels
    network: {vpc_id: !Ref VpcId, subnets: !Ref Subnets}
    task_definition: {cpu: 256, memory: 512, containers: [{name: app, ports: [8080]}]}
    load_balancer: {scheme: internal}
    deployment: DEPLOYMENT
pipeline:
  stages:
    - name: Source
      actions: [{kind: codecommit, name: App, repository: shop, branch: main}]
    - name: Build
      actions:
        - {kind: docker-build, name: Image, images: [{container: app, repository: {name: shop, create: true}}]}
    - name: Production
      actions: [{kind: ecs-deploy, name: Deploy, service: KEY}]
"""

ROLLING = "{kind: rolling}"
NATIVE = "{kind: blue-green, bake_minutes: 5}"
SLOW = "{kind: linear, step_percent: 10, step_bake_minutes: 20}"
CODEDEPLOY = "{kind: codedeploy, alarms: []}"
FIRST = "    first_images: {app: shop/hello:1}"

WAYS = {
    "rolling to ECS's own": (ROLLING, NATIVE),
    "ECS's own back to rolling": (NATIVE, ROLLING),
    "rolling to one that a build follows": (ROLLING, SLOW),
    "CodeDeploy to ECS's own": (CODEDEPLOY, NATIVE),
    "CodeDeploy to rolling": (CODEDEPLOY, ROLLING),
}
each_way = pytest.mark.parametrize(("before", "after"), WAYS.values(), ids=WAYS.keys())


def write(directory: Path, before: str, after: str, key: str = "web", later_key: str = "web") -> None:
    (directory / "before.yaml").write_text(DEFINITION.replace("KEY", key).replace("DEPLOYMENT", before))
    (directory / "after.yaml").write_text(DEFINITION.replace("KEY", later_key).replace("DEPLOYMENT", after))


def migrated(pipegen: Pipegen, directory: Path) -> tuple[str, list[tuple[str, str, Mapping[str, Any] | None]]]:
    """The script, and each step: its verb, its stack, and the resources of its template if it has one."""
    done = pipegen("migrate", "before.yaml", "after.yaml", "-o", "steps")
    assert done.returncode == 0, done.stderr
    steps = []
    for number, stack, verb in re.findall(r"^# (\d+)\. (\S+): (\w+) ", done.stdout, re.MULTILINE):
        file = directory / "steps" / f"{number}-{stack}.yaml"
        steps.append((verb, stack, cfn_yaml.loads(file.read_text())["Resources"] if file.exists() else None))
    return done.stdout, steps


def rendered(pipegen: Pipegen, directory: Path, name: str) -> dict[str, Any]:
    assert pipegen("render", f"{name}.yaml", "-o", name).returncode == 0
    return {file.stem: cfn_yaml.loads(file.read_text())["Resources"] for file in (directory / name).iterdir()}


@pytest.mark.slow
@each_way
def test_every_step_does_one_thing_and_the_last_one_is_there(
    before: str, after: str, pipegen: Pipegen, tmp_path: Path
) -> None:
    write(tmp_path, before, after)
    _, steps = migrated(pipegen, tmp_path)
    stacks, wanted = rendered(pipegen, tmp_path, "before"), rendered(pipegen, tmp_path, "after")
    assert [stack for _, stack, _ in steps].count("shop-pipeline") == 1  # another action, or another time-out
    for verb, stack, resources in steps:
        assert resources is not None
        was = stacks[stack]
        kept = was.keys() & resources.keys()
        changed = {name for name in kept if was[name] != resources[name]}
        if stack != "shop-pipeline":
            assert (bool(resources.keys() - was.keys()), bool(changed), bool(was.keys() - resources.keys())) == (
                verb == "add",
                verb == "change",
                verb == "remove",
            )
        stacks[stack] = resources
    assert stacks == wanted


def test_a_service_that_rolls_gets_what_ecs_needs_before_it_is_changed(pipegen: Pipegen, tmp_path: Path) -> None:
    write(tmp_path, ROLLING, NATIVE)
    script, steps = migrated(pipegen, tmp_path)
    assert [(verb, stack) for verb, stack, _ in steps] == [
        ("add", "shop-web"),
        ("change", "shop-web"),
        ("change", "shop-web"),
        ("change", "shop-pipeline"),
    ]
    assert "# 1. shop-web: add AlternateTargetGroup, ListenerRule, InfrastructureRole\n" in script
    assert script.count(": change Service\n") == 2
    services = [
        resources["Service"]["Properties"] for _, stack, resources in steps if resources and stack == "shop-web"
    ]
    assert [list(service["LoadBalancers"][0]) for service in services] == [
        ["ContainerName", "ContainerPort", "TargetGroupArn"],
        *[["ContainerName", "ContainerPort", "TargetGroupArn", "AdvancedConfiguration"]] * 2,
    ]
    assert ["Strategy" in service["DeploymentConfiguration"] for service in services] == [False, False, True]
    assert "--parameter-overrides" not in script  # a stack that is there keeps its values
    commands = [line for line in script.splitlines() if line.startswith("aws ")]
    assert [command.split()[2] for command in commands] == [
        "disable-stage-transition",
        "deploy",
        "deploy",
        "deploy",
        "deploy",
        "enable-stage-transition",
    ]


def test_steps_acknowledge_the_names_that_roles_are_given(pipegen: Pipegen, tmp_path: Path) -> None:
    write(tmp_path, ROLLING, NATIVE)
    named = "overrides: {PipelineRole: {RoleName: same}}\n"
    (tmp_path / "after.yaml").write_text((tmp_path / "after.yaml").read_text() + named)
    script, _ = migrated(pipegen, tmp_path)
    found = set(re.findall(r"--stack-name (\S+) .*?--capabilities (\S+)", script, re.DOTALL))
    assert found == {("shop-web", "CAPABILITY_IAM"), ("shop-pipeline", "CAPABILITY_NAMED_IAM")}


def test_from_codedeploy_the_live_target_group_is_asked_for_and_its_group_goes_last(
    pipegen: Pipegen, tmp_path: Path
) -> None:
    write(tmp_path, CODEDEPLOY, NATIVE)
    script, steps = migrated(pipegen, tmp_path)
    assert "# web: its traffic must go to the first target group (" in script
    assert [(verb, stack) for verb, stack, _ in steps] == [
        ("add", "shop-web"),
        ("change", "shop-web"),
        ("change", "shop-pipeline"),
        ("remove", "shop-web"),
    ]
    assert "# 4. shop-web: remove Application, DeploymentRole, DeploymentGroup\n" in script


def test_to_codedeploy_a_new_service_takes_the_place_of_the_old_one(pipegen: Pipegen, tmp_path: Path) -> None:
    write(tmp_path, ROLLING, CODEDEPLOY)
    result = pipegen("migrate", "before.yaml", "after.yaml", "-o", "steps")
    assert result.returncode == 1
    assert result.stderr.startswith(
        "after.yaml:11:5: error: deployment cannot change from ECS's own strategies to codedeploy"
    )
    assert not (tmp_path / "steps").exists()
    write(tmp_path, ROLLING, CODEDEPLOY, later_key="web-2")
    script, steps = migrated(pipegen, tmp_path)
    assert [(verb, stack) for verb, stack, _ in steps] == [
        ("add", "shop-registry"),
        ("create", "shop-web-2"),
        ("change", "shop-pipeline"),
        ("delete", "shop-web"),
        ("remove", "shop-registry"),
    ]
    assert "aws cloudformation delete-stack --stack-name shop-web\n" in script
    assert "--parameter-overrides VpcId=VALUE Subnets=VALUE" in script
    assert script.index("enable-stage-transition") < script.index("# Deploy now") < script.index("delete-stack")


def test_from_ecs_s_own_back_to_rolling_the_live_target_group_is_asked_for(pipegen: Pipegen, tmp_path: Path) -> None:
    write(tmp_path, NATIVE, ROLLING)
    assert "# web: its traffic must go to the first target group (" in migrated(pipegen, tmp_path)[0]
    write(tmp_path, NATIVE, SLOW)
    assert "first target group" not in migrated(pipegen, tmp_path)[0]


def test_a_cluster_that_would_go_with_the_old_service_is_reported(pipegen: Pipegen, tmp_path: Path) -> None:
    write(tmp_path, ROLLING, CODEDEPLOY, later_key="web-2")
    before = tmp_path / "before.yaml"
    before.write_text(before.read_text().replace("cluster: parcels", "cluster: {name: parcels, create: true}"))
    result = pipegen("migrate", "before.yaml", "after.yaml", "-o", "steps")
    assert result.returncode == 1
    assert "error: the cluster of web-2 would be deleted with the stack of the service web" in result.stderr
    assert "[migration]" in result.stderr


def test_nothing_changed_is_nothing_to_do(pipegen: Pipegen, tmp_path: Path) -> None:
    write(tmp_path, NATIVE, NATIVE)
    done = pipegen("migrate", "before.yaml", "after.yaml", "-o", "steps")
    assert (done.returncode, done.stdout) == (0, "# Nothing changes.\n")
    assert not (tmp_path / "steps").exists()


@pytest.mark.parametrize("name", ["before.yaml", "after.yaml"])
def test_definitions_with_problems_are_reported_with_their_locations(
    name: str, pipegen: Pipegen, tmp_path: Path
) -> None:
    write(tmp_path, ROLLING, NATIVE)
    file = tmp_path / name
    file.write_text(file.read_text().replace("cpu: 256", "cpu: 257"))
    done = pipegen("migrate", "before.yaml", "after.yaml", "-o", "steps")
    assert (done.returncode, done.stdout) == (1, "")
    assert f"{name}:9:" in done.stderr


def test_a_definition_that_is_not_there_is_reported(pipegen: Pipegen, tmp_path: Path) -> None:
    write(tmp_path, ROLLING, NATIVE)
    done = pipegen("migrate", "earlier.yaml", "after.yaml", "-o", "steps")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "earlier.yaml: error: there is no such file; check the path [unreadable]\n"


def test_a_module_of_several_definitions_is_misuse(pipegen: Pipegen, tmp_path: Path) -> None:
    write(tmp_path, ROLLING, NATIVE)
    (tmp_path / "after.py").write_bytes(cases()["duplicate-stack"].content)
    done = pipegen("migrate", "before.yaml", "after.py", "-o", "steps")
    assert done.returncode == 2
    assert "after.py has 2 definitions" in done.stderr


def test_steps_that_cannot_be_written_are_reported(pipegen: Pipegen, tmp_path: Path) -> None:
    write(tmp_path, ROLLING, NATIVE)
    (tmp_path / "steps").write_text("a file")
    done = pipegen("migrate", "before.yaml", "after.yaml", "-o", "steps")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("pipegen: --output: steps is not a directory; ")


REPLACED = {
    "another port": ({"ports: [8080]": "ports: [3000]"}, "Port of TargetGroup"),
    "another protocol": (
        {"scheme: internal}": f"scheme: internal, target_group: {{protocol: HTTPS}}}}\n{FIRST}"},
        "Protocol of TargetGroup",
    ),
    "another scheme": ({"scheme: internal": "scheme: internet-facing"}, "Scheme of LoadBalancer"),
    "another VPC": ({"vpc_id: !Ref VpcId": "vpc_id: vpc-0a1b2c3d"}, "VpcId of TargetGroup"),
    "another cluster": ({"cluster: parcels": "cluster: letters"}, "Cluster of Service"),
    "another name": ({"cluster: parcels": "cluster: parcels\n    name: store"}, "ServiceName of Service"),
}


@pytest.mark.parametrize("deployment", [ROLLING, NATIVE], ids=["rolling", "blue-green"])
@pytest.mark.parametrize(("changes", "told"), REPLACED.values(), ids=REPLACED.keys())
def test_what_cloudformation_would_replace_under_a_running_service_is_rejected(
    pipegen: Pipegen, tmp_path: Path, deployment: str, changes: Mapping[str, str], told: str
) -> None:
    write(tmp_path, deployment, deployment)
    text = (tmp_path / "after.yaml").read_text()
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new, 1)
    (tmp_path / "after.yaml").write_text(text)
    done = pipegen("migrate", "before.yaml", "after.yaml", "-o", "steps")
    assert (done.returncode, done.stdout) == (1, ""), done.stderr
    assert "after.yaml:6:3: error: " in done.stderr
    assert "[migration]" in done.stderr
    assert told in done.stderr
    assert done.stderr.count("[migration]\n") == 1
    assert not (tmp_path / "steps").exists()


def test_the_properties_that_replace_are_those_of_the_schemas() -> None:
    for kind, names in REPLACED_BY.items():
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("eu-west-1", kind).schema
        fixed = {*schema.get("createOnlyProperties", ()), *schema.get("conditionalCreateOnlyProperties", ())}
        assert {f"/properties/{name}" for name in names} <= fixed, kind


def test_two_definitions_of_different_names_are_rejected(pipegen: Pipegen, tmp_path: Path) -> None:
    write(tmp_path, ROLLING, NATIVE)
    (tmp_path / "after.yaml").write_text((tmp_path / "after.yaml").read_text().replace("name: shop\n", "name: store\n"))
    done = pipegen("migrate", "before.yaml", "after.yaml", "-o", "steps")
    assert done.returncode == 1
    assert "after.yaml:1:1: error: name is store, but the earlier definition is named shop" in done.stderr


def test_the_steps_can_be_taken(cloud: Cloud, pipegen: Pipegen, tmp_path: Path) -> None:
    """From rolling to ECS's own, by the real CLI; the image that runs stays."""
    write(tmp_path, ROLLING, NATIVE)
    cloud.reset()
    parameters = prepare_network(cloud, {"VpcId": "", "Subnets": ""})
    assert pipegen("render", "before.yaml", "-o", "before").returncode == 0
    cloud.deploy(tmp_path / "before" / "shop-registry.yaml", "shop-registry", capabilities=())
    cloud.deploy(tmp_path / "before" / "shop-web.yaml", "shop-web", parameters=parameters)
    image = ("ssm", "put-parameter", "--name", "/pipegen/shop/web/app/image", "--value", "shop:2", "--overwrite")
    cloud.aws(*image)
    migrated(pipegen, tmp_path)
    for number in (1, 2, 3):
        cloud.deploy(tmp_path / "steps" / f"{number}-shop-web.yaml", "shop-web")
    [service] = cloud.aws_json("ecs", "describe-services", "--cluster", "parcels", "--services", "shop-web")["services"]
    assert service["deploymentConfiguration"]["strategy"] == "BLUE_GREEN"
    assert "alternateTargetGroupArn" in service["loadBalancers"][0]["advancedConfiguration"]
    named = ("ecs", "describe-task-definition", "--task-definition", service["taskDefinition"])
    assert cloud.aws_json(*named)["taskDefinition"]["containerDefinitions"][0]["image"] == "shop:2"
