"""Stacks of definitions with environments: what is in which account and region, and who may use it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from pipegen import Rendering, check, render
from pipegen.loading.definition import read
from tests.templates import BUILD, DEPLOY, SOURCE, definition, statements

TOOLS, STAGING, ABROAD = (
    {"account": "111111111111", "region": "eu-west-1"},
    {"account": "222222222222", "region": "eu-west-1"},
    {"account": "111111111111", "region": "us-east-1"},
)
ENVIRONMENTS = {"tools": TOOLS, "staging": STAGING, "abroad": ABROAD}
OWN, THERE, FAR = (
    "app-support-111111111111-eu-west-1",
    "app-support-222222222222-eu-west-1",
    "app-support-111111111111-us-east-1",
)
COMMIT = {"kind": "codecommit", "name": "App", "repository": "app", "branch": "main"}
TEST = {"kind": "codebuild", "name": "Test", "commands": ["make test"], "runs_in": "staging"}


def rendered(**fields: Any) -> Rendering:
    given = {"environments": ENVIRONMENTS, "pipelines": "tools", "artifacts": {"create_key": True}, **fields}
    return render(read(definition(**given)))


def templates(**fields: Any) -> dict[str, dict[str, Any]]:
    return {each.name: json.loads(json.dumps(each.document)) for each in rendered(**fields).stacks}


def deployed(environment: str = "staging") -> Mapping[str, Any]:
    return {**DEPLOY, "runs_in": environment}


def role_of(template: Mapping[str, Any], logical_id: str = "ActionRole") -> Mapping[str, Any]:
    found: Mapping[str, Any] = template["Resources"][logical_id]["Properties"]
    return found


def actions(template: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    stages = template["Resources"]["Pipeline"]["Properties"]["Stages"]
    return {action["Name"]: action for stage in stages for action in stage["Actions"]}


def trusted(account: str, name: str) -> dict[str, str]:
    return {"Fn::Sub": f"arn:${{AWS::Partition}}:iam::{account}:{name}"}


def test_an_action_in_another_account_runs_with_a_role_that_only_the_role_of_the_pipeline_assumes() -> None:
    found = templates(deploy=deployed())
    assert [*found] == [OWN, THERE, "app-pipeline"]
    [trust] = role_of(found[THERE])["AssumeRolePolicyDocument"]["Statement"]
    pipeline = trusted("111111111111", "role/app-pipeline-eu-west-1")
    assert trust == {
        "Effect": "Allow",
        "Principal": {"AWS": trusted("111111111111", "root")},
        "Action": ["sts:AssumeRole"],
        "Condition": {"ArnLike": {"aws:PrincipalArn": pipeline}},
    }
    role = role_of(found["app-pipeline"], "PipelineRole")
    assert role["RoleName"] == "app-pipeline-eu-west-1"
    there = trusted("222222222222", "role/app-actions-eu-west-1")
    assert role_of(found[THERE])["RoleName"] == "app-actions-eu-west-1"
    assert [each["Resource"] for each in statements(role) if each["Action"] == ["sts:AssumeRole"]] == [[there]]
    assert actions(found["app-pipeline"])["Deploy"]["RoleArn"] == there
    assert "Region" not in actions(found["app-pipeline"])["Deploy"]
    assert not {"RoleArn", "Region"} & {*actions(found["app-pipeline"])["Image"]}


def test_the_role_has_the_permissions_of_the_actions_that_run_there_and_the_role_of_the_pipeline_does_not() -> None:
    found = templates(deploy=deployed())
    there, here = (
        {action for each in statements(role) for action in each["Action"]}
        for role in (role_of(found[THERE]), role_of(found["app-pipeline"], "PipelineRole"))
    )
    deploying = {"ecs:UpdateService", "ecs:RegisterTaskDefinition", "iam:PassRole"}
    assert deploying < there
    assert not deploying & here
    assert "codebuild:StartBuild" in here - there


def test_the_policies_of_bucket_and_key_name_the_roles_of_other_accounts_in_their_region() -> None:
    found = templates(deploy=deployed(), build=BUILD, source=SOURCE, tags={"team": "shop"})[OWN]["Resources"]
    reader = [trusted("222222222222", "role/app-actions-eu-west-1")]
    policies = (
        found["ArtifactBucketPolicy"]["Properties"]["PolicyDocument"],
        found["ArtifactKey"]["Properties"]["KeyPolicy"],
    )
    for policy in policies:
        other = policy["Statement"][-1]
        assert other["Principal"] == {"AWS": [trusted("222222222222", "root")]}
        assert other["Condition"] == {"ArnLike": {"aws:PrincipalArn": reader}}
        assert not any("*" in str(each["Principal"]) for each in policy["Statement"] if each["Effect"] == "Allow")


def test_each_region_has_a_store_for_the_accounts_that_have_actions_there() -> None:
    far = {"account": "333333333333", "region": "us-east-1"}
    build: dict[str, Any] = {**TEST, "input": "App"}
    found = templates(
        environments={**ENVIRONMENTS, "far": far},
        source=COMMIT,
        build=build,
        deploy={**TEST, "name": "Far", "runs_in": "far"},
    )
    for stack, reader in ((OWN, "222222222222"), (FAR, "333333333333")):
        statement = found[stack]["Resources"]["ArtifactKey"]["Properties"]["KeyPolicy"]["Statement"][-1]
        assert statement["Principal"] == {"AWS": [trusted(reader, "root")]}


def test_a_build_in_another_account_has_its_project_there_and_a_role_that_may_read_artifacts() -> None:
    found = templates(source=COMMIT, build=TEST, deploy={**deployed("tools"), "input": "App"})
    assert "TestProject" in found[THERE]["Resources"]
    assert "TestProject" not in found["app-pipeline"]["Resources"]
    assert actions(found["app-pipeline"])["Test"]["Configuration"]["ProjectName"] == "app-Test"
    project = found[THERE]["Resources"]["TestProject"]["Properties"]
    assert project["EncryptionKey"] == {"Ref": "ArtifactKeyArn"}
    name = role_of(found[THERE], "TestProjectRole")["RoleName"]
    statement = found[OWN]["Resources"]["ArtifactKey"]["Properties"]["KeyPolicy"]["Statement"][-1]
    assert trusted("222222222222", f"role/{name}") in statement["Condition"]["ArnLike"]["aws:PrincipalArn"]


def test_a_further_region_has_a_bucket_and_a_key_and_needs_no_policies_for_other_accounts() -> None:
    found = templates(deploy=deployed("abroad"))
    assert [*found] == [OWN, FAR, "app-pipeline"]
    pipeline = found["app-pipeline"]["Resources"]["Pipeline"]["Properties"]
    stores = {each["Region"]: each["ArtifactStore"] for each in pipeline["ArtifactStores"]}
    assert {region: store["Location"] for region, store in stores.items()} == {
        region: f"app-artifacts-111111111111-{region}" for region in ("eu-west-1", "us-east-1")
    }
    assert stores["us-east-1"]["EncryptionKey"]["Id"] == {"Ref": "ArtifactKeyArnUsEast1"}
    assert "ArtifactStore" not in pipeline
    assert actions(found["app-pipeline"])["Deploy"]["Region"] == "us-east-1"
    assert len(found[FAR]["Resources"]["ArtifactKey"]["Properties"]["KeyPolicy"]["Statement"]) == 1


def test_a_further_region_needs_no_key() -> None:
    found = templates(deploy=deployed("abroad"), artifacts={})
    assert "ArtifactKey" not in found[FAR]["Resources"]
    assert "Parameters" not in found[FAR]
    assert [*found["app-pipeline"]["Parameters"]] == ["ConnectionArn"]


def test_an_existing_key_is_used_in_the_region_of_the_pipeline_and_further_regions_get_their_own() -> None:
    key = "arn:aws:kms:eu-west-1:111111111111:key/0c6b8b6e-4f63-4c6b-b0d2-0a1b2c3d4e5f"
    build = {**BUILD, "images": [{"container": "app", "repository": "app"}]}
    found = templates(build=build, deploy=deployed("abroad"), artifacts={"key_arn": key})
    stores = found["app-pipeline"]["Resources"]["Pipeline"]["Properties"]["ArtifactStores"]
    assert [store["ArtifactStore"]["EncryptionKey"]["Id"] for store in stores] == [
        key,
        {"Ref": "ArtifactKeyArnUsEast1"},
    ]
    assert "ArtifactKey" in found[FAR]["Resources"]
    assert "ArtifactKey" not in found[OWN]["Resources"]


@pytest.mark.parametrize(
    "source",
    [
        COMMIT,
        {"kind": "ecr", "name": "App", "repository": "app"},
        {"kind": "s3", "name": "App", "bucket": "acme-app", "key": "app.zip"},
    ],
    ids=lambda source: str(source["kind"]),
)
def test_a_source_in_another_account_sends_its_events_to_a_bus_that_starts_the_pipeline(source: dict[str, Any]) -> None:
    build = {"kind": "codebuild", "name": "Test", "input": "App", "commands": ["make test"]}
    approval = {"kind": "approval", "name": "Release"}
    found = templates(source={**source, "runs_in": "staging"}, build=build, deploy=approval)
    sending = found[THERE]["Resources"]["AppRule"]["Properties"]
    [target] = sending["Targets"]
    assert target["Arn"] == {
        "Fn::Sub": "arn:${AWS::Partition}:events:${AWS::Region}:111111111111:event-bus/app-sources"
    }
    assert target["RoleArn"] == {"Fn::GetAtt": ["EventRole", "Arn"]}
    starting = found["app-pipeline"]["Resources"]["AppRule"]["Properties"]
    assert starting["EventBusName"] == "app-sources"
    assert starting["EventPattern"] == {**sending["EventPattern"], "account": ["222222222222"]}
    if source is COMMIT:
        repository = "arn:${AWS::Partition}:codecommit:${AWS::Region}:222222222222:app"
        assert starting["EventPattern"]["resources"] == [{"Fn::Sub": repository}]
    bus = found[OWN]["Resources"]["EventBusPolicy"]["Properties"]["Statement"]
    assert bus["Principal"] == {"AWS": [trusted("222222222222", "root")]}
    assert bus["Action"] == "events:PutEvents"


def test_every_stack_knows_its_account_and_region_and_commands_name_both() -> None:
    stacks = rendered(deploy=deployed())
    assert [each.stack.environment.account_and_region for each in stacks.stacks if each.stack.environment] == [
        ("111111111111", "eu-west-1"),
        ("222222222222", "eu-west-1"),
        ("111111111111", "eu-west-1"),
    ]
    there = next(part for part in stacks.commands().split("\n# With") if THERE + ".yaml" in part)
    assert there.startswith(" credentials of the account 222222222222:\n")
    assert f"# ArtifactKeyArn is the output ArtifactKeyArn of {OWN}\n" in there
    assert "aws cloudformation deploy \\\n    --region eu-west-1 \\\n" in there


def test_commands_set_the_parameters_of_the_environment() -> None:
    tools = {**TOOLS, "parameters": {"ConnectionArn": "arn:aws:codeconnections:eu-west-1:111111111111:connection/a b"}}
    commands = rendered(deploy=deployed(), environments={**ENVIRONMENTS, "tools": tools}).commands()
    assert "'ConnectionArn=arn:aws:codeconnections:eu-west-1:111111111111:connection/a b'" in commands
    assert "ConnectionArn=VALUE" not in commands


def test_everything_in_the_account_and_region_of_the_pipeline_needs_no_support() -> None:
    with_environments = rendered(deploy=deployed("tools"))
    assert [each.name for each in with_environments.stacks] == ["app-pipeline"]
    assert "--region eu-west-1" in with_environments.commands()


def test_services_of_different_accounts_have_the_same_name_and_those_of_one_account_do_not() -> None:
    service = {
        "name": "web",
        "cluster": "main",
        "network": {"vpc_id": "vpc-0a1b2c3d", "subnets": ["subnet-0a1b2c3d"]},
        "task_definition": {"cpu": 256, "memory": 512, "containers": [{"name": "app", "ports": [80]}]},
    }
    services = {"staging": {**service, "environment": "staging"}, "tools": service}
    deploy = {"kind": "ecs-deploy", "name": "Deploy", "service": "staging"}

    def codes(services: Mapping[str, Any]) -> list[str]:
        given: dict[str, Any] = {"environments": ENVIRONMENTS, "pipelines": "tools", "artifacts": {"create_key": True}}
        problems = check(read(definition(deploy=deploy, services=services, **given)))
        return [each.code for each in problems if each.severity == "error"]

    assert "service-name" not in codes(services)
    assert "service-name" in codes({**services, "tools": {**service, "environment": "staging"}})


def test_an_arn_of_another_account_than_that_of_its_environment_is_reported() -> None:
    topic = "arn:aws:sns:eu-west-1:222222222222:releases"
    approval = {"kind": "approval", "name": "Release", "topic": topic}
    given: dict[str, Any] = {"environments": ENVIRONMENTS, "pipelines": "tools", "artifacts": {"create_key": True}}
    role = "arn:aws:iam::222222222222:role/tables"
    stack = {"kind": "cloudformation", "name": "Tables", "stack_name": "tables", "role": role, "runs_in": "staging"}
    build = {**stack, "template": {"path": "tables.yaml"}}
    problems = check(read(definition(build=build, deploy=approval, **given)))
    assert [each.path for each in problems if each.severity == "error"] == []  # a topic may be in another account
    wrong = {**approval, "topic": topic.replace("eu-west-1", "us-east-1")}
    problems = check(read(definition(build=build, deploy=wrong, **given)))
    assert [(each.code, each.path[-1]) for each in problems if each.severity == "error"] == [
        ("wrong-account-or-region", "topic")
    ]


def with_actions(*actions: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a pipeline that runs these actions after its build."""
    stages = [("Source", [SOURCE]), ("Build", [BUILD]), ("Deploy", actions)]
    return {"pipeline": {"stages": [{"name": name, "actions": [*map(dict, each)]} for name, each in stages]}}


