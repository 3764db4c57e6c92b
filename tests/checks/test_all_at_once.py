"""Mistakes of different kinds are reported in one run."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import Pipegen

DEFINITION = """\
name: orders
parameters: {ConnectionArn: {Type: String}}
pipeline:
  stages:
  - name: Source
    actions:
    - {kind: github, name: App, repository: acme/orders, branch: main, connection: !Ref CONNECTION}
  - name: Build
    actions:
    - {kind: codebuild, name: Test, timeout_minutes: 1, commands: [make test]KEY}
"""


def errors(pipegen: Pipegen, directory: Path, text: str) -> str:
    (directory / "orders.yaml").write_text(text)
    return pipegen("validate", "orders.yaml", cwd=directory).stderr


def test_a_value_out_of_range_does_not_hide_an_undeclared_parameter(pipegen: Pipegen, tmp_path: Path) -> None:
    text = errors(pipegen, tmp_path, DEFINITION.replace("KEY", "").replace("CONNECTION", "Connection"))
    assert "[out-of-range]" in text
    assert "[unknown-reference]" in text


def test_an_unknown_key_does_not_hide_a_value_out_of_range(pipegen: Pipegen, tmp_path: Path) -> None:
    text = errors(pipegen, tmp_path, DEFINITION.replace("KEY", ", colour: red").replace("CONNECTION", "ConnectionArn"))
    assert "[out-of-range]" in text
    assert "[unknown-key]" in text


def test_a_value_that_troposphere_rejects_is_reported_in_one_line(pipegen: Pipegen, tmp_path: Path) -> None:
    containers = "containers: [{name: app, image: nginx:1.29, ports: [80]}]"
    task = f"task_definition: {{cpu: 256, memory: 512, ephemeral_storage: 1, {containers}}}"
    service = f"services: {{web: {{cluster: shop, network: {{vpc_id: vpc-1, subnets: [subnet-1]}}, {task}}}}}\n"
    text = errors(pipegen, tmp_path, DEFINITION.replace("KEY", "").replace("CONNECTION", "ConnectionArn") + service)
    assert "ephemeral_storage must be between 21 and 200, got 1" in text
    assert "troposphere" not in text
