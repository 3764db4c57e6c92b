"""The pipeline's stack: store, roles, names, wiring, overrides."""

from __future__ import annotations

from typing import Any

import pytest
from troposphere import Template, ecr, kms, s3, sns

from pipegen import load, render, template_text
from pipegen.errors import InvalidDefinition
from pipegen.stacks.stack import template_data
from tests.examples import EXAMPLES, Example
from tests.templates import BUILD, DEPLOY, SOURCE, action, allowed, definition, resources, statements, template


def test_a_separate_bucket_is_private_versioned_and_kept() -> None:
    bucket = template(definition())["Resources"]["ArtifactBucket"]
    assert (bucket["DeletionPolicy"], bucket["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")
    properties = bucket["Properties"]
    assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
    assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
    [encryption] = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption == {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}


def test_a_created_key_rotates_and_is_used_by_bucket_store_projects_and_roles() -> None:
    found = resources(definition(artifacts={"create_key": True}))
    key = {"Fn::GetAtt": ["ArtifactKey", "Arn"]}
    assert found["ArtifactKey"]["EnableKeyRotation"] is True
    assert found["Pipeline"]["ArtifactStore"]["EncryptionKey"] == {"Id": key, "Type": "KMS"}
    assert found["ImageProject"]["EncryptionKey"] == key
    for role in ("PipelineRole", "ImageProjectRole"):
        assert allowed(found[role], "kms:Decrypt") == [key]


def test_an_existing_bucket_and_key_are_used_and_not_created() -> None:
    key = "arn:aws:kms:eu-west-1:123456789012:key/0c6b8b6e-4f63-4c6b-b0d2-0a1b2c3d4e5f"
    data = definition(artifacts={"bucket": {"Ref": "Bucket"}, "key_arn": key})
    data["parameters"]["Bucket"] = {}
    found = resources(data)
    assert not {"ArtifactBucket", "ArtifactBucketPolicy", "ArtifactKey"} & set(found)
    assert found["Pipeline"]["ArtifactStore"]["Location"] == {"Ref": "Bucket"}
    assert allowed(found["PipelineRole"], "s3:PutObject") == [{"Fn::Sub": "arn:${AWS::Partition}:s3:::${Bucket}/*"}]


def test_every_role_has_boundary_path_and_tags() -> None:
    boundary = "arn:aws:iam::123456789012:policy/delivery"
    data = definition(permissions_boundary=boundary, role_path="/delivery/", tags={"team": "shop"})
    roles = resources(data, "AWS::IAM::Role")
    assert len(roles) == 2
    for role in roles.values():
        assert (role["PermissionsBoundary"], role["Path"]) == (boundary, "/delivery/")
    untagged = {
        name for name, each in resources(data).items() if each.get("Tags") != [{"Key": "team", "Value": "shop"}]
    }
    assert untagged == {"ArtifactBucketPolicy"}


def test_the_pipeline_may_pass_the_named_roles_to_ecs_and_nothing_else() -> None:
    role = resources(definition(deploy=DEPLOY | {"roles": ["path/app-task", {"Fn::ImportValue": "task-role"}]}))[
        "PipelineRole"
    ]
    [passing] = [statement for statement in statements(role) if "iam:PassRole" in statement["Action"]]
    assert passing["Resource"] == [
        {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/path/app-task"},
        {"Fn::ImportValue": "task-role"},
    ]
    passed_to = {"iam:PassedToService": ["ecs.amazonaws.com", "ecs-tasks.amazonaws.com"]}
    assert passing["Condition"] == {"StringEquals": passed_to}


def test_a_deploy_may_update_only_its_own_service() -> None:
    role = resources(definition(deploy=DEPLOY | {"cluster": {"Fn::ImportValue": "cluster"}}))["PipelineRole"]
    [service] = allowed(role, "ecs:UpdateService")
    text, variables = service["Fn::Sub"]
    assert text.endswith(":service/${Value1}/app")
    assert variables == {"Value1": {"Fn::ImportValue": "cluster"}}


@pytest.mark.parametrize(("family", "revisions"), [("shop", "shop:*"), (None, "*:*")])
def test_a_deploy_may_register_revisions_of_its_family_and_look_at_no_tasks(family: str | None, revisions: str) -> None:
    role = resources(definition(deploy=DEPLOY | ({"family": family} if family else {})))["PipelineRole"]
    arn = {"Fn::Sub": f"arn:${{AWS::Partition}}:ecs:${{AWS::Region}}:${{AWS::AccountId}}:task-definition/{revisions}"}
    assert allowed(role, "ecs:RegisterTaskDefinition") == [arn]
    assert allowed(role, "ecs:TagResource") == [arn]
    assert allowed(role, "ecs:DescribeTasks") == allowed(role, "ecs:ListTasks") == []


def test_a_literal_dollar_is_never_a_substitution() -> None:
    source = {"kind": "s3", "name": "App", "bucket": {"Ref": "ConnectionArn"}, "key": "a-${Evil}.zip"}
    granted = allowed(resources(definition(source))["PipelineRole"], "s3:GetObject")
    assert {"Fn::Sub": "arn:${AWS::Partition}:s3:::${ConnectionArn}/a-${!Evil}.zip"} in granted


def test_long_names_are_shortened_with_a_hash_and_stay_apart() -> None:
    data = definition(SOURCE_EVENT | {"name": "A" * 99}, BUILD | {"name": "B" * 100}, name="n" * 100)
    found = resources(data)
    [project] = [each for name, each in found.items() if name.endswith("Project")]
    [rule] = [each for name, each in found.items() if name.endswith("Rule")]
    assert len(project["Name"]) == 150
    assert len(rule["Name"]) == 64
    other = resources(definition(SOURCE_EVENT | {"name": "A" * 98}, BUILD | {"name": "B" * 99}, name="n" * 100))
    assert project["Name"] not in [each.get("Name") for each in other.values()]


SOURCE_EVENT: dict[str, Any] = {"kind": "codecommit", "name": "App", "repository": "app", "branch": "main"}


def test_a_build_writes_only_what_is_read() -> None:
    data = definition()
    del data["pipeline"]["stages"][2]
    found = action(data, "Image")
    assert "OutputArtifacts" not in found
    assert "artifacts:" not in resources(data)["ImageProject"]["Source"]["BuildSpec"]


def test_an_unrelated_edit_moves_no_logical_id() -> None:
    before = template(definition())["Resources"]
    data = definition()
    data["pipeline"]["stages"].insert(2, {"name": "Check", "actions": [{"kind": "approval", "name": "Look"}]})
    data["pipeline"]["stages"][1]["actions"].append({"kind": "codebuild", "name": "Test", "commands": ["make test"]})
    after = template(data)["Resources"]
    assert set(before) <= set(after)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"Pipeline", "PipelineRole"}


def test_overrides_come_last_and_are_merged() -> None:
    data = definition(
        overrides={
            "ImageProject": {"Environment": {"ComputeType": "BUILD_LAMBDA_1GB"}, "Description": "ours", "Cache": None},
            "PipelineRole": {"Policies": None},
            "Pipeline": {"RoleArn": {"Ref": "ConnectionArn"}},
        }
    )
    found = resources(data)
    assert found["ImageProject"]["Environment"]["ComputeType"] == "BUILD_LAMBDA_1GB"
    assert found["ImageProject"]["Environment"]["Type"] == "LINUX_CONTAINER"
    assert found["ImageProject"]["Description"] == "ours"
    assert "Policies" not in found["PipelineRole"]
    assert found["Pipeline"]["RoleArn"] == {"Ref": "ConnectionArn"}


def test_extra_configuration_is_added() -> None:
    data = definition(deploy=DEPLOY | {"extra_configuration": {"NewKey": "x"}})
    assert action(data, "Deploy")["Configuration"]["NewKey"] == "x"
    assert action(data, "Deploy")["Configuration"]["FileName"]


@pytest.mark.parametrize("key", ["DeploymentTimeout", "FileName"])
def test_extra_configuration_does_not_replace_what_fields_set(key: str) -> None:
    with pytest.raises(InvalidDefinition, match=f"extra_configuration.{key}: error: .* sets {key}, which"):
        action(definition(deploy=DEPLOY | {"extra_configuration": {key: "7"}}), "Deploy")


def test_configuration_values_are_texts() -> None:
    data = definition(deploy=DEPLOY | {"deployment_timeout": 15})
    assert action(data, "Deploy")["Configuration"]["DeploymentTimeout"] == "15"


@pytest.mark.parametrize(
    ("reference", "uri", "arn"),
    [
        (
            "app",
            {"Fn::Sub": "${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/app"},
            {"Fn::Sub": "arn:${AWS::Partition}:ecr:${AWS::Region}:${AWS::AccountId}:repository/app"},
        ),
        (
            "arn:aws:ecr:us-east-1:210987654321:repository/team/app",
            {"Fn::Sub": "210987654321.dkr.ecr.us-east-1.${AWS::URLSuffix}/team/app"},
            "arn:aws:ecr:us-east-1:210987654321:repository/team/app",
        ),
        (
            "210987654321.dkr.ecr.us-east-1.amazonaws.com/team/app",
            "210987654321.dkr.ecr.us-east-1.amazonaws.com/team/app",
            {"Fn::Sub": "arn:${AWS::Partition}:ecr:us-east-1:210987654321:repository/team/app"},
        ),
        (
            {"name": {"Ref": "ConnectionArn"}, "account": "210987654321"},
            {"Fn::Sub": "210987654321.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/${ConnectionArn}"},
            {"Fn::Sub": "arn:${AWS::Partition}:ecr:${AWS::Region}:210987654321:repository/${ConnectionArn}"},
        ),
    ],
    ids=["name", "arn", "uri", "parameter in another account"],
)
def test_a_repository_is_known_by_name_arn_or_uri(reference: Any, uri: Any, arn: Any) -> None:
    found = resources(definition(build=BUILD | {"images": [{"container": "app", "repository": reference}]}))
    [variable] = found["ImageProject"]["Environment"]["EnvironmentVariables"]
    assert variable["Value"] == uri
    assert allowed(found["ImageProjectRole"], "ecr:PutImage") == [arn]


def test_secrets_and_parameters_are_read_by_name_and_never_written_out() -> None:
    environment = {
        "A": {"secrets_manager": "app/db:password"},
        "B": {"secrets_manager": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:app/x-AbCdEf:key::"},
        "C": {"parameter_store": "/app/url"},
    }
    found = resources(definition(build=BUILD | {"environment": environment}))
    role = found["ImageProjectRole"]
    assert allowed(role, "secretsmanager:GetSecretValue") == [
        {"Fn::Sub": "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:app/db-??????"},
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:app/x-AbCdEf",
    ]
    assert allowed(role, "ssm:GetParameters") == [
        {"Fn::Sub": "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/app/url"}
    ]
    variables = {each["Name"]: each for each in found["ImageProject"]["Environment"]["EnvironmentVariables"]}
    assert [variables[name]["Type"] for name in "ABC"] == ["SECRETS_MANAGER", "SECRETS_MANAGER", "PARAMETER_STORE"]


def test_platform_and_docker_choose_the_machine() -> None:
    environment = resources(definition(build=BUILD | {"platform": "arm64"}))["ImageProject"]["Environment"]
    assert environment["Type"] == "ARM_CONTAINER"
    assert "aarch64" in environment["Image"]
    assert environment["PrivilegedMode"] is True


def test_a_source_with_an_expression_is_allowed_anywhere() -> None:
    source = SOURCE | {"repository": {"Ref": "ConnectionArn"}, "branch": {"Fn::Select": [0, ["main"]]}}
    assert action(definition(source), "App")["Configuration"]["FullRepositoryId"] == {"Ref": "ConnectionArn"}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_a_template_as_data_is_what_troposphere_makes_of_it(example: Example) -> None:
    [definition] = load(example.yaml)
    for rendered in render(definition).stacks:
        assert template_data(rendered.stack.template) == rendered.stack.template.to_dict()


def test_resources_without_properties_have_only_a_type() -> None:
    template = Template()
    template.add_resource(ecr.Repository("Web", ImageTagMutability="IMMUTABLE"))
    template.add_resource(kms.Key("Key", Enabled=True))
    template.add_resource(sns.Topic("Topic", DeletionPolicy="Retain"))
    assert template_data(template) == template.to_dict()
    assert template_data(template)["Resources"]["Topic"] == {"Type": "AWS::SNS::Topic", "DeletionPolicy": "Retain"}


def test_a_changed_template_is_validated_by_troposphere() -> None:
    template = Template()
    template.add_resource(s3.BucketPolicy("Policy", Bucket="b"))  # its document is missing
    with pytest.raises(ValueError, match="PolicyDocument"):
        template_text(template)
