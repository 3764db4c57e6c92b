"""Actions that invoke something, and those of any provider, through the front door."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from pipegen import InvalidDefinition, render
from pipegen.loading.definition import read
from tests.templates import allowed, definition

HERE = "${AWS::Region}:${AWS::AccountId}"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d-0000-1111-2222-333344445555"
TOOLS, WEB = "111111111111", "222222222222"


def after(*actions: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    """A definition with these actions at the end of its last stage."""
    data = definition(**fields)
    data["pipeline"]["stages"][-1]["actions"] += [{"name": "After", **action} for action in actions]
    return data


def documents(data: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The resources of each stack, by its name."""
    stacks = render(read(dict(data)), format="json").stacks
    return {each.stack.name: json.loads(each.text)["Resources"] for each in stacks}


def written(data: Mapping[str, Any], name: str = "After") -> dict[str, Any]:
    """The declaration of an action in the template."""
    pipeline = documents(data)["app-pipeline"]["Pipeline"]["Properties"]
    [found] = [each for stage in pipeline["Stages"] for each in stage["Actions"] if each["Name"] == name]
    return dict(found)


def role_of(data: Mapping[str, Any], account: str = "") -> dict[str, Any]:
    """The role of the pipeline, or that of its actions in another account."""
    [found] = [
        resources["ActionRole" if account else "PipelineRole"]["Properties"]
        for stack, resources in documents(data).items()
        if (account in stack if account else stack == "app-pipeline")
    ]
    return dict(found)


def problems(data: Mapping[str, Any]) -> list[str]:
    """All errors of a definition."""
    try:
        render(read(dict(data)))
    except InvalidDefinition as invalid:
        return [f"{each.code}: {each.text}" for each in invalid.problems]
    return []


def test_an_action_of_any_provider_is_written_as_it_is() -> None:
    action = {
        "kind": "action",
        "category": "Build",
        "owner": "Custom",
        "provider": "Jenkins",
        "version": 3,
        "inputs": ["App"],
        "outputs": [{"name": "package"}],
        "output_variables": ["Number"],
        "configuration": {"ProjectName": {"Ref": "AWS::StackName"}, "Retries": 2, "Clean": True},
    }
    found = written(after(action))
    assert found["ActionTypeId"] == {"Category": "Build", "Owner": "Custom", "Provider": "Jenkins", "Version": "3"}
    assert found["Configuration"] == {"ProjectName": {"Ref": "AWS::StackName"}, "Retries": "2", "Clean": "true"}
    assert found["InputArtifacts"] == [{"Name": "App_source"}]
    assert found["OutputArtifacts"] == [{"Name": "After_package"}]
    assert found["Namespace"] == "After"


def test_later_actions_read_outputs_and_variables_of_any_provider() -> None:
    jenkins = {"kind": "action", "name": "Jenkins", "category": "Build", "owner": "Custom", "provider": "Jenkins"}
    made = {"outputs": [{"name": "package", "files": ["app.war"]}], "output_variables": ["Number"]}
    reader = {"kind": "lambda", "function": "f", "inputs": ["Jenkins.package"], "user_parameters": "#{Jenkins.Number}"}
    assert written(after(jenkins | made, reader))["InputArtifacts"] == [{"Name": "Jenkins_package"}]
    assert problems(after(jenkins | made, reader | {"user_parameters": "#{Jenkins.Nummer}"})) == [
        "unknown-variable: #{Jenkins.Nummer} is not a variable of Deploy/Jenkins"
    ]


def test_files_of_an_output_are_checked() -> None:
    jenkins = {"kind": "action", "name": "Jenkins", "category": "Build", "owner": "Custom", "provider": "Jenkins"}
    stack = {"kind": "cloudformation", "stack_name": "s", "role": "r"}
    template = {"template": {"path": "t.yaml", "artifact": "Jenkins"}}
    for files, is_right in ((["t.yaml"], True), (["*.yaml"], True), (["app.war"], False)):
        data = after(jenkins | {"outputs": [{"name": "package", "files": files}]}, stack | template)
        if is_right:
            assert written(data)["Configuration"]["TemplatePath"] == "Jenkins_package::t.yaml"
        else:
            assert [each.partition(":")[0] for each in problems(data)] == ["artifact-contents"]


@pytest.mark.parametrize(
    ("action", "text"),
    [
        ({"category": "Deploy", "provider": "ServiceCatalog"}, "reads 0 artifacts"),
        (
            {"category": "Deploy", "provider": "ElasticBeanstalk", "inputs": ["App"], "outputs": [{"name": "o"}]},
            "produces 1",
        ),
        (
            {"category": "Test", "owner": "Custom", "provider": "T", "outputs": [{"name": f"o{n}"} for n in range(6)]},
            "produces 6",
        ),
    ],
    ids=["inputs", "outputs", "custom"],
)
def test_the_number_of_artifacts_is_that_of_the_provider(action: Mapping[str, Any], text: str) -> None:
    [found] = problems(after({"kind": "action", **action}))
    assert found.startswith("artifact-count")
    assert text in found


