"""Expressions of actions in other accounts and regions: the stack of the pipeline has the values of the environment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from pipegen import InvalidDefinition, render
from pipegen.loading.definition import read

ACCOUNT, REGION = {"Ref": "AWS::AccountId"}, {"Ref": "AWS::Region"}
HERE = {"Fn::Sub": "site-${AWS::AccountId}-${AWS::Region}-${Stage}"}
THERE = "site-222222222222-us-east-1-production"
SOURCE = {"kind": "codecommit", "name": "App", "repository": "app", "branch": "main"}
PARAMETERS = {
    "Stage": {"Type": "String", "Default": "tools"},
    "Same": {"Type": "String", "Default": "same"},
    "Names": {"Type": "CommaDelimitedList", "Default": "aaa,bbb"},
    "Size": {"Type": "Number", "Default": "256"},
}
ENVIRONMENTS: dict[str, dict[str, Any]] = {
    "tools": {"account": "111111111111", "region": "eu-west-1"},
    "shop": {
        "account": "222222222222",
        "region": "us-east-1",
        "parameters": {"Stage": "production", "Names": ["ccc", "ddd"], "Size": "512"},
    },
}


def templates(*actions: Mapping[str, Any], sources: Any = (SOURCE,), **fields: Any) -> dict[str, dict[str, Any]]:
    pipeline = {"stages": [{"name": "Source", "actions": [*sources]}, {"name": "Last", "actions": [*actions]}]}
    settings = {"environments": ENVIRONMENTS, "pipelines": "tools", "artifacts": {"create_key": True}}
    data = {"name": "app", "parameters": PARAMETERS, "pipeline": pipeline, **settings, **fields}
    return {each.name: json.loads(json.dumps(each.document)) for each in render(read(data)).stacks}


def configuration(name: str, *actions: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    pipeline = templates(*actions, **fields)["app-pipeline"]["Resources"]["Pipeline"]["Properties"]
    [found] = [each for stage in pipeline["Stages"] for each in stage["Actions"] if each["Name"] == name]
    settings: dict[str, Any] = found["Configuration"]
    return settings


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (HERE, THERE),
        ({"Ref": "Stage"}, "production"),
        ({"Ref": "Same"}, {"Ref": "Same"}),
        ({"Fn::Sub": ["${X}-${Stage}", {"X": REGION}]}, {"Fn::Sub": ["${X}-production", {"X": "us-east-1"}]}),
        ({"Fn::Join": ["-", {"Ref": "Names"}]}, {"Fn::Join": ["-", ["ccc", "ddd"]]}),
        ({"Fn::Select": [1, {"Ref": "Names"}]}, {"Fn::Select": [1, ["ccc", "ddd"]]}),
    ],
)
def test_a_deployment_elsewhere_writes_to_the_bucket_of_its_environment(value: Any, written: Any) -> None:
    site = {"kind": "s3-deploy", "name": "Site", "bucket": value, "input": "App", "runs_in": "shop"}
    assert configuration("Site", site)["BucketName"] == written


def test_actions_of_the_pipeline_keep_their_expressions() -> None:
    site = {"kind": "s3-deploy", "name": "Site", "bucket": HERE, "input": "App"}
    assert configuration("Site", site)["BucketName"] == HERE


def test_texts_that_contain_values_have_those_of_the_environment() -> None:
    build = {
        "kind": "codebuild",
        "name": "Test",
        "commands": ["make"],
        "input": "App",
        "action_environment": {"A": ACCOUNT, "S": {"Ref": "Stage"}},
        "runs_in": "shop",
    }
    variables = json.loads(configuration("Test", build)["EnvironmentVariables"])
    assert {each["name"]: each["value"] for each in variables} == {"A": "222222222222", "S": "production"}
    extra = {"kind": "action", "name": "Own", "category": "Deploy", "provider": "AppConfig", "inputs": ["App"]}
    own = {**extra, "configuration": {"Application": {"Ref": "Stage"}}, "grants": [], "runs_in": "shop"}
    assert configuration("Own", own)["Application"] == "production"


def test_commands_have_the_values_of_the_environment() -> None:
    image = {"kind": "docker-build", "name": "Image", "images": [{"container": "app", "repository": "app"}]}
    record = {
        "kind": "record-images",
        "name": "Record",
        "parameters": {"app": {"Fn::Sub": "/app/${Stage}"}},
        "input": "Image",
        "source": "image-definitions",
        "runs_in": "shop",
        "run_order": 9,
    }
    pipeline = json.dumps(templates(image, record)["app-pipeline"]["Resources"]["Pipeline"])
    assert "/app/production" in pipeline
    assert "${Stage}" not in pipeline


def test_the_rule_of_a_source_elsewhere_expects_the_names_of_the_environment() -> None:
    near = {"account": "222222222222", "region": "eu-west-1", "parameters": {"Stage": "production"}}
    bucket = {"Fn::Sub": "src-${AWS::AccountId}-${Stage}"}
    source = {"kind": "s3", "name": "App", "bucket": bucket, "key": "app.zip", "runs_in": "near"}
    found = templates(
        {"kind": "codebuild", "name": "Test", "commands": ["make"]},
        sources=[source],
        environments={**ENVIRONMENTS, "near": near},
    )
    [rule] = [each for each in found["app-pipeline"]["Resources"].values() if each["Type"] == "AWS::Events::Rule"]
    assert "src-222222222222-production" in json.dumps(rule["Properties"]["EventPattern"])
    assert "${" not in json.dumps(rule["Properties"]["EventPattern"])
    support = found["app-support-222222222222-eu-west-1"]["Resources"]
    assert json.dumps(bucket) in json.dumps(support)


def test_codedeploy_registers_the_task_definition_of_the_environment() -> None:
    container = {"name": "app", "ports": [8080], "environment": {"R": REGION, "STAGE": {"Ref": "Stage"}}}
    service = {
        "environment": "shop",
        "cluster": {"Ref": "Stage"},
        "network": {"vpc_id": "vpc-0a1b2c3d", "subnets": ["subnet-0a1b2c3d", "subnet-0a1b2c3e"]},
        "load_balancer": {},
        "deployment": {"kind": "codedeploy", "alarms": []},
        "task_definition": {"cpu": {"Ref": "Size"}, "memory": 1024, "containers": [container]},
    }
    image = {"kind": "docker-build", "name": "Image", "images": [{"container": "app", "repository": "app"}]}
    deploy = {"kind": "ecs-deploy", "name": "Deploy", "service": "web", "run_order": 9}
    found = templates(image, deploy, services={"web": service})
    project = found["app-pipeline"]["Resources"]["ImageProject"]["Properties"]
    assert '"cpu": "512"' in project["Source"]["BuildSpec"]
    assert '"value": "us-east-1"' in project["Source"]["BuildSpec"]
    variables = json.dumps(project["Environment"])
    assert not any(name in variables for name in ("Size", "Stage"))


def test_the_support_stack_trusts_the_role_that_the_parameter_names_in_the_account_of_the_pipeline() -> None:
    arn = "arn:aws:iam::111111111111:role/delivery"
    site = {"kind": "s3-deploy", "name": "Site", "bucket": "site", "input": "App", "runs_in": "shop"}
    found = templates(
        site,
        parameters={"Role": {"Type": "String"}},
        environments={**ENVIRONMENTS, "tools": {**ENVIRONMENTS["tools"], "parameters": {"Role": arn}}},
        pipeline={
            "role": {"Ref": "Role"},
            "stages": [{"name": "Source", "actions": [SOURCE]}, {"name": "Last", "actions": [site]}],
        },
    )
    role = found["app-support-222222222222-us-east-1"]["Resources"]["ActionRole"]["Properties"]
    assert arn in json.dumps(role["AssumeRolePolicyDocument"])
    assert "Role" not in found["app-support-222222222222-us-east-1"].get("Parameters", {})


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"Fn::ImportValue": "site"}, "!ImportValue"),
        ({"Fn::Sub": "x-${AWS::StackName}"}, "AWS::StackName"),
        ("site-{{resolve:ssm:/site}}", "{{resolve:ssm:/site}}"),
        ({"Fn::If": ["IsShop", "aaa", "bbb"]}, "the condition IsShop"),
    ],
)
def test_a_value_that_is_known_only_in_the_environment_is_reported_at_its_field(value: Any, words: str) -> None:
    site = {"kind": "s3-deploy", "name": "Site", "bucket": value, "input": "App", "runs_in": "shop"}
    with pytest.raises(InvalidDefinition) as raised:
        templates(site, conditions={"IsShop": {"Fn::Equals": [{"Ref": "Stage"}, "production"]}})
    [problem] = [each for each in raised.value.problems if each.code == "environment-value"]
    assert problem.path == ("pipeline", "stages", 1, "actions", 0, "bucket")
    assert problem.text == f"bucket refers to {words}, which the pipeline resolves in tools, and not in shop"


def test_a_condition_with_the_same_result_in_both_environments_is_kept() -> None:
    value = {"Fn::If": ["IsSame", "aaa", "bbb"]}
    site = {"kind": "s3-deploy", "name": "Site", "bucket": value, "input": "App", "runs_in": "shop"}
    conditions = {"IsSame": {"Fn::Equals": [{"Ref": "Same"}, "same"]}}
    assert configuration("Site", site, conditions=conditions)["BucketName"] == value


def test_variables_of_commands_have_the_values_of_the_environment() -> None:
    commands = {"kind": "commands", "name": "Test", "commands": ["make"], "input": "App", "runs_in": "shop"}
    pipeline = templates({**commands, "environment": {"A": ACCOUNT}})["app-pipeline"]["Resources"]["Pipeline"]
    assert '"Value": "222222222222"' in json.dumps(pipeline)
    with pytest.raises(InvalidDefinition) as raised:
        templates({**commands, "environment": {"A": {"Fn::ImportValue": "a"}}})
    [problem] = [each for each in raised.value.problems if each.code == "environment-value"]
    assert problem.path == ("pipeline", "stages", 1, "actions", 0, "environment", "A")


STORE = {"Bucket": {"Type": "String", "Default": "tools-artifacts"}}


def test_support_stacks_use_the_existing_bucket_of_the_pipeline() -> None:
    near = {"account": "222222222222", "region": "eu-west-1", "parameters": {"Bucket": "other"}}
    site = {"kind": "s3-deploy", "name": "Site", "bucket": "site", "input": "App", "runs_in": "near"}
    key = "arn:aws:kms:eu-west-1:111111111111:key/0a1b2c3d-1111-2222-3333-444455556666"
    store = {"bucket": {"Ref": "Bucket"}, "key_arn": key}
    environments = {**ENVIRONMENTS, "near": near}
    found = templates(site, parameters=STORE, environments=environments, artifacts=store)
    support = found["app-support-222222222222-eu-west-1"]
    assert ":s3:::tools-artifacts/*" in json.dumps(support["Resources"])
    assert "Bucket" not in support.get("Parameters", {})
    with pytest.raises(InvalidDefinition) as raised:
        templates(site, environments=environments, artifacts={**store, "bucket": {"Fn::ImportValue": "bucket"}})
    [problem] = [each for each in raised.value.problems if each.code == "environment-value"]
    assert problem.path == ("artifacts", "bucket")
