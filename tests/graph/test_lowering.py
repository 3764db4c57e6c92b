"""Deploys to services of the definition, where the actions that they become make mistakes or fix them."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from pipegen import check, load, render

HEAD = """\
name: shop
services:
  web:
    cluster: main
    network: {vpc_id: vpc-0a1b2c3d, subnets: [subnet-0a1b2c3d, subnet-0a1b2c3e]}
"""
SOURCE = "- {name: Source, actions: [{kind: codecommit, name: App, repository: app, branch: main}]}"
ECS = "    task_definition: {cpu: 256, memory: 512, containers: [{name: app, ports: [80]}]}\n"
TWO = "    task_definition: {cpu: 256, memory: 512, containers: [{name: app, ports: [80]}, {name: side}]}\n"
CODEDEPLOY = (
    f"{ECS}    load_balancer: {{subnets: [subnet-0a1b2c3d, subnet-0a1b2c3e]}}\n"
    "    deployment: {kind: codedeploy, alarms: []}\n"
)


def problems(tmp_path: Path, service: str, *stages: str) -> list[tuple[str, str]]:
    """The errors of a definition with this service and these stages after its source."""
    lines = "".join(f"    {stage}\n" for stage in (SOURCE, *stages))
    (tmp_path / "shop.yaml").write_text(f"{HEAD}{service}pipeline:\n  stages:\n{lines}")
    problems = check(load(tmp_path / "shop.yaml")[0])
    return [(each.code, f"{each.text}; {each.fix}") for each in problems if each.severity == "error"]


def build(*images: str, name: str = "Image") -> str:
    listed = ", ".join(f"{{container: {each}, repository: {name.lower()}-{each}}}" for each in images)
    return f"{{kind: docker-build, name: {name}, images: [{listed}]}}"


def test_a_conflict_of_deploys_is_not_reported_again_for_what_records_their_images(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        TWO,
        f"- {{name: Build, actions: [{build('app', 'side')}]}}",
        "- {name: Staging, actions: [{kind: ecs-deploy, name: Deploy, service: web, containers: [app]}]}",
        "- {name: Production, actions: [{kind: ecs-deploy, name: Deploy, service: web}]}",
    )
    assert [code for code, _ in found] == ["artifact-conflict"]


def test_an_image_that_no_build_makes_is_reported_once(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        CODEDEPLOY,
        f"- {{name: Build, actions: [{build('ap')}]}}",
        "- {name: Staging, actions: [{kind: ecs-deploy, name: Deploy, service: web}]}",
    )
    assert [code for code, _ in found] == ["service-image"]


@pytest.mark.parametrize("order", ["", ", run_order: 999"])
def test_what_records_an_image_needs_a_run_order_that_codepipeline_takes(tmp_path: Path, order: str) -> None:
    found = problems(
        tmp_path,
        ECS,
        f"- {{name: Build, actions: [{build('app')}]}}",
        "- {name: Staging, actions: [{kind: approval, name: Look, run_order: 998}, "
        f"{{kind: ecs-deploy, name: Deploy, service: web{order}}}]}}",
    )
    assert [code for code, _ in found] == ["run-order"]


def test_the_input_of_a_deploy_chooses_among_builds(tmp_path: Path) -> None:
    two = f"- {{name: Build, actions: [{build('app')}, {build('app', name='Other')}]}}"
    deploy = "- {{name: Staging, actions: [{{kind: ecs-deploy, name: Deploy, service: web{}}}]}}"
    found = problems(tmp_path, CODEDEPLOY, two, deploy.format(""))
    assert {code for code, _ in found} == {"artifact-ambiguous"}
    assert all("name one, such as input: Image.deployment" in text for _, text in found)
    for name in ("Image", "Image.deployment"):
        assert problems(tmp_path, CODEDEPLOY, two, deploy.format(f", input: {name}")) == []
    stack = render(load(tmp_path / "shop.yaml")[0], format="json").stacks[-1]
    actions = yaml.safe_load(stack.text)["Resources"]["Pipeline"]["Properties"]["Stages"][2]["Actions"]
    assert [[each["Name"] for each in action["InputArtifacts"]] for action in actions] == [["Image_deployment"]] * 2


def test_a_build_beside_a_deploy_is_not_taken_for_what_records_its_image(tmp_path: Path) -> None:
    """It has run by the time that the image is recorded, but not when it is deployed."""
    beside = build("app", name="Other").replace("{kind", "{run_order: 1, kind", 1)
    found = problems(
        tmp_path,
        CODEDEPLOY,
        f"- {{name: Build, actions: [{build('app')}]}}",
        f"- {{name: Production, actions: [{{kind: ecs-deploy, name: Deploy, service: web, run_order: 1}}, {beside}]}}",
    )
    assert found == []
    stack = render(load(tmp_path / "shop.yaml")[0], format="json").stacks[-1]
    actions = yaml.safe_load(stack.text)["Resources"]["Pipeline"]["Properties"]["Stages"][2]["Actions"]
    read = {action["Name"]: [each["Name"] for each in action["InputArtifacts"]] for action in actions}
    assert read["Deploy"] == read["Deploy-Record"] == ["Image_deployment"]
