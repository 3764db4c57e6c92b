"""Commands without a project, through the front door."""

from __future__ import annotations

from typing import Any

import pytest

from pipegen import check
from pipegen.loading.definition import read
from tests.actions.test_invocations import HERE, WEB, after, documents, placed, problems, role_of, written
from tests.templates import allowed

LOG = "/aws/codepipeline/app"


def commands(*lines: str, **fields: Any) -> dict[str, Any]:
    return {"kind": "commands", "input": "App", "commands": list(lines), **fields}


def test_commands_run_without_a_project() -> None:
    action = commands("make check", "echo #{App.CommitId}")
    found = written(after(action))
    assert found["ActionTypeId"] == {"Category": "Compute", "Owner": "AWS", "Provider": "Commands", "Version": "1"}
    assert found["Commands"] == ["make check", "echo #{App.CommitId}"]
    assert found["InputArtifacts"] == [{"Name": "App_source"}]
    assert found.keys() == {"Name", "ActionTypeId", "Commands", "InputArtifacts", "RunOrder"}


def test_the_log_group_of_commands_exists_with_its_retention() -> None:
    stack = documents(after(commands("make")))["app-pipeline"]
    group = stack["CommandsLogs"]["Properties"]
    assert (group["LogGroupName"], group["RetentionInDays"]) == (LOG, 90)
    assert "CommandsLogs" in stack["Pipeline"]["DependsOn"]
    streams = {"Fn::Sub": f"arn:${{AWS::Partition}}:logs:{HERE}:log-group:{LOG}:*"}
    assert streams in allowed(role_of(after(commands("make"))), "logs:PutLogEvents")


def test_commands_have_a_machine() -> None:
    machine = {"environment_type": "WINDOWS_SERVER_2022_CONTAINER", "compute_type": "BUILD_GENERAL1_LARGE"}
    assert written(after(commands("dir | where { $_.Length }", **machine)))["Configuration"] == {
        "EnvironmentType": "WINDOWS_SERVER_2022_CONTAINER",
        "ComputeType": "BUILD_GENERAL1_LARGE",
    }


def test_environment_variables_and_secrets_are_declared() -> None:
    environment = {
        "SUITE": "#{App.BranchName}",
        "STACK": {"Ref": "AWS::StackName"},
        "KEY": {"secrets_manager": "a/b:k"},
    }
    data = after(commands("make", environment=environment))
    assert written(data)["EnvironmentVariables"] == [
        {"Name": "SUITE", "Type": "PLAINTEXT", "Value": "#{App.BranchName}"},
        {"Name": "STACK", "Type": "PLAINTEXT", "Value": {"Ref": "AWS::StackName"}},
        {"Name": "KEY", "Type": "SECRETS_MANAGER", "Value": "a/b:k"},
    ]
    assert allowed(role_of(data), "secretsmanager:GetSecretValue") == [
        {"Fn::Sub": f"arn:${{AWS::Partition}}:secretsmanager:{HERE}:secret:a/b-??????"}
    ]


def test_variables_in_the_environment_exist() -> None:
    assert problems(after(commands("make", environment={"A": "#{App.CommitID}"}))) == [
        "unknown-variable: #{App.CommitID} is not a variable of Source/App"
    ]


def test_files_are_an_artifact_if_they_are_read() -> None:
    action = commands("make", name="Make", output_files=["site/**/*", "a.json"])
    assert "OutputArtifacts" not in written(after(action), "Make")
    data = after(action, {"kind": "s3-deploy", "bucket": "acme-site", "input": "Make"})
    assert written(data, "Make")["OutputArtifacts"] == [{"Name": "Make_files", "Files": ["site/**/*", "a.json"]}]


def test_variables_of_commands_are_output_variables() -> None:
    data = after(
        commands("export SIZE=$(du)", name="Make", output_variables=["SIZE"]),
        {"kind": "lambda", "function": "f", "user_parameters": "#{Make.SIZE}"},
    )
    found = written(data, "Make")
    assert (found["OutputVariables"], found["Namespace"]) == (["SIZE"], "Make")


def test_commands_have_further_permissions() -> None:
    grants = [{"actions": ["sqs:SendMessage"], "resources": ["arn:aws:sqs:eu-west-1:123456789012:q"]}]
    assert allowed(role_of(after(commands("make", grants=grants))), "sqs:SendMessage") == grants[0]["resources"]


def test_commands_in_another_account_write_their_log_there() -> None:
    data = placed(commands("make"))
    [stack] = [each for name, each in documents(data).items() if WEB in name]
    assert stack["CommandsLogs"]["Properties"]["LogGroupName"] == LOG
    assert "CommandsLogs" not in documents(data)["app-pipeline"]
    assert allowed(role_of(data, WEB), "logs:PutLogEvents")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"output_files": ["a"] * 11}, "wrong-length"),
        ({"output_files": ["a" * 129]}, "wrong-length"),
        ({"output_variables": [f"A{n}" for n in range(16)]}, "wrong-length"),
        ({"environment": {f"A{n}": "x" for n in range(11)}}, "wrong-length"),
        ({"environment": {"CODEBUILD_A": "x"}}, "wrong-form"),
        ({"commands": ["a\nb"]}, "wrong-form"),
        ({"commands": []}, "wrong-length"),
        ({"commands": ["echo 'a"]}, "command-syntax"),
        ({"commands": ["docker build ."]}, "command-docker"),
        ({"output_variables": ["SIZE"]}, "environment-unset"),
        ({"extra_inputs": ["App"]}, "artifact-duplicate"),
    ],
)
def test_limits_and_commands_are_checked(fields: dict[str, Any], code: str) -> None:
    assert code in [each.code for each in check(read(after(commands("make") | fields)))]