def test_a_source_of_any_provider_is_a_source_tree() -> None:
    source = {"kind": "action", "category": "Source", "owner": "Custom", "provider": "Perforce"}
    data = definition()
    data["pipeline"]["stages"][0]["actions"] = [{"name": "App", "outputs": [{"name": "depot"}]} | source]
    assert written(data, "Image")["InputArtifacts"] == [{"Name": "App_depot"}]
    assert problems(after(source | {"outputs": [{"name": "depot"}]}))[0].startswith("source-first")
    data["pipeline"]["stages"][0]["actions"][0].pop("outputs")
    assert "artifact-count: Source/App produces 0 artifacts" in problems(data)


def test_permissions_of_an_action_of_any_provider_are_those_that_it_lists() -> None:
    queue = "arn:aws:sqs:eu-west-1:123456789012:releases"
    grants = [{"actions": ["sqs:SendMessage"], "resources": [queue]}]
    action = {"kind": "action", "category": "Invoke", "provider": "Queue"}
    assert allowed(role_of(after(action | {"grants": grants})), "sqs:SendMessage") == [queue]
    assert role_of(after(action)) == role_of(definition())
    assert problems(after(action | {"grants": [{"actions": ["sqs:SendMessage"], "resources": ["*"]}]})) == [
        'grant-because: resources contains "*", which needs a reason'
    ]


def test_outputs_have_different_names() -> None:
    for action in ({"kind": "lambda", "function": "f"}, {"kind": "action", "category": "Invoke", "provider": "X"}):
        data = after(action | {"outputs": [{"name": "a"}, {"name": "a"}]})
        assert 'duplicate-name: two outputs are named "a"' in problems(data)


def test_a_function_gets_parameters_and_artifacts() -> None:
    action = {"kind": "lambda", "function": "check", "user_parameters": "#{App.CommitId}", "inputs": ["App"]}
    found = written(after(action | {"outputs": [{"name": "report"}], "output_variables": ["Url"]}))
    assert found["ActionTypeId"] == {"Category": "Invoke", "Owner": "AWS", "Provider": "Lambda", "Version": "1"}
    assert found["Configuration"] == {"FunctionName": "check", "UserParameters": "#{App.CommitId}"}
    assert found["InputArtifacts"] == [{"Name": "App_source"}]
    assert found["OutputArtifacts"] == [{"Name": "After_report"}]
    assert found["Namespace"] == "After"
    assert "UserParameters" not in written(after({"kind": "lambda", "function": "check"}))["Configuration"]


def test_the_pipeline_may_invoke_only_its_function() -> None:
    role = role_of(after({"kind": "lambda", "function": "check"}))
    function = {"Fn::Sub": f"arn:${{AWS::Partition}}:lambda:{HERE}:function:check"}
    assert allowed(role, "lambda:InvokeFunction") == [function]
    assert allowed(role, "lambda:ListFunctions") == ["*"]


def placed(action: Mapping[str, Any]) -> dict[str, Any]:
    """A definition with an action in another account and region."""
    environments = {
        "tools": {"account": TOOLS, "region": "eu-west-1"},
        "web": {"account": WEB, "region": "us-east-1"},
    }
    return after(
        {"runs_in": "web", **action}, environments=environments, pipelines="tools", artifacts={"create_key": True}
    )


def test_an_action_in_another_account_has_its_permissions_there() -> None:
    found = written(placed({"kind": "lambda", "function": "check"}))
    assert found["Region"] == "us-east-1"
    assert f"::{WEB}:role/" in str(found["RoleArn"])
    function = {"Fn::Sub": f"arn:${{AWS::Partition}}:lambda:{HERE}:function:check"}
    assert allowed(role_of(placed({"kind": "lambda", "function": "check"}), WEB), "lambda:InvokeFunction") == [function]
    assert not allowed(role_of(placed({"kind": "lambda", "function": "check"})), "lambda:InvokeFunction")


@pytest.mark.parametrize("owner", ["Custom", "ThirdParty"])
def test_actions_of_other_owners_run_only_in_the_account_of_the_pipeline(owner: str) -> None:
    action = {"kind": "action", "category": "Invoke", "provider": "X", "owner": owner}
    assert problems(placed(action)) == [
        "environment-action: an action of the kind action cannot run in another account or region than the pipeline"
    ]
    assert written(placed(action | {"owner": "AWS"}))["Region"] == "us-east-1"


def test_a_state_machine_is_executed_with_input() -> None:
    action = {"kind": "step-functions", "state_machine": "migrate"}
    found = written(after(action | {"input": '{"a": "#{App.CommitId}"}', "execution_name_prefix": "release"}))
    machine = {"Fn::Sub": f"arn:${{AWS::Partition}}:states:{HERE}:stateMachine:migrate"}
    assert found["Configuration"] == {
        "StateMachineArn": machine,
        "Input": '{"a": "#{App.CommitId}"}',
        "ExecutionNamePrefix": "release",
    }
    role = role_of(after(action))
    assert allowed(role, "states:StartExecution") == [machine]
    assert allowed(role, "states:DescribeExecution") == [
        {"Fn::Sub": f"arn:${{AWS::Partition}}:states:{HERE}:execution:migrate:*"}
    ]


