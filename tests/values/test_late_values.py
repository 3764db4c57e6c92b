"""Values that CloudFormation or CodePipeline fills in later: `{{resolve:…}}`, `#{…}`, `!If`."""

from __future__ import annotations

import contextlib
import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from pipegen import InvalidDefinition, check, render
from pipegen.loading.definition import read
from pipegen.loading.yaml.parsing import parse
from tests.seeds import SEEDS
from tests.services.test_services import definition as service
from tests.services.test_services import documents, edited
from tests.templates import BUILD, allowed, definition, resources, statements

APPROVAL = {"kind": "approval", "name": "Ask"}
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


def test_a_dynamic_reference_can_name_a_listener() -> None:
    shared = f"listener: '{STATIC % 'listener'}', security_group: '{STATIC % 'sg'}'"
    balancer = f"{{{shared}, priority: 1, path_patterns: ['/*']}}"
    rules = documents(service(balancer=balancer))["shop-web"]["Resources"].values()
    [rule] = [each["Properties"] for each in rules if each["Type"] == "AWS::ElasticLoadBalancingV2::ListenerRule"]
    assert rule["ListenerArn"] == STATIC % "listener"


def test_a_dynamic_reference_can_name_what_a_pipeline_uses() -> None:
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


@pytest.mark.parametrize("later", ["#{variables.X}", "{{resolve:ssm:/shop/value}}"])
@pytest.mark.parametrize(
    "wrap",
    [
        lambda text: text,
        lambda text: {"Fn::Sub": "${AWS::StackName}-" + text},
        lambda text: {"Fn::Join": ["-", [{"Ref": "AWS::StackName"}, text]]},
        lambda text: {"Fn::Select": [1, ["a", text]]},
    ],
    ids=["text", "Sub", "Join", "Select"],
)
def test_no_reference_or_grant_rejects_what_is_filled_in_later(wrap: Any, later: str) -> None:
    value = wrap(later)
    deploy = ECS | {"cluster": value, "service": value, "roles": [value]}
    grant = {"actions": ["sqs:SendMessage"], "resources": [{"Fn::Join": ["", ["arn:aws:sqs:*:*:", value]]}]}
    described = definition(build=BUILD | {"grants": [grant]}, deploy=deploy)
    described["pipeline"] |= {"variables": {"X": {"default": "x"}}}
    problems = check(read(described))
    assert not [each for each in problems if each.code in ("wrong-reference", "wrong-form", "grant-resource")]


def test_a_list_may_be_chosen_by_a_condition() -> None:
    chosen = {"Fn::If": ["IsProduction", [{"Fn::ImportValue": "production-sg"}], ["sg-0a1b2c3d"]]}
    described = definition(
        build=BUILD | {"vpc": VPC | {"security_groups": chosen}},
        parameters={"ConnectionArn": {}, "VpcId": {}, "Stage": {}, "Subnets": LISTS["Subnets"]},
        conditions={"IsProduction": {"Fn::Equals": [{"Ref": "Stage"}, "production"]}},
    )
    assert resources(described)["ImageProject"]["VpcConfig"]["SecurityGroupIds"] == chosen


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


def test_the_platform_of_an_image_is_known_only_from_its_name() -> None:
    arm = BUILD | {"platform": "arm64", "image": {"Fn::Sub": "aws/codebuild/${Image}"}}
    assert not check(read(definition(build=arm, parameters={"ConnectionArn": {}, "Image": {}})))


VPC = {"vpc_id": {"Ref": "VpcId"}, "subnets": {"Ref": "Subnets"}, "security_groups": {"Ref": "Groups"}}
LISTS = {"Subnets": {"Type": "List<AWS::EC2::Subnet::Id>"}, "Groups": {"Type": "CommaDelimitedList"}}


def test_a_build_takes_its_subnets_and_security_groups_from_list_parameters() -> None:
    parameters = {"ConnectionArn": {}, "VpcId": {}, **LISTS}
    found = resources(definition(build=BUILD | {"vpc": VPC}, parameters=parameters))
    assert found["ImageProject"]["VpcConfig"] == {
        "VpcId": {"Ref": "VpcId"},
        "Subnets": {"Ref": "Subnets"},
        "SecurityGroupIds": {"Ref": "Groups"},
    }
    [condition] = [
        each["Condition"]["ArnEquals"]["ec2:Subnet"]
        for each in statements(found["ImageProjectRole"])
        if "ec2:CreateNetworkInterfacePermission" in each["Action"]
    ]
    assert condition == {
        "Fn::Split": [
            ",",
            {"Fn::Join": ["", ["arn:*:ec2:*:*:subnet/", {"Fn::Join": [",arn:*:ec2:*:*:subnet/", {"Ref": "Subnets"}]}]]},
        ]
    }


