"""Appspecs: the text that CodeDeploy documents, and nothing in it that it would refuse."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
import yaml
from troposphere import Ref

from pipegen.checks.values.constraints import constraints
from pipegen.codedeploy.appspec import AppSpec, Hooks, Network
from pipegen.ecs.capacity import CapacityProvider
from pipegen.errors import InvalidDefinition, spell
from pipegen.output.yaml import dump
from pipegen.reading import read_as

APP = AppSpec(container="app", port=3000)


def numbered(prefix: str, count: int) -> list[str]:
    return [f"{prefix}-{number}" for number in range(count)]


NETWORK = Network(subnets=["subnet-1234abcd", "subnet-5678abcd"], security_groups=["sg-1"], assign_public_ip="ENABLED")
FULL = AppSpec(
    container="SampleApplicationName",
    port=80,
    platform_version="LATEST",
    network=replace(NETWORK, security_groups=["sg-12345678"]),
    capacity_providers=[
        CapacityProvider(base=1, provider="FARGATE_SPOT", weight=2),
        CapacityProvider(provider="FARGATE"),
    ],
    hooks=Hooks(
        before_install="LambdaFunctionToValidateBeforeInstall",
        after_install="LambdaFunctionToValidateAfterInstall",
        after_allow_test_traffic="LambdaFunctionToValidateAfterTestTrafficStarts",
        before_allow_traffic="LambdaFunctionToValidateBeforeAllowingProductionTraffic",
        after_allow_traffic="LambdaFunctionToValidateAfterAllowingProductionTraffic",
    ),
)

# https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-example.html
DOCUMENTED = """\
version: 0.0
Resources:
  - TargetService:
      Type: AWS::ECS::Service
      Properties:
        TaskDefinition: "arn:aws:ecs:us-east-1:111222333444:task-definition/my-task-definition-family-name:1"
        LoadBalancerInfo:
          ContainerName: "SampleApplicationName"
          ContainerPort: 80
# Optional properties
        PlatformVersion: "LATEST"
        NetworkConfiguration:
          AwsvpcConfiguration:
            Subnets: ["subnet-1234abcd","subnet-5678abcd"]
            SecurityGroups: ["sg-12345678"]
            AssignPublicIp: "ENABLED"
        CapacityProviderStrategy:
          - Base: 1
            CapacityProvider: "FARGATE_SPOT"
            Weight: 2
          - Base: 0
            CapacityProvider: "FARGATE"
            Weight: 1
Hooks:
  - BeforeInstall: "LambdaFunctionToValidateBeforeInstall"
  - AfterInstall: "LambdaFunctionToValidateAfterInstall"
  - AfterAllowTestTraffic: "LambdaFunctionToValidateAfterTestTrafficStarts"
  - BeforeAllowTraffic: "LambdaFunctionToValidateBeforeAllowingProductionTraffic"
  - AfterAllowTraffic: "LambdaFunctionToValidateAfterAllowingProductionTraffic"
