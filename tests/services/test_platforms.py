"""Services on what troposphere itself refuses, though ECS has it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipegen.loading.yaml.parsing import parse
from tests.support.command import run

DEFINITION = """\
name: shop
services:
  web:
    cluster: main
    network: {vpc_id: vpc-0a1b2c3d, subnets: [subnet-0a1b2c3d]}
%s
pipeline:
  stages:
    - name: Source
      actions:
        - {kind: codecommit, name: App, repository: shop, branch: main}
    - name: Build
      actions:
        - {kind: docker-build, name: Image, images: [{container: web, repository: shop}]}
    - name: Production
      actions:
        - {kind: ecs-deploy, name: Deploy, service: web}
"""


def resources(service: str, directory: Path) -> Any:
    """Those of the stack of a service with these lines."""
    (directory / "shop.yaml").write_text(DEFINITION % service)
    rendered = run("render", directory / "shop.yaml", "-o", directory / "out")
    assert rendered.exit_code == 0, rendered.stderr
    return parse((directory / "out" / "shop-web.yaml").read_text(), "shop-web.yaml").data["Resources"]


@pytest.mark.parametrize(
    ("platform", "properties"),
    [
        ("{}", {}),
        ("{cpu_architecture: X86_64}", {"CpuArchitecture": "X86_64"}),
        ("{operating_system_family: LINUX}", {"OperatingSystemFamily": "LINUX"}),
        (
            "{cpu_architecture: X86_64, operating_system_family: WINDOWS_SERVER_2025_CORE}",
            {"CpuArchitecture": "X86_64", "OperatingSystemFamily": "WINDOWS_SERVER_2025_CORE"},
        ),
    ],
)
def test_a_platform_is_taken_as_far_as_it_is_said(platform: str, properties: dict[str, str], tmp_path: Path) -> None:
    task = (
        f"    task_definition: {{cpu: 1024, memory: 2048, runtime_platform: {platform}, containers: [{{name: web}}]}}"
        "\n    first_images: {web: acme/web:1}"
    )
    made = resources(task, tmp_path)["TaskDefinition"]["Properties"]
    assert made["RuntimePlatform"] == properties


def test_a_service_runs_on_external_instances(tmp_path: Path) -> None:
    task = "{requires_compatibilities: [EXTERNAL], network_mode: bridge, containers: [{name: web, memory: 512}]}"
    made = resources(f"    task_definition: {task}\n    launch_type: EXTERNAL", tmp_path)["Service"]["Properties"]
    assert made["LaunchType"] == "EXTERNAL"
