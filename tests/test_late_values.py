"""Values that CloudFormation or CodePipeline fills in later: `{{resolve:…}}`, `#{…}`, `!If`."""

from __future__ import annotations

from typing import Any

import pytest

from tests.templates import BUILD, allowed, definition, resources, statements
from tests.test_services import definition as service
from tests.test_services import documents, edited

STATIC = "{{resolve:ssm:/shop/%s}}"


def test_a_dynamic_reference_stands_where_a_network_is_named() -> None:
    changes = {
        "vpc-0a1b2c3d": f"'{STATIC % 'vpc'}'",
        "[subnet-0a1b2c3d, subnet-0a1b2c3e]": f"['{STATIC % 'subnet-a'}', '{STATIC % 'subnet-b'}']",
        "cluster: main": f"cluster: '{STATIC % 'cluster'}'",
    }
    web = documents(edited(service(), changes))["shop-web"]["Resources"]["Service"]["Properties"]
    assert web["Cluster"] == STATIC % "cluster"
    assert web["NetworkConfiguration"]["AwsvpcConfiguration"]["Subnets"] == [STATIC % "subnet-a", STATIC % "subnet-b"]


def test_a_dynamic_reference_stands_for_a_listener() -> None:
    balancer = (
        f"{{listener: '{STATIC % 'listener'}', security_group: '{STATIC % 'sg'}', rule: {{priority: 1, path: /}}}}"
    )
    rules = documents(service(balancer=balancer))["shop-web"]["Resources"].values()
    [rule] = [each["Properties"] for each in rules if each["Type"] == "AWS::ElasticLoadBalancingV2::ListenerRule"]
    assert rule["ListenerArn"] == STATIC % "listener"


def test_a_dynamic_reference_stands_for_what_a_pipeline_uses() -> None:
    connection = STATIC % "connection"
    source = {"kind": "github", "name": "App", "repository": "acme/app", "branch": "main", "connection": connection}
    deploy = {"kind": "ecs-deploy", "name": "Deploy", "cluster": STATIC % "cluster", "service": STATIC % "service"}
    described = definition(source, deploy=deploy | {"roles": [STATIC % "role"]}, artifacts={"key_arn": STATIC % "key"})
    role = resources(described, "AWS::IAM::Role")["PipelineRole"]
    assert connection in allowed(role, "codeconnections:UseConnection")
    assert STATIC % "role" in allowed(role, "iam:PassRole")
    assert STATIC % "key" in allowed(role, "kms:Decrypt")


ECS = {"kind": "ecs-deploy", "name": "Deploy", "roles": ["app"]}
PLANNED = {"Cluster": {"default": "main"}, "Service": {"default": "web"}}


@pytest.mark.parametrize(
    ("deploy", "action", "resource"),
    [
        (
            ECS | {"cluster": "#{variables.Cluster}", "service": "#{variables.Service}"},
            "ecs:UpdateService",
            {"Fn::Sub": "arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:service/*/*"},
        ),
        (
            ECS | {"cluster": {"Fn::Sub": "${AWS::StackName}-#{variables.Cluster}"}, "service": "web"},
            "ecs:UpdateService",
            {"Fn::Sub": "arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:service/${AWS::StackName}-*/web"},
        ),
    ],
)
def test_a_variable_is_a_wildcard_in_the_permission_for_it(deploy: dict[str, Any], action: str, resource: Any) -> None:
    described = definition(deploy=deploy)
    described["pipeline"] |= {"variables": PLANNED}
    role = resources(described, "AWS::IAM::Role")["PipelineRole"]
    assert allowed(role, action) == [resource]
    assert "#{" not in str([*statements(role)])


IMAGES = {
    "curated": ({"Fn::Sub": "aws/codebuild/${Image}"}, "CODEBUILD"),
    "own": (
        {"Fn::Sub": "${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/tools/build:${Image}"},
        "SERVICE_ROLE",
    ),
    "public": ({"Fn::Join": [":", ["public.ecr.aws/docker/library/node", {"Ref": "Image"}]]}, "CODEBUILD"),
}


@pytest.mark.parametrize(("image", "credentials"), IMAGES.values(), ids=IMAGES.keys())
def test_an_expression_that_shows_the_registry_is_pulled_as_an_image_of_it(image: Any, credentials: str) -> None:
    described = definition(build=BUILD | {"image": image}, parameters={"ConnectionArn": {}, "Image": {}})
    found = resources(described)
    assert found["ImageProject"]["Environment"]["ImagePullCredentialsType"] == credentials
    pulled = allowed(found["ImageProjectRole"], "ecr:BatchGetImage")
    own = {"Fn::Sub": "arn:${AWS::Partition}:ecr:${AWS::Region}:${AWS::AccountId}:repository/tools/build"}
    assert (own in pulled) == (credentials == "SERVICE_ROLE")
