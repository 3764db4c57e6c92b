"""Outputs of other stacks: what the names of exports tell, and where fields take them for something else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import yaml

from pipegen import check, render
from pipegen.loading.definition import read
from pipegen.references import kinds
from pipegen.references.forms import Form
from pipegen.references.imports import promised
from pipegen.services.exports import EXPORTED
from pipegen.stacks.exports import export_name

ROLES = (kinds.ROLE_NAME, kinds.ROLE)


@pytest.mark.parametrize(
    ("name", "wanted", "told"),
    [
        ("platform-VpcId", [kinds.SUBNET], "the ID of a VPC"),
        ("PLATFORM_VPC_ID", [kinds.SUBNET], "the ID of a VPC"),
        ("platform:Vpc", [kinds.SUBNET], "a VPC"),
        ("platform-PublicSubnet1", [kinds.SECURITY_GROUP], "a subnet"),
        ("platform-PrivateSubnetIds", [kinds.SECURITY_GROUP], "the ID of a subnet"),
        ("platform-TargetGroupArn", [kinds.LISTENER], "the ARN of a target group"),
        ("platform-ClusterArn", [kinds.CLUSTER], "an ARN"),
        ("platform-NamespaceName", [kinds.NAMESPACE], "a name"),
        ("platform-NamespaceId", [kinds.NAMESPACE_NAME, kinds.NAMESPACE_ARN], "the ID of a Cloud Map namespace"),
        ("delivery-EventRoleArn", [kinds.TOPIC], "the ARN of a role"),
    ],
)
def test_the_name_of_an_export_tells_what_it_is(name: str, wanted: Sequence[Form], told: str) -> None:
    assert promised(name).excludes(wanted) == told


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("platform-VpcId", [kinds.VPC]),
        ("platform-VPCId", [kinds.VPC]),
        ("platform-ServiceSecurityGroup", [kinds.SECURITY_GROUP]),
        ("platform-SubnetList", [kinds.SUBNET]),
        ("platform-TaskRoleArn", ROLES),
        ("platform-TaskRole", ROLES),
        ("platform-HttpsListener", [kinds.APPLICATION_LISTENER]),
        ("platform-AliasArn", [kinds.FUNCTION]),
        ("platform-KeyId", [kinds.KEY]),
        ("platform-ServiceId", [kinds.SERVICE]),
        ("platform-ArtifactBucket", [kinds.CLUSTER]),
        ("platform-BoundaryArn", [kinds.POLICY]),
        ("platform-FileSystemId", [kinds.FSX_FILE_SYSTEM]),
        ("platform", [kinds.SUBNET]),
        ("", [kinds.SUBNET]),
    ],
)
def test_an_export_may_be_what_its_name_does_not_exclude(name: str, wanted: Sequence[Form]) -> None:
    assert promised(name).excludes(wanted) == ""


SHOP = """
name: shop
services:
  web:
    cluster: {name: main, create: true}
    network: {vpc_id: vpc-0a1b2c3d, subnets: [subnet-0a1b2c3d, subnet-0a1b2c3e]}
    load_balancer: {certificate: CERTIFICATE, test_port: 8443}
    deployment: {kind: blue-green}
    task_definition: {cpu: 256, memory: 512, containers: [{name: web, image: nginx, ports: [8080]}]}
pipeline:
  stages:
  - {name: Source, actions: [{kind: codecommit, name: App, repository: shop, branch: main}]}
  - {name: Test, actions: [{kind: codebuild, name: Test, commands: [make test]}]}
""".replace("CERTIFICATE", "arn:aws:acm:eu-west-1:123456789012:certificate/8e3b7a54-6f4c-4f0e-9a55-0f6b7a1d9b0e")


def test_the_exports_of_services_are_the_resources_that_checks_take_them_for() -> None:
    [web] = [stack.document for stack in render(read(yaml.safe_load(SHOP))).stacks if stack.name == "shop-web"]
    found = {}
    for name, output in web["Outputs"].items():
        if "Export" in output:
            assert output["Export"]["Name"] == export_name("shop-web", name)
            found[name] = source_of(output["Value"], web["Resources"])
    assert found == EXPORTED


def source_of(value: Mapping[str, Any], resources: Mapping[str, Any]) -> str:
    """The type of the resource that an output refers to, and the attribute."""
    logical_id, *attribute = value.get("Fn::GetAtt", [value.get("Ref")])
    return ".".join([resources[logical_id]["Type"], *attribute])


def test_an_import_of_another_export_of_the_definition_is_told() -> None:
    [source, test] = (
        {"name": "Source", "actions": [{"kind": "codecommit", "name": "App", "repository": "shop", "branch": "main"}]},
        {
            "name": "Test",
            "actions": [
                {
                    "kind": "ecs-deploy",
                    "name": "Deploy",
                    "cluster": {"Fn::ImportValue": "shop-web-ListenerArn"},
                    "service": {"Fn::ImportValue": "shop-web-LoadBalancerFullName"},
                }
            ],
        },
    )
    data = yaml.safe_load(SHOP) | {"pipeline": {"stages": [source, test]}}
    told = [each.text.partition(", got ")[2] for each in check(read(data)) if each.code == "wrong-import"]
    assert told == [
        "!ImportValue shop-web-ListenerArn, the ARN of a listener",
        "!ImportValue shop-web-LoadBalancerFullName, the LoadBalancerFullName of an "
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
    ]
