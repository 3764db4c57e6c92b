"""Texts, ports and times that are expressions: where they arrive, and what is found wrong with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipegen.loading.definition import read
from pipegen.loading.yaml.parsing import parse
from pipegen.rendering import render_definition
from tests.fleets import FleetDirectory, fleet
from tests.support.command import problems_in
from tests.support.validating import validated

__all__ = ["fleet"]

PARAMETERS = {
    "Matcher": ("200-299", "200,600", 'matcher must be a list of codes from 200 to 499, got "200,600"'),
    "Cookie": ("session", "AWSALBAPP", "cookie must not start with AWSALB, which the load balancer reserves, got"),
    "Schedule": ("rate(1 hour)", "rate(2 hour)", '"rate(2 hour)" is not a valid rate expression'),
    "Zone": ("Europe/Berlin", "Europe/Bonn", 'time_zone is "Europe/Bonn" from !Ref, which is not a valid time zone'),
    "Alias": ("shop", "Shop", "dns_name must be parts of 1 to 63 lower-case letters, digits, _ or -, with dots"),
    "Discovery": ("web", "-web", "name must be parts of 1 to 63 letters, digits, _ or -, not - first or last"),
    "Endpoint": ("web", "-web", "discovery_name must be 1 to 64 lower-case letters, digits, _ or -, not - first"),
    "Header": ("x-test", "x test", "name must be the name of a header, such as x-test"),
    "Method": ("GET", "get", "methods[0] must be a method in upper case, such as GET"),
    "Percentile": ("p99", "99", "statistic must be a percentile such as p90, p99 or p99.9"),
    "Port": ("8443", "443", "test_port 443 is already used by the production listeners"),
    "AliasPort": ("80", "70000", "port must be between 1 and 65,535, got"),
    "Ingress": ("15000", "70000", "ingress_port must be between 1 and 65,535, got"),
    "Idle": ("0", "-1", "idle_timeout_seconds must be between 0 and 2,147,483,647, got"),
    "Bake": ("5", "1441", "bake_minutes must be between 0 and 1,440, got"),
    "CanaryBake": ("5", "1441", "canary_bake_minutes must be between 0 and 1,440, got"),
    "Pause": ("60", "0", "timeout_minutes must be between 1 and 20,160, got"),
    "Period": ("60", "90", "period_seconds must be a multiple of 60, got 90"),
    "Periods": ("3", "0", "evaluation_periods must be between 1 and 1,440, got"),
    "Retries": ("2", "101", "retries must be between 0 and 100, got"),
    "Path": ("/ready", "ready", "path must be one /, then up to 999 ASCII characters"),
    "Body": ("ok", "(", 'body must be a Python regular expression, got "("'),
    "Status": ("204", "199", "statuses[0] must be between 200 and 599, got"),
    "Keep": ("50", "0", "keep_images must be 1 or more, got"),
    "Words": ("main", "a" * 1001, "default must have 1 to 1,000 characters, got 1001"),
}
"""A good value of each parameter, a bad one, and how its problem begins."""
DEFINITION = """\
name: orders
parameters:
  PARAMETERS
services:
  web:
    cluster: main
    network: {vpc_id: vpc-0a1b2c3d, subnets: [subnet-0a1b2c3d, subnet-1a1b2c3d]}
    task_definition:
      cpu: 512
      memory: 1024
      containers: [{name: app, ports: [{container_port: 3000, name: http, app_protocol: http}]}]
    load_balancer:
      certificate: arn:aws:acm:eu-west-1:111111111111:certificate/0a1b2c3d
      test_port: !Ref Port
      target_group: {health_check: {matcher: !Ref Matcher}}
    deployment:
      kind: canary
      bake_minutes: !Ref Bake
      canary_bake_minutes: !Ref CanaryBake
      hooks:
        - {pause_at: [POST_TEST_TRAFFIC_SHIFT], timeout_minutes: !Ref Pause}
        - stages: [POST_TEST_TRAFFIC_SHIFT]
          function:
            host: test.example.com
            scheme: https
            port: !Ref Port
            path: !Ref Path
            body: !Ref Body
            statuses: [!Ref Status, 301]
            retries: !Ref Retries
    alarms:
      target_5xx: {period_seconds: !Ref Period, evaluation_periods: !Ref Periods}
      latency: {seconds: 2, statistic: !Ref Percentile}
    autoscaling:
      minimum: 1
      maximum: 2
      cpu_percent: 50
      schedules:
        - {schedule: "cron(0 8 ? * MON-FRI *)", time_zone: !Ref Zone, minimum: 2}
        - {schedule: !Ref Schedule, minimum: 1}
    service_connect:
      namespace: shop
      services:
        - port_name: http
          discovery_name: !Ref Endpoint
          ingress_port: !Ref Ingress
          idle_timeout_seconds: !Ref Idle
          aliases: [{port: !Ref AliasPort, dns_name: !Ref Alias, test_header: {name: !Ref Header}}]
  admin:
    cluster: main
    network: {vpc_id: vpc-0a1b2c3d, subnets: [subnet-0a1b2c3d, subnet-1a1b2c3d]}
    task_definition: {cpu: 256, memory: 512, containers: [{name: app, ports: [3000]}]}
    load_balancer:
      listener: arn:aws:elasticloadbalancing:eu-west-1:111111111111:listener/app/a/0a1b2c3d0a1b2c3d/0a1b2c3d0a1b2c3d
      security_group: sg-0a1b2c3d
      priority: 5
      methods: [!Ref Method]
      target_group: {stickiness: {cookie: !Ref Cookie}}
    service_discovery: {namespace: ns-0a1b2c3d4e5f6a7b, name: !Ref Discovery}