def test_a_source_in_a_bucket_with_a_customer_managed_key_is_decrypted_with_it() -> None:
    source = {"kind": "s3", "name": "App", "bucket": "releases", "key": "app.zip", "encryption_key": {"Ref": "KeyArn"}}
    role = resources(definition(source, parameters={"KeyArn": {}}), "AWS::IAM::Role")["PipelineRole"]
    assert {"Ref": "KeyArn"} in allowed(role, "kms:Decrypt")


@pytest.mark.parametrize("clone", ["full", "zip"])
def test_commands_use_git_in_a_full_clone_with_the_credentials_of_the_source(clone: str) -> None:
    source = {"kind": "codecommit", "name": "App", "repository": "app", "branch": "main", "clone": clone}
    build = {"kind": "codebuild", "name": "Test", "commands": ["git fetch --tags", "make"]}
    described = definition(source, build, APPROVAL, parameters={})
    text = resources(described)["TestProject"]["Source"]["BuildSpec"]
    assert ("git-credential-helper: yes" in text) == (clone == "full")


def test_a_build_may_read_its_buildspec_from_a_bucket() -> None:
    build = {"kind": "codebuild", "name": "Test", "buildspec": "arn:aws:s3:::specs/app/buildspec.yml"}
    role = resources(definition(build=build, deploy=APPROVAL))["TestProjectRole"]
    assert "arn:aws:s3:::specs/app/buildspec.yml" in allowed(role, "s3:GetObject")
    assert "arn:aws:s3:::specs" in allowed(role, "s3:GetBucketLocation")


LATER = "{{resolve:ssm:/shop/value}}"
BALANCED = {
    "'/*'": f"'{LATER}'",
    "priority: 1": f"priority: 1, source_ips: ['{LATER}'], target_group: {{health_check: {{path: '{LATER}'}}}}",
}


def test_a_dynamic_reference_stands_in_the_conditions_of_a_rule_and_in_a_health_check() -> None:
    shared = "listener: !Ref Listener, security_group: sg-0a1b2c3d, priority: 1, path_patterns: ['/*']"
    balancer = edited(f"{{{shared}}}", BALANCED)
    text = f"parameters: {{Listener: {{}}}}\n{service(balancer=balancer)}"
    found = documents(text)["shop-web"]["Resources"].values()
    [group] = [each["Properties"] for each in found if each["Type"] == "AWS::ElasticLoadBalancingV2::TargetGroup"]
    [rule] = [each["Properties"] for each in found if each["Type"] == "AWS::ElasticLoadBalancingV2::ListenerRule"]
    assert group["HealthCheckPath"] == LATER
    assert {"Field": "path-pattern", "PathPatternConfig": {"Values": [LATER]}} in rule["Conditions"]
    assert {"Field": "source-ip", "SourceIpConfig": {"Values": [LATER]}} in rule["Conditions"]


def test_a_dynamic_reference_can_be_the_name_of_a_load_balancer() -> None:
    found = documents(service(balancer=f"{{name: '{LATER}'}}"))["shop-web"]["Resources"]
    assert found["LoadBalancer"]["Properties"]["Name"] == LATER


def test_a_dynamic_reference_can_be_the_hours_of_a_deployment() -> None:
    described = definition()
    window = {"kind": "deployment-window", "name": "Hours", "cron": LATER, "time_zone": LATER}
    described["pipeline"]["stages"][2]["before_entry"] = {"result": "FAIL", "rules": [window]}
    [pipeline] = resources(described, "AWS::CodePipeline::Pipeline").values()
    [rule] = pipeline["Stages"][2]["BeforeEntry"]["Conditions"][0]["Rules"]
    assert rule["Configuration"] == {"Cron": LATER, "TimeZone": LATER}


def _texts(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(data, str):
        yield path
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, item in items:
        yield from _texts(item, (*path, key))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(len(SEEDS)))
@pytest.mark.parametrize("later", [LATER, "#{variables.X}"])
def test_what_is_filled_in_later_is_accepted_or_rejected_in_any_field(seed: int, later: str) -> None:
    written = json.loads(json.dumps(parse(SEEDS[seed], "seed.yaml").data))
    for path in _texts(written):
        if "overrides" in path:
            continue
        changed = copy.deepcopy(written)
        holder = changed
        for key in path[:-1]:
            holder = holder[key]
        holder[path[-1]] = later
        with contextlib.suppress(InvalidDefinition):
            render(read(changed))
