"""Numbers that parameters and mappings decide: what is wrong with them in one environment only."""

from __future__ import annotations

import pytest

from tests.fleets import FleetDirectory, fleet
from tests.support.command import problems_in

__all__ = ["fleet"]

FLEET = """\
environments:
  staging:
    account: "111111111111"
    region: eu-west-1
    parameters:
      Environment: staging
      Cpu: 256
      Count: 1
  production:
    account: "222222222222"
    region: us-east-1
    parameters:
      Environment: production
      Cpu: 1024
      Count: 3
"""
DEFINITION = """\
name: orders
parameters:
  Environment: {Type: String}
  Cpu: {Type: Number}
  Count: {Type: Number, Default: "2"}
  Days: {Type: Number, Default: "30"}
mappings:
  Sizes:
    staging: {Memory: "512"}
    production: {Memory: "2048"}
  Regions:
    eu-west-1: {Least: "1"}
    us-east-1: {Least: "3"}
services:
  web:
    cluster: main
    network: {vpc_id: vpc-0a1b2c3d, subnets: [subnet-0a1b2c3d]}
    task_definition:
      cpu: !Ref Cpu
      memory: !FindInMap [Sizes, !Ref Environment, Memory]
      containers: [{name: app, ports: [3000]}]
    autoscaling: {minimum: !FindInMap [Regions, !Ref AWS::Region, Least], maximum: !Ref Count, cpu_percent: 50}
    log_retention_days: !Ref Days
pipeline:
  stages:
    - name: Source
      actions: [{kind: codecommit, name: App, repository: orders, branch: main}]
    - name: Build
      actions: [{kind: docker-build, name: Image, images: [{container: app, repository: orders}]}]
    - name: Deploy
      actions: [{kind: ecs-deploy, name: Deploy, service: web}]
"""


def reported(fleet: FleetDirectory, **changes: str) -> list[str]:
    """What is reported of the fleet with these changes."""
    settings, definition = FLEET, DEFINITION
    for old, new in changes.items():
        settings, definition = settings.replace(old, new), definition.replace(old, new)
    fleet.write("pipegen.yaml", settings)
    for file in (fleet.root / "services").iterdir():
        file.unlink()
    fleet.write("services/orders.yaml", definition)
    return problems_in(fleet.run(command="validate").stderr.replace(f"{fleet.root}/", ""))


def test_values_that_fit_in_every_environment(fleet: FleetDirectory) -> None:
    assert reported(fleet) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "Cpu: 1024",
            "Cpu: 64",
            "pipegen.yaml:14:7: error: cpu must be between 128 and 196,608, got 64 in production [out-of-range]",
        ),
        (
            "Cpu: 256",
            "Cpu: 1.5",
            'pipegen.yaml:7:7: error: cpu must be an integer, got "1.5" from !Ref in staging; '
            "correct the value of the expression [wrong-type]",
        ),
        (
            "Cpu: 1024",
            "Cpu: 1023",
            "pipegen.yaml:14:7: error: cpu must be one of 256, 512, 1024, 2048, 4096, 8192, 16384, 32768 on Fargate, "
            "got 1023 in production; choose one of these; 1024 units are one vCPU [task-size]",
        ),
        (
            'production: {Memory: "2048"}',
            'production: {Memory: "512"}',
            "services/orders.yaml:10:18: error: memory must be 2048 to 8192 in steps of 1024 MiB with cpu 1024 on "
            "Fargate, got 512 in production; change memory or cpu [task-size]",
        ),
        (
            "Count: 3",
            "Count: 2",
            "services/orders.yaml:13:17: error: minimum must be at most maximum (2), got 3 in production; "
            "lower minimum, or raise maximum [autoscaling-capacity]",
        ),
        (
            "Count: 1",
            "Days: 8",
            "pipegen.yaml:8:7: error: log_retention_days must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, "
            "365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653, got 8 in staging [wrong-value]",
        ),
    ],
)
def test_one_environment_is_named_at_its_value(old: str, new: str, message: str, fleet: FleetDirectory) -> None:
    assert reported(fleet, **{old: new}) == [message]


def test_a_value_that_cloudformation_rejects_is_reported_once(fleet: FleetDirectory) -> None:
    [line] = reported(fleet, **{"Cpu: 1024": "Cpu: many"})
    assert 'Cpu of production: its value "many" is not a number' in line


def test_a_default_counts_where_an_environment_has_no_value(fleet: FleetDirectory) -> None:
    [line] = reported(fleet, **{"      Count: 3\n": ""})
    assert "minimum must be at most maximum (2), got 3 in production" in line