pipeline:
  variables: {WORDS: {default: !Ref Words}}
  stages:
    - name: Source
      actions: [{kind: codecommit, name: App, repository: orders, branch: main}]
    - name: Build
      actions:
        - kind: docker-build
          name: Image
          images: [{container: app, repository: {name: orders, create: true, keep_images: !Ref Keep}}]
    - name: Deploy
      actions:
        - {kind: ecs-deploy, name: Web, service: web, containers: [app]}
        - {kind: ecs-deploy, name: Admin, service: admin, containers: [app]}
"""


def definition(**defaults: str) -> str:
    """The definition with the good values as defaults of the parameters, except for these."""
    values = {name: defaults.get(name, good) for name, (good, _, _) in PARAMETERS.items()}
    declared = "\n  ".join(f"{name}: {{Type: String, Default: {value!r}}}" for name, value in values.items())
    return DEFINITION.replace("PARAMETERS", declared)


def properties() -> dict[str, dict[str, Any]]:
    """The properties of the resources by stack and logical ID."""
    stacks = render_definition(read(parse(definition(), "orders.yaml").data)).stacks
    return {
        stack.name.removeprefix("orders-"): {
            name: resource.get("Properties") for name, resource in stack.document["Resources"].items()
        }
        for stack in stacks
    }


def test_good_values_have_no_problems(tmp_path: Path) -> None:
    assert validated(definition(), tmp_path) == []


def test_every_expression_arrives_at_its_property() -> None:
    made = properties()
    web, admin = made["web"], made["admin"]
    service = web["Service"]
    assert web["TargetGroup"]["Matcher"] == {"HttpCode": {"Ref": "Matcher"}}
    assert web["TestListener"]["Port"] == {"Ref": "Port"}
    assert {"Ref": "Port"} in [each["ToPort"] for each in web["LoadBalancerSecurityGroup"]["SecurityGroupIngress"]]
    deployment = service["DeploymentConfiguration"]
    assert deployment["BakeTimeInMinutes"] == {"Ref": "Bake"}
    assert deployment["CanaryConfiguration"]["CanaryBakeTimeInMinutes"] == {"Ref": "CanaryBake"}
    assert deployment["LifecycleHooks"][0]["TimeoutConfiguration"]["TimeoutInMinutes"] == {"Ref": "Pause"}
    [check] = [each["Environment"]["Variables"] for name, each in web.items() if each and "Handler" in each]
    assert check["URL"] == {"Fn::Sub": "https://test.example.com:${Port}${Path}"}
    assert (check["BODY"], check["STATUSES"], check["RETRIES"]) == (
        {"Ref": "Body"}, {"Fn::Sub": "${Status},301"}, {"Ref": "Retries"}
    )  # fmt: skip
    alarm = web["TargetGroupErrorAlarm"]
    assert alarm["AlarmDescription"] == "orders-web: 5% of the responses are 5xx"
    assert alarm["EvaluationPeriods"] == {"Ref": "Periods"}
    assert alarm["Metrics"][0]["MetricStat"]["Period"] == {"Ref": "Period"}
    assert web["TargetGroupLatencyAlarm"]["ExtendedStatistic"] == {"Ref": "Percentile"}
    first, second = web["ScalableTarget"]["ScheduledActions"]
    assert (first["Timezone"], second["Schedule"]) == ({"Ref": "Zone"}, {"Ref": "Schedule"})
    [connect] = service["ServiceConnectConfiguration"]["Services"]
    assert connect["IngressPortOverride"] == {"Ref": "Ingress"}
    assert connect["Timeout"] == {"IdleTimeoutSeconds": {"Ref": "Idle"}}
    assert connect["ClientAliases"][0]["DnsName"] == {"Ref": "Alias"}
    assert admin["DiscoveryService"]["Name"] == {"Ref": "Discovery"}
    attributes = {each["Key"]: each["Value"] for each in admin["TargetGroup"]["TargetGroupAttributes"]}
    assert attributes["stickiness.app_cookie.cookie_name"] == {"Ref": "Cookie"}
    [repository] = [each for each in made["registry"].values() if each and "LifecyclePolicy" in each]
    assert '"countNumber": ${Keep}' in repository["LifecyclePolicy"]["LifecyclePolicyText"]["Fn::Sub"]
    assert made["pipeline"]["Pipeline"]["Variables"][0]["DefaultValue"] == {"Ref": "Words"}


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_bad_default_is_found(name: str, tmp_path: Path) -> None:
    _, bad, message = PARAMETERS[name]
    found = [line for line in validated(definition(**{name: bad}), tmp_path) if message in line]
    assert found, validated(definition(**{name: bad}), tmp_path)


FLEET = """\
environments:
  production: {account: "111111111111", region: eu-west-1, parameters: {NAME: VALUE}}
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", PARAMETERS)
def test_a_bad_value_names_its_environment(name: str, fleet: FleetDirectory) -> None:
    _, bad, message = PARAMETERS[name]
    fleet.write("pipegen.yaml", FLEET.replace("NAME", name).replace("VALUE", repr(bad)))
    for file in (fleet.root / "services").iterdir():
        file.unlink()
    fleet.write("services/orders.yaml", definition())
    lines = problems_in(fleet.run(command="validate").stderr.replace(f"{fleet.root}/", ""))
    assert [line for line in lines if message in line and " in production" in line], lines


def test_a_deployment_whose_time_is_unknown_is_waited_for_as_long_as_possible() -> None:
    deploying = properties()["pipeline"]
    assert deploying["WebProject"]["TimeoutInMinutes"] == 2160
    assert "AdminProject" not in deploying
