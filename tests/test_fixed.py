"""What a running stack must keep: a render over templates that are there tells what would change of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Pipegen
from tests.test_migrate import CODEDEPLOY, DEFINITION, NATIVE, ROLLING

EDITS = {
    "the network of CodeDeploy's service": (
        CODEDEPLOY,
        ("subnets: !Ref Subnets", "subnets: !Ref Subnets, assign_public_ip: true"),
        "out/shop-web.yaml: KIND fixed-property shop-web: NetworkConfiguration of Service would change, but "
        "CloudFormation cannot change it of a service whose deployments CodeDeploy controls; leave it as it was",
    ),
    "where CodeDeploy's service runs": (
        CODEDEPLOY,
        ("task_definition: {", "platform_version: 1.4.0\n    task_definition: {"),
        "shop-web: PlatformVersion of Service would change",
    ),
    "what CodeDeploy's traffic passes": (
        CODEDEPLOY,
        ("ports: [8080]", "ports: [9090]"),
        "shop-web: Port of TargetGroup would change, but CloudFormation would make a new one",
    ),
    "the load balancer of one that ECS moves": (
        NATIVE,
        ("scheme: internal", "scheme: internet-facing"),
        "shop-web: Scheme of LoadBalancer would change",
    ),
    "the first image": (
        NATIVE,
        ("load_balancer: {", "first_images: {app: acme/hello:1}\n    load_balancer: {"),
        "shop-registry: Value of WebAppImage would change, but CloudFormation would write the first image over the one",
    ),
    "a rule that ECS writes": (
        NATIVE,
        ("scheme: internal", "scheme: internal, target_group: {stickiness: {duration_seconds: 60}}"),
        "shop-web: Actions of ListenerRule would change, but deployments have moved its traffic since",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize(("deployment", "edit", "said"), EDITS.values(), ids=EDITS.keys())
def test_a_change_of_what_must_stay_is_told(
    deployment: str, edit: tuple[str, str], said: str, pipegen: Pipegen, tmp_path: Path
) -> None:
    text = DEFINITION.replace("KEY", "web").replace("DEPLOYMENT", deployment)
    file = tmp_path / "shop.yaml"
    file.write_text(text)
    assert pipegen("render", file, "-o", "out").returncode == 0
    assert edit[0] in text
    file.write_text(text.replace(*edit))
    checked = pipegen("render", file, "-o", "out", "--check")
    assert checked.returncode == 1
    assert said.replace("KIND ", "") in checked.stderr
    written = pipegen("render", file, "-o", "out")
    assert written.returncode == 0
    assert said.replace("KIND", "warning:") in written.stderr
    again = pipegen("render", file, "-o", "out")
    assert "fixed-property" not in again.stderr


def test_what_may_change_is_not_told(pipegen: Pipegen, tmp_path: Path) -> None:
    text = DEFINITION.replace("KEY", "web").replace("DEPLOYMENT", CODEDEPLOY)
    file = tmp_path / "shop.yaml"
    file.write_text(text)
    pipegen("render", file, "-o", "out")
    edited = text.replace("cpu: 256", "cpu: 512").replace("memory: 512", "memory: 1024")
    file.write_text(edited.replace("    deployment:", "    desired_count: 3\n    deployment:") + "tags: {team: shop}\n")
    checked = pipegen("render", file, "-o", "out", "--check")
    assert checked.returncode == 1
    assert "changed   out/shop-web.yaml" in checked.stdout
    assert "fixed-property" not in checked.stderr


@pytest.mark.parametrize(
    ("before", "after"),
    [(ROLLING, CODEDEPLOY), (CODEDEPLOY, NATIVE), (CODEDEPLOY, ROLLING), (NATIVE, ROLLING)],
)
def test_another_way_of_deployment_is_told_with_the_way_to_it(
    before: str, after: str, pipegen: Pipegen, tmp_path: Path
) -> None:
    file = tmp_path / "shop.yaml"
    text = DEFINITION.replace("KEY", "web")
    file.write_text(text.replace("DEPLOYMENT", before))
    pipegen("render", file, "-o", "out")
    file.write_text(text.replace("DEPLOYMENT", after))
    checked = pipegen("render", file, "-o", "out", "--check")
    assert checked.returncode == 1
    assert "fixed-property" in checked.stderr
    assert "pipegen migrate" in checked.stderr


def test_an_export_that_would_go_is_told(pipegen: Pipegen, tmp_path: Path) -> None:
    file = tmp_path / "shop.yaml"
    first = "\n    first_images: {app: shop/hello:1}"
    text = DEFINITION.replace("KEY", "web").replace("DEPLOYMENT", ROLLING + first)
    file.write_text(text)
    pipegen("render", file, "-o", "out")
    file.write_text(text.replace("cpu: 256", "task_role: shop-task, cpu: 256"))
    checked = pipegen("render", file, "-o", "out", "--check")
    assert "shop-web: the export shop-web-TaskRoleArn would go" in checked.stderr


def test_functions_that_definitions_do_not_know_are_read_back(pipegen: Pipegen, tmp_path: Path) -> None:
    file = tmp_path / "shop.yaml"
    choice = 'overrides: {Service: {PropagateTags: {"Fn::If": [Tagged, SERVICE, NONE]}}}'
    text = DEFINITION.replace("KEY", "web").replace("DEPLOYMENT", f"{CODEDEPLOY}\n    {choice}")
    text = text.replace("services:", "conditions: {Tagged: !Equals [!Ref VpcId, vpc-0a1b2c3d]}\nservices:", 1)
    file.write_text(text.replace(f"    {choice}\n", ""))
    pipegen("render", file, "-o", "out")
    file.write_text(text)
    assert "fixed-property" not in pipegen("render", file, "-o", "out").stderr
    file.write_text(text.replace("subnets: !Ref Subnets", "subnets: !Ref Subnets, assign_public_ip: true"))
    assert "NetworkConfiguration of Service would change" in pipegen("render", file, "-o", "out").stderr


def test_an_earlier_template_that_cannot_be_read_is_told(pipegen: Pipegen, tmp_path: Path) -> None:
    file = tmp_path / "shop.yaml"
    file.write_text(DEFINITION.replace("KEY", "web").replace("DEPLOYMENT", CODEDEPLOY))
    pipegen("render", file, "-o", "out")
    (tmp_path / "out" / "shop-web.yaml").write_text("<<<<<<< HEAD\n[")
    written = pipegen("render", file, "-o", "out")
    assert written.returncode == 0
    assert "out/shop-web.yaml: warning: fixed-property what is there cannot be read" in written.stderr