def test_policies_name_existing_roles_of_other_accounts() -> None:
    build = {**TEST, "role": "delivery/builds"}
    scan = {"kind": "codebuild", "name": "Scan", "project": "scan", "role": "delivery/scans", "runs_in": "staging"}
    found = templates(**with_actions(build, scan))
    names = [trusted("222222222222", f"role/delivery/{name}") for name in ("builds", "scans")]
    for logical_id, policy in (("ArtifactBucketPolicy", "PolicyDocument"), ("ArtifactKey", "KeyPolicy")):
        statement = found[OWN]["Resources"][logical_id]["Properties"][policy]["Statement"][1]
        roles = statement["Condition"]["ArnLike"]["aws:PrincipalArn"]
        assert roles == [trusted("222222222222", "role/app-actions-eu-west-1"), *names], logical_id


def test_the_policy_of_a_repository_names_an_existing_execution_role_in_the_account_of_the_service() -> None:
    container = {"name": "app", "ports": [80]}
    web = {
        "environment": "staging",
        "cluster": "main",
        "network": {"vpc_id": "vpc-0a1b2c3d", "subnets": ["subnet-0a1b2c3d"]},
        "task_definition": {"cpu": 256, "memory": 512, "execution_role": "app/exec", "containers": [container]},
    }
    build = {**BUILD, "images": [{"container": "app", "repository": {"name": "app", "create": True}}]}
    deploy = {"kind": "ecs-deploy", "name": "Deploy", "service": "web"}
    registry = templates(build=build, deploy=deploy, services={"web": web})["app-registry"]
    [repository] = (each for each in registry["Resources"].values() if each["Type"] == "AWS::ECR::Repository")
    [statement] = repository["Properties"]["RepositoryPolicyText"]["Statement"]
    assert statement["Condition"]["ArnLike"]["aws:PrincipalArn"] == [trusted("222222222222", "role/app/exec")]


def test_a_pipeline_of_the_same_name_in_another_account_can_be_started() -> None:
    given: dict[str, Any] = {"environments": ENVIRONMENTS, "pipelines": "tools", "artifacts": {"create_key": True}}

    def codes(runs_in: str) -> list[str]:
        again = {"kind": "start-pipeline", "name": "Again", "pipeline": "app", "runs_in": runs_in}
        return [each.code for each in check(read(definition(deploy=again, **given))) if each.severity == "error"]

    assert codes("staging") == []
    assert codes("tools") == ["action-loop"]
