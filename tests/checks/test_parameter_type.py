"""The type that is proposed for a parameter that is not declared."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.validating import validated

DEFINITION = """\
name: shop
services:
  web:
    cluster: main
    network: {vpc_id: vpc-0a1b2c3d, subnets: !Ref Subnets}
    desired_count: !Ref Quantity
    platform_version: !Ref Version
    task_definition:
      cpu: 256
      memory: 512
      containers: [{name: web, environment: {ZONE: !Select [0, !Ref Zones]}}]
pipeline:
  stages:
    - {name: Source, actions: [{kind: codecommit, name: App, repository: shop, branch: main}]}
    - {name: Build, actions: [{kind: docker-build, name: Image, images: [{container: web, repository: shop}]}]}
    - {name: Production, actions: [{kind: ecs-deploy, name: Deploy, service: web}]}
"""
TYPES = {
    "Subnets": "List<AWS::EC2::Subnet::Id>",
    "Quantity": "Number",
    "Zones": "CommaDelimitedList",
    "Version": "String",
}


@pytest.mark.parametrize(("name", "type"), TYPES.items())
def test_the_type_is_one_that_the_field_accepts(name: str, type: str, tmp_path: Path) -> None:
    text = DEFINITION.replace("    cpu_alarm: null\n", "").replace("", "")
    lines = validated(text, tmp_path)
    [line] = [line for line in lines if f"error: {name} is not a parameter" in line]
    assert f"declare it: parameters: {{{name}: {{Type: {type}}}}} [unknown-reference]" in line


def test_a_parameter_that_only_a_condition_uses_is_a_string(tmp_path: Path) -> None:
    text = f"{DEFINITION}conditions: {{IsLive: !Equals [!Ref Stage, live]}}\n"
    [line] = [line for line in validated(text, tmp_path) if "error: Stage is not a parameter" in line]
    assert "declare it: parameters: {Stage: {Type: String}} [unknown-reference]" in line