"""


def test_the_content_is_that_of_the_documentations_example_in_its_order() -> None:
    documented = yaml.safe_load(DOCUMENTED)
    [resource] = documented["Resources"]
    made = FULL.content(resource["TargetService"]["Properties"]["TaskDefinition"])
    assert json.dumps(made) == json.dumps(documented)
    assert yaml.safe_load(dump(made)) == documented


def test_the_text_has_the_placeholder_as_it_is_the_version_with_its_point_and_the_port_as_a_number() -> None:
    assert dump(APP.content("<TASK_DEFINITION>")) == (
        "version: 0.0\n"
        "Resources:\n"
        "- TargetService:\n"
        "    Type: AWS::ECS::Service\n"
        "    Properties:\n"
        "      TaskDefinition: <TASK_DEFINITION>\n"
        "      LoadBalancerInfo:\n"
        "        ContainerName: app\n"
        "        ContainerPort: 3000\n"
    )


def test_hooks_are_those_given() -> None:
    hooks = Hooks(after_allow_traffic="Notify", before_install=Ref("Function"))
    content = replace(APP, hooks=hooks).content("<TASK_DEFINITION>")
    assert content["Hooks"] == [{"BeforeInstall": Ref("Function")}, {"AfterAllowTraffic": "Notify"}]


def codes_and_paths(appspec: AppSpec) -> list[tuple[str, str]]:
    return [(problem.code, spell(problem.path)) for problem in (*constraints(appspec), *appspec.problems())]


def providers(*bases_and_weights: tuple[int, int]) -> AppSpec:
    made = [
        CapacityProvider(provider=f"fleet-{number}", base=base, weight=weight)
        for number, (base, weight) in enumerate(bases_and_weights)
    ]
    return replace(APP, capacity_providers=made)


@pytest.mark.parametrize(
    "appspec",
    [
        APP,
        FULL,
        replace(APP, port=1),
        replace(APP, port=65535),
        replace(APP, network=replace(NETWORK, subnets=numbered("subnet", 16), security_groups=numbered("sg", 5))),
        providers((0, 1)),
        providers((100_000, 1_000), (0, 0)),
        providers(*[(0, 1)] * 20),
        replace(APP, hooks=Hooks(before_install="arn:aws:lambda:eu-west-1:111122223333:function:check:live")),
        replace(APP, hooks=Hooks(before_install="arn:aws-us-gov:lambda:us-gov-west-1:111122223333:function:check")),
        replace(APP, hooks=Hooks(before_install="f" * 64)),
        replace(APP, hooks=Hooks(before_install=Ref("Function"))),
    ],
)
def test_what_codedeploy_takes_has_no_problems(appspec: AppSpec) -> None:
    assert codes_and_paths(appspec) == []


@pytest.mark.parametrize(
    ("appspec", "code", "path"),
    [
        (providers((1, 1), (0, 1), (2, 1)), "appspec-capacity", "capacity_providers[2].base"),
        (providers((0, 0), (1, 0)), "appspec-capacity", "capacity_providers"),
        *(
            (replace(APP, hooks=Hooks(after_install=function)), "wrong-reference", "hooks.after_install")
            for function in ("", "my function", "f" * 65, "arn:aws:sns:eu-west-1:111122223333:topic", "check.handler")
        ),
    ],
)
def test_what_codedeploy_would_reject_is_reported_where_it_is(appspec: AppSpec, code: str, path: str) -> None:
    assert codes_and_paths(appspec) == [(code, path)]
    [problem] = (*constraints(appspec), *appspec.problems())
    assert problem.fix or " must " in problem.text


def test_data_is_read_as_the_same_value() -> None:
    data = {
        "container": "app",
        "port": 3000,
        "network": {
            "subnets": ["subnet-1234abcd", "subnet-5678abcd"],
            "security_groups": ["sg-1"],
            "assign_public_ip": "ENABLED",
        },
        "capacity_providers": [{"provider": "FARGATE_SPOT", "base": 1}],
        "hooks": {"before_install": {"Ref": "Function"}},
    }
    assert read_as(AppSpec, data) == AppSpec(
        container="app",
        port=3000,
        network=NETWORK,
        capacity_providers=[CapacityProvider(provider="FARGATE_SPOT", base=1)],
        hooks=Hooks(before_install=Ref("Function")),
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"version": 0.0},
        {"port": "3000"},
        {"network": {"subnets": ["subnet-1"], "security_groups": ["sg-1"]}},
        {"network": {"subnets": ["subnet-1"], "assign_public_ip": "ENABLED"}},
        {"network": {"security_groups": ["sg-1"], "assign_public_ip": "ENABLED"}},
        {"hooks": {"before_instal": "check"}},
    ],
)
def test_wrong_data_is_rejected(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidDefinition) as refusal:
        read_as(AppSpec, {"container": "app", "port": 3000, **wrong})
    assert len(refusal.value.problems) == 1
