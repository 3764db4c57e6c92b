"""What a running stack must keep: a render over templates that are there tells what would change of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Pipegen
from tests.deploy.test_migrate import CODEDEPLOY, DEFINITION, FIRST, NATIVE, ROLLING

EDITS = {
    "the network of CodeDeploy's service": (
        CODEDEPLOY,
        ("subnets: !Ref Subnets", "subnets: !Ref Subnets, assign_public_ip: true"),
        "out/shop-web.yaml: KIND: shop-web: NetworkConfiguration of Service would change, but "
        "CloudFormation cannot change it while CodeDeploy controls the service's deployments; restore it",
    ),
    "where CodeDeploy's service runs": (
        CODEDEPLOY,
        ("task_definition: {", "platform_version: 1.4.0\n    task_definition: {"),
        "shop-web: PlatformVersion of Service would change",
    ),
    "what CodeDeploy's traffic passes": (
        CODEDEPLOY,
        ("ports: [8080]", "ports: [9090]"),
        "shop-web: Port of TargetGroup would change, but CloudFormation would create a new one",
    ),
    "the load balancer of one that ECS moves": (
        NATIVE,
        ("scheme: internal", "scheme: internet-facing"),
        "shop-web: Scheme of LoadBalancer would change",
    ),
    "the first image": (
        NATIVE,
        ("load_balancer: {", "first_images: {app: acme/hello:1}\n    load_balancer: {"),
        "shop-registry: Value of WebAppImage would change, but "
        "CloudFormation would replace the running image with the first one",
    ),
    "a rule that ECS writes": (
        NATIVE,
        ("scheme: internal", "scheme: internal, target_group: {stickiness: {duration_seconds: 60}}"),
        "shop-web: Actions of ListenerRule would change, but deployments have moved its traffic since",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize(("deployment", "edit", "said"), EDITS.values(), ids=EDITS.keys())
def test_a_change_of_what_must_stay_is_reported(
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
    assert said.replace("KIND", "error") in checked.stderr
    before = {path: path.read_text() for path in (tmp_path / "out").iterdir()}
    result = pipegen("render", file, "-o", "out")
    assert (result.returncode, result.stdout) == (1, "")
    assert said.replace("KIND", "error") in result.stderr
    assert result.stderr.endswith("these changes were not written; --accept-unsafe-changes writes them\n")
    assert {path: path.read_text() for path in (tmp_path / "out").iterdir()} == before
    written = pipegen("render", file, "-o", "out", "--accept-unsafe-changes")
    assert written.returncode == 0
    assert said.replace("KIND", "warning") in written.stderr
    again = pipegen("render", file, "-o", "out")
    assert (again.returncode, "fixed-property" in again.stderr) == (0, False)


def test_what_may_change_is_not_reported(pipegen: Pipegen, tmp_path: Path) -> None:
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
def test_another_deployment_strategy_is_reported_with_the_way_to_it(
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


def test_an_export_that_would_go_is_reported(pipegen: Pipegen, tmp_path: Path) -> None:
    file = tmp_path / "shop.yaml"
    text = DEFINITION.replace("KEY", "web").replace("DEPLOYMENT", f"{ROLLING}\n{FIRST}")
    file.write_text(text)
    pipegen("render", file, "-o", "out")
    file.write_text(text.replace("cpu: 256", "task_role: shop-task, cpu: 256"))
    checked = pipegen("render", file, "-o", "out", "--check")
    assert "shop-web: the export shop-web-TaskRoleArn would be removed" in checked.stderr


def test_functions_that_definitions_do_not_know_are_read_back(pipegen: Pipegen, tmp_path: Path) -> None:
    file = tmp_path / "shop.yaml"
    choice = 'overrides: {Service: {PropagateTags: {"Fn::If": [Tagged, SERVICE, NONE]}}}'
    text = DEFINITION.replace("KEY", "web").replace("DEPLOYMENT", f"{CODEDEPLOY}\n    {choice}")
    text += "conditions: {Tagged: !Equals [!Ref VpcId, vpc-1]}\n"
    file.write_text(text.replace(f"    {choice}\n", ""))
    pipegen("render", file, "-o", "out")
    file.write_text(text)
    assert "fixed-property" not in pipegen("render", file, "-o", "out").stderr
    file.write_text(text.replace("subnets: !Ref Subnets", "subnets: !Ref Subnets, assign_public_ip: true"))
    assert "NetworkConfiguration of Service would change" in pipegen("render", file, "-o", "out").stderr


def test_an_earlier_template_that_cannot_be_read_is_reported(pipegen: Pipegen, tmp_path: Path) -> None:
    file = tmp_path / "shop.yaml"
    file.write_text(DEFINITION.replace("KEY", "web").replace("DEPLOYMENT", CODEDEPLOY))
    pipegen("render", file, "-o", "out")
    (tmp_path / "out" / "shop-web.yaml").write_text("<<<<<<< HEAD\n[")
    written = pipegen("render", file, "-o", "out")
    assert written.returncode == 0
    assert "out/shop-web.yaml: warning: the existing template cannot be read" in written.stderr


@pytest.mark.parametrize(
    ("deployment", "logical_id", "properties"),
    [
        (
            CODEDEPLOY,
            "Listener",
            "{Certificates: [{CertificateArn: arn:aws:acm:eu-west-1:111111111111:certificate/x}]}",
        ),
        (NATIVE, "ListenerRule", "{Priority: 7}"),
    ],
)
def test_any_other_change_of_what_deployments_move_is_a_warning_and_rejected_by_check(
    deployment: str, logical_id: str, properties: str, pipegen: Pipegen, tmp_path: Path
) -> None:
    file = tmp_path / "shop.yaml"
    text = DEFINITION.replace("KEY", "web").replace("DEPLOYMENT", deployment)
    file.write_text(text)
    assert pipegen("render", file, "-o", "out").returncode == 0
    found = (tmp_path / "out" / "shop-web.yaml").read_text()
    assert f"\n  {logical_id}:\n" in found
    override = f"{deployment}\n    overrides: {{{logical_id}: {properties}}}"
    file.write_text(text.replace(deployment, override))
    checked = pipegen("render", file, "-o", "out", "--check")
    assert checked.returncode == 1
    assert f"of {logical_id} would change, and CloudFormation may reset its actions" in checked.stderr
    assert ": warning: " not in checked.stderr
    written = pipegen("render", file, "-o", "out")
    assert written.returncode == 0
    assert f"out/shop-web.yaml: warning: shop-web: {properties[1:].split(':')[0]}" in written.stderr


def test_templates_in_the_other_format_are_compared_too(pipegen: Pipegen, tmp_path: Path) -> None:
    file = tmp_path / "shop.yaml"
    text = DEFINITION.replace("KEY", "web").replace("DEPLOYMENT", CODEDEPLOY)
    file.write_text(text)
    assert pipegen("render", file, "-o", "out").returncode == 0
    unchanged = pipegen("render", file, "-o", "out", "--template-format", "json", "--check")
    assert "fixed-property" not in unchanged.stderr
    file.write_text(text.replace("ports: [8080]", "ports: [9090]"))
    result = pipegen("render", file, "-o", "out", "--template-format", "json")
    assert result.returncode == 1
    assert "Port of TargetGroup would change" in result.stderr


def test_a_literal_in_place_of_an_expression_is_a_change(pipegen: Pipegen, tmp_path: Path) -> None:
    file = tmp_path / "shop.yaml"
    text = DEFINITION.replace("KEY", "web").replace("DEPLOYMENT", CODEDEPLOY)
    file.write_text(text)
    pipegen("render", file, "-o", "out")
    path = tmp_path / "out" / "shop-web.yaml"
    rendered = path.read_text()
    assert "VpcId: !Ref VpcId" in rendered
    path.write_text(rendered.replace("VpcId: !Ref VpcId", "VpcId: VpcId"))
    assert "VpcId of TargetGroup would change" in pipegen("render", file, "-o", "out").stderr
