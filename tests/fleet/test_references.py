"""What the values of a fleet's environments refer to: the right kind of thing, where the environment is."""

from __future__ import annotations

import pytest

from tests.fleets import FleetDirectory, fleet
from tests.support.command import problems_in

__all__ = ["fleet"]

DEFINITION = """\
name: shop
parameters:
  VpcId: {Type: "AWS::EC2::VPC::Id"}
  SubnetIds: {Type: "List<AWS::EC2::Subnet::Id>"}
  ListenerArn: {}
services:
  web:
    cluster: main
    network: {vpc_id: !Ref VpcId, subnets: !Ref SubnetIds}
    first_images: {web: "public.ecr.aws/docker/library/httpd:2.4"}
    task_definition: {cpu: 256, memory: 512, containers: [{name: web, ports: [8080]}]}
    load_balancer: {listener: !Ref ListenerArn, security_group: sg-0a1b2c3d, priority: 10, path_patterns: ["/*"]}
pipeline:
  stages:
    - {name: Source, actions: [{kind: codecommit, name: App, repository: app, branch: main}]}
    - {name: Build, actions: [{kind: docker-build, name: Image, images: [{container: web, repository: shop}]}]}
    - name: Production
      actions:
        - {kind: approval, name: Ask, topic: TOPIC}
        - {kind: ecs-deploy, name: Deploy, service: web}
"""
LISTENER = "arn:aws:elasticloadbalancing:eu-west-1:111111111111:listener/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2"
TOPIC = "arn:aws:sns:eu-west-1:222222222222:releases"
RIGHT = {"VpcId": "vpc-0a1b2c3d", "SubnetIds": "subnet-0a1b2c3d,subnet-0a1b2c3e", "ListenerArn": LISTENER}


def reported(fleet: FleetDirectory, *, topic: str = TOPIC, **values: str) -> list[str]:
    """What is reported where staging, in an account and a region, has these values."""
    parameters = "".join(f"      {name}: {value!r}\n" for name, value in {**RIGHT, **values}.items())
    place = 'account: "111111111111"\n    region: eu-west-1'
    fleet.write("pipegen.yaml", f"environments:\n  staging:\n    {place}\n    parameters:\n{parameters}")
    for file in (fleet.root / "services").iterdir():
        file.unlink()
    fleet.write("services/shop.yaml", DEFINITION.replace("TOPIC", topic))
    lines = problems_in(fleet.run(command="validate").stderr.replace(f"{fleet.root}/", ""))
    return [line for line in lines if "[wrong-" in line or "[parameter-" in line]


def test_values_of_the_right_kind_and_place_are_taken(fleet: FleetDirectory) -> None:
    assert reported(fleet) == []


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("VpcId", "subnet-0a1b2c3d", "is not the ID of a VPC; use one such as vpc-"),
        ("SubnetIds", "subnet-0a1b2c3d,sg-0a1b2c3d", "is not the ID of a subnet; use one such as subnet-"),
        ("ListenerArn", LISTENER.replace("listener/", "loadbalancer/"), "the ARN of a load balancer"),
        ("ListenerArn", LISTENER.replace("1111:", "111:"), "whose account must have 12 digits, got 11"),
        ("ListenerArn", LISTENER.replace("eu-west-1", "eu-west-2"), "is in the region eu-west-2, but staging is in"),
        ("ListenerArn", LISTENER.replace(":1111", ":2222"), "is in the account 222211111111, but staging is in 1111"),
    ],
)
def test_another_value_is_reported_where_it_is_given(fleet: FleetDirectory, name: str, value: str, said: str) -> None:
    [line] = reported(fleet, **{name: value})
    assert line.startswith("pipegen.yaml:")
    assert said in line


def test_a_literal_elsewhere_is_reported_in_the_definition(fleet: FleetDirectory) -> None:
    [line] = reported(fleet, topic="arn:aws:sns:us-east-1:222222222222:releases")
    assert line.startswith("services/shop.yaml:19:")
    assert "topic is in the region us-east-1, but staging is in eu-west-1" in line