def test_the_input_of_a_state_machine_can_be_a_file() -> None:
    found = written(after({"kind": "step-functions", "state_machine": "migrate", "input_file": {"path": "a/b.json"}}))
    assert found["InputArtifacts"] == [{"Name": "App_source"}]
    assert {name: found["Configuration"][name] for name in ("InputType", "Input")} == {
        "InputType": "FilePath",
        "Input": "a/b.json",
    }


@pytest.mark.parametrize(
    ("text", "is_json"), [('{"n": #{App.CommitId}}', True), ("[1]", True), ("", False), ("{a: 1}", False)]
)
def test_the_input_of_a_state_machine_is_json(text: str, is_json: bool) -> None:
    data = after({"kind": "step-functions", "state_machine": "migrate", "input": text})
    assert is_json is not any(each.startswith("action-input") for each in problems(data))


def test_a_machine_elsewhere_and_its_executions_are_those_of_the_other_account() -> None:
    data = placed({"kind": "step-functions", "state_machine": "migrate"})
    machine = {"Fn::Sub": f"arn:${{AWS::Partition}}:states:us-east-1:{WEB}:stateMachine:migrate"}
    assert written(data)["Configuration"]["StateMachineArn"] == machine
    assert allowed(role_of(data, WEB), "states:StartExecution") == [machine]


def test_the_output_of_an_execution_is_an_artifact_if_it_is_read() -> None:
    machine = {"kind": "step-functions", "name": "Machine", "state_machine": "migrate"}
    assert "OutputArtifacts" not in written(after(machine), "Machine")
    data = after(machine, {"kind": "s3-deploy", "bucket": "results", "input": "Machine"})
    assert (
        written(data, "Machine")["OutputArtifacts"] == written(data)["InputArtifacts"] == [{"Name": "Machine_result"}]
    )


def test_files_are_written_to_a_bucket() -> None:
    action = {"kind": "s3-deploy", "bucket": "acme-site", "input": "App"}
    assert written(after(action))["Configuration"] == {"BucketName": "acme-site", "Extract": "true"}
    role = role_of(after(action))
    assert allowed(role, "s3:PutObject")[-1] == {"Fn::Sub": "arn:${AWS::Partition}:s3:::acme-site/*"}
    settings = {"key": "v/#{App.CommitId}", "cache_control": "no-cache", "canned_acl": "private", "encryption_key": KEY}
    assert written(after(action | settings))["Configuration"] == {
        "BucketName": "acme-site",
        "Extract": "true",
        "ObjectKey": "v/#{App.CommitId}",
        "CacheControl": "no-cache",
        "CannedACL": "private",
        "KMSEncryptionKeyARN": KEY,
    }
    role = role_of(after(action | settings))
    assert allowed(role, "s3:PutObjectVersionAcl") == [{"Fn::Sub": "arn:${AWS::Partition}:s3:::acme-site/v/**"}]
    assert allowed(role, "kms:GenerateDataKey") == [KEY]


def test_a_zip_file_is_written_as_one_object() -> None:
    action = {"kind": "s3-deploy", "bucket": "acme-site", "input": "App", "extract": False}
    data = after(action | {"key": "site.zip"})
    assert written(data)["Configuration"] == {"BucketName": "acme-site", "Extract": "false", "ObjectKey": "site.zip"}
    assert allowed(role_of(data), "s3:PutObject")[-1] == {"Fn::Sub": "arn:${AWS::Partition}:s3:::acme-site/site.zip"}
    for key in ("/site.zip", "s3://acme-site/site.zip"):
        assert problems(after(action | {"key": key}))[0].startswith("wrong-form: key")


def test_another_pipeline_gets_variables_and_revisions() -> None:
    revision = {"source": "App", "type": "COMMIT_ID", "value": "#{App.CommitId}"}
    given = {"pipeline_variables": {"SITE": {"Ref": "AWS::StackName"}, "N": 1}, "source_revisions": [revision]}
    data = after({"kind": "start-pipeline", "pipeline": "next"} | given)
    found = written(data)["Configuration"]
    assert found["PipelineName"] == "next"
    assert found["Variables"] == {"Fn::Sub": '[{"name":"SITE","value":"${AWS::StackName}"},{"name":"N","value":"1"}]'}
    assert json.loads(found["SourceRevisions"]) == [
        {"actionName": "App", "revisionType": "COMMIT_ID", "revisionValue": "#{App.CommitId}"}
    ]
    pipeline = {"Fn::Sub": f"arn:${{AWS::Partition}}:codepipeline:{HERE}:next"}
    assert allowed(role_of(data), "codepipeline:StartPipelineExecution") == [pipeline]
    assert [*written(after({"kind": "start-pipeline", "pipeline": "next"}))["Configuration"]] == ["PipelineName"]
