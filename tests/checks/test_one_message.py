"""One mistake has one message: the one that says how to correct it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.validating import validated

SOURCE = """\
name: orders
pipeline:
  stages:
    - name: Source
      actions:
        - {kind: codecommit, name: App, repository: orders, branch: main}
"""
BUILD = """\
    - name: Build
      actions:
        - {kind: docker-build, name: Image, images: [{container: web, repository: orders}]}
"""
DEPLOY = "    - {name: Prod, actions: [{kind: ecs-deploy, name: Web, service: web}]}\n"
SERVICE = """\
services:
  web:
    cluster: main
    network: {vpc_id: vpc-1a2b3c4d, subnets: [subnet-0a1b2c3d, subnet-0a1b2c3e]}
"""
BALANCED = """\
    load_balancer: {container: web, port: 8080}
    task_definition: {cpu: 256, memory: 512, containers: [{name: web, ports: [8080]}]}
"""


def codes(text: str, directory: Path) -> list[str]:
    found = [
        re.match(r"x\.yaml:\d+:\d+: (?:error|warning): .*\[([a-z-]+)\]", line) for line in validated(text, directory)
    ]
    assert all(found)
    return [each[1] for each in found if each]


@pytest.mark.parametrize("second", ["Test", "test-1"])
def test_two_actions_of_one_name_are_one_mistake(second: str, tmp_path: Path) -> None:
    image = "{{kind: docker-build, name: {name}, images: [{{container: {container}, repository: {container}}}]}}"
    build = f"""\
    - name: Build
      actions:
        - {image.format(name="Test" if second == "Test" else "test_1", container="web")}
        - {image.format(name=second, container="worker")}
        - {{kind: codebuild, name: Scan, commands: [make], input: {second}.definitions}}
"""
    assert codes(SOURCE + build, tmp_path) == ["duplicate-name"]


@pytest.mark.parametrize("stages", ["[PRODUCTION_TRAFFIC_SHIFT]", "[POST_SCALE_UP, PRODUCTION_TRAFFIC_SHIFT]"])
def test_a_pause_while_traffic_shifts_is_one_mistake(stages: str, tmp_path: Path) -> None:
    deployment = f"""\
    deployment:
      kind: canary
      hooks: [{{pause_at: {stages}, timeout_minutes: 5}}]
"""
    assert codes(SOURCE + BUILD + DEPLOY + SERVICE + BALANCED + deployment, tmp_path) == ["lifecycle-hook"]


def test_a_stage_that_is_listed_twice_is_warned_of_once(tmp_path: Path) -> None:
    twice = "[PRE_PRODUCTION_TRAFFIC_SHIFT, PRE_PRODUCTION_TRAFFIC_SHIFT]"
    deployment = f"    deployment: {{kind: canary, hooks: [{{pause_at: {twice}, timeout_minutes: 5}}]}}\n"
    found = codes(SOURCE + BUILD + DEPLOY + SERVICE + BALANCED + deployment, tmp_path)
    assert found == ["lifecycle-hook", "lifecycle-pause"]


def test_a_pause_before_every_step_is_warned_of_at_the_service_only(tmp_path: Path) -> None:
    deployment = (
        "    deployment: {kind: linear, hooks: [{pause_at: [PRE_PRODUCTION_TRAFFIC_SHIFT], timeout_minutes: 5}]}\n"
    )
    assert codes(SOURCE + BUILD + DEPLOY + SERVICE + BALANCED + deployment, tmp_path) == ["lifecycle-pause"]


@pytest.mark.parametrize(
    "field",
    [
        'platform_version: "1.4.0"',
        "placement_strategies: [{type: random}]",
        "task_definition: {network_mode: bridge, containers: [{name: web, memory: 64, privileged: true}]}",
        "task_definition: {network_mode: host, containers: [{name: web, memory: 64, stop_timeout: 300}]}",
        "task_definition: {containers: [{name: web, memory: 64, dns_servers: [10.0.0.2]}]}",
    ],
)
def test_another_launch_type_than_the_task_definitions_is_one_mistake(field: str, tmp_path: Path) -> None:
    task = (
        ""
        if "task_definition" in field
        else "    task_definition: {cpu: 256, memory: 512, containers: [{name: web}]}\n"
    )
    service = f"{SERVICE}    launch_type: EC2\n{task}    {field}\n"
    assert codes(SOURCE + BUILD + DEPLOY + service, tmp_path) == ["service-capacity"]


APPROVAL = "- {kind: approval, name: Release"
ROLLOUT = "- {kind: ecs-deploy, name: Web, cluster: main, service: orders, containers: [web], roles: [task]"


@pytest.mark.parametrize(
    "actions",
    [(f"{APPROVAL}}}", f"{ROLLOUT}, run_order: 1}}"), (f"{ROLLOUT}}}", f"{APPROVAL}, run_order: 1}}")],
    ids=["a deploy beside an approval", "an approval beside a deploy"],
)
def test_a_run_order_that_contradicts_the_written_order_is_one_mistake(
    actions: tuple[str, str], tmp_path: Path
) -> None:
    deploy = "".join(f"        {action}\n" for action in actions)
    assert codes(f"{SOURCE}{BUILD}    - name: Prod\n      actions:\n{deploy}", tmp_path) == ["run-order"]


@pytest.mark.parametrize("order", [1, 0, 1000])
def test_what_reads_an_artifact_too_early_because_of_its_run_order_is_one_mistake(order: int, tmp_path: Path) -> None:
    build = BUILD + f"        {ROLLOUT}, run_order: {order}}}\n" + "        - {kind: approval, name: Look}\n"
    assert codes(SOURCE + build, tmp_path) == ["run-order" if order == 1 else "out-of-range"]
