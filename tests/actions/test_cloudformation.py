"""The cloudformation kind, through rendered templates: what each mode is given, may do, reads and hands on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from pipegen import CloudFormation, InvalidDefinition
from pipegen.actions import ArtifactFile, FileValue
from tests.templates import SOURCE, action, allowed, definition, resources, statements

STACK: dict[str, Any] = {"kind": "cloudformation", "name": "Stack", "stack_name": "orders"}
CREATE = STACK | {"template": {"path": "infrastructure/service.yaml", "artifact": "App"}, "role": "teams/deployer"}
ROLE = {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/teams/deployer"}
ON_STACK = {"Fn::Sub": "arn:${AWS::Partition}:cloudformation:${AWS::Region}:${AWS::AccountId}:stack/orders/*"}
FILES = {
    "kind": "codebuild",
    "name": "Build",
    "commands": ["make"],
    "outputs": [{"name": "Templates", "files": ["**/*"]}],
}
MODES: dict[str, dict[str, Any]] = {
    "CREATE_UPDATE": CREATE,
    "REPLACE_ON_FAILURE": CREATE,
    "CHANGE_SET_REPLACE": CREATE | {"change_set_name": "release"},
    "CHANGE_SET_EXECUTE": STACK | {"change_set_name": "release"},
    "DELETE_ONLY": STACK | {"role": "teams/deployer"},
}
FOLLOW = {"DescribeStackEvents", "DescribeStacks"}
CHANGE = {*FOLLOW, "CreateStack", "UpdateStack", "DescribeStackResources", "GetTemplate", "ValidateTemplate"}
MAY = {
    "CREATE_UPDATE": CHANGE,
    "REPLACE_ON_FAILURE": {*CHANGE, "DeleteStack"},
    "CHANGE_SET_REPLACE": {
        *FOLLOW,
        "CreateChangeSet",
        "DeleteChangeSet",
        "DescribeChangeSet",
        "ValidateTemplate",
    },
    "CHANGE_SET_EXECUTE": {*FOLLOW, "DescribeChangeSet", "ExecuteChangeSet"},
    "DELETE_ONLY": {*FOLLOW, "DeleteStack"},
}
each_mode = pytest.mark.parametrize("mode", MODES)


def deployed(*actions: dict[str, Any]) -> dict[str, Any]:
    """A pipeline that ends in these, one after the other."""
    found = definition(build=FILES)
    ordered = [{**each, "run_order": order} for order, each in enumerate(actions, start=1)]
    found["pipeline"]["stages"][2]["actions"] = ordered
    return found


def configuration(**fields: Any) -> dict[str, Any]:
    found: dict[str, Any] = action(deployed(CREATE | fields), "Stack")["Configuration"]
    return found


def pipeline_role(data: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = resources(data)["PipelineRole"]
    return found


def artifacts(listed: Sequence[dict[str, str]]) -> list[str]:
    return [each["Name"] for each in listed]


def test_a_stack_is_created_or_updated_by_default() -> None:
    found = action(deployed(CREATE), "Stack")
    assert found["ActionTypeId"] == {
        "Category": "Deploy",
        "Owner": "AWS",
        "Provider": "CloudFormation",
        "Version": "1",
    }
    assert found["Configuration"] == {
        "ActionMode": "CREATE_UPDATE",
        "StackName": "orders",
        "TemplatePath": "App_source::infrastructure/service.yaml",
        "RoleArn": ROLE,
    }
    assert artifacts(found["InputArtifacts"]) == ["App_source"]
    assert not {"OutputArtifacts", "Namespace"} & found.keys()


def test_every_key_of_the_provider_is_configured() -> None:
    found = configuration(
        mode="CHANGE_SET_REPLACE",
        change_set_name="release",
        template_configuration={"path": "production.json", "artifact": "Build.Templates"},
        capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        parameter_overrides={"Size": "small"},
        output_file="outputs.json",
    )
    assert found == {
        "ActionMode": "CHANGE_SET_REPLACE",
        "StackName": "orders",
        "ChangeSetName": "release",
        "TemplatePath": "App_source::infrastructure/service.yaml",
        "TemplateConfiguration": "Build_Templates::production.json",
        "RoleArn": ROLE,
        "Capabilities": "CAPABILITY_IAM,CAPABILITY_AUTO_EXPAND",
        "ParameterOverrides": '{"Size":"small"}',
        "OutputFileName": "outputs.json",
    }


@each_mode
def test_a_mode_is_configured_with_what_it_takes_and_nothing_else(mode: str) -> None:
    found = action(deployed(MODES[mode] | {"mode": mode}), "Stack")["Configuration"]
    given = {"template": "TemplatePath", "role": "RoleArn", "change_set_name": "ChangeSetName"}
    assert set(found) == {"ActionMode", "StackName"} | {given[key] for key in MODES[mode] if key in given}


@each_mode
def test_a_mode_grants_what_it_does_and_no_more(mode: str) -> None:
    role = pipeline_role(deployed(MODES[mode] | {"mode": mode}))
    actions = {each for statement in statements(role) for each in statement["Action"]}
    own = {each.removeprefix("cloudformation:") for each in actions if each.startswith("cloudformation:")}
    assert own == MAY[mode]
    for each in own - {"ValidateTemplate"}:
        assert allowed(role, f"cloudformation:{each}") == [ON_STACK]


@each_mode
def test_the_one_role_is_passed_only_to_cloudformation(mode: str) -> None:
    role = pipeline_role(deployed(MODES[mode] | {"mode": mode}))
    passes = [statement for statement in statements(role) if "iam:PassRole" in statement["Action"]]
    if mode == "CHANGE_SET_EXECUTE":
        assert passes == []
        return
    [passing] = passes
    assert passing["Resource"] == [ROLE]
    assert passing["Condition"] == {"StringEquals": {"iam:PassedToService": ["cloudformation.amazonaws.com"]}}


@pytest.mark.parametrize("mode", ["CHANGE_SET_REPLACE", "CHANGE_SET_EXECUTE"])
def test_change_sets_are_bounded_by_their_name(mode: str) -> None:
    role = pipeline_role(deployed(MODES[mode] | {"mode": mode}))
    [found] = [each for each in statements(role) if "cloudformation:DescribeChangeSet" in each["Action"]]
    assert found["Condition"] == {"StringEqualsIfExists": {"cloudformation:ChangeSetName": "release"}}


def test_a_template_configuration_may_bring_tags_and_a_stack_policy() -> None:
    tagged = deployed(CREATE | {"template_configuration": {"path": "production.json", "artifact": "App"}})
    assert allowed(pipeline_role(tagged), "cloudformation:SetStackPolicy") == [ON_STACK]
    assert allowed(pipeline_role(tagged), "cloudformation:TagResource") == [ON_STACK]


def test_a_stack_may_be_named_by_an_expression() -> None:
    role = pipeline_role(deployed(CREATE | {"stack_name": {"Ref": "ConnectionArn"}}))
    [found] = allowed(role, "cloudformation:UpdateStack")
    assert found["Fn::Sub"].endswith(":stack/${ConnectionArn}/*")


HOSTILE = 'a "b" \\ ${AWS::Region} \n é #{App.CommitId}'


def test_parameter_overrides_are_json_with_any_values() -> None:
    assert json.loads(configuration(parameter_overrides={"Odd": HOSTILE})["ParameterOverrides"]) == {"Odd": HOSTILE}
    mixed = configuration(parameter_overrides={"A": HOSTILE, "B": {"Ref": "ConnectionArn"}, "C": ""})
    text = mixed["ParameterOverrides"]["Fn::Sub"]
    assert json.loads(text.replace("${ConnectionArn}", "arn").replace("${!", "${")) == {
        "A": HOSTILE,
        "B": "arn",
        "C": "",
    }


def test_parameter_overrides_may_be_read_from_artifacts() -> None:
    data = deployed(
        CREATE
        | {
            "parameter_overrides": {
                "Url": {"key": "Url", "path": "values.json", "artifact": "Build.Templates"},
                "Code": {"attribute": "ObjectKey", "artifact": "App"},
            }
        }
    )
    found = action(data, "Stack")
    assert json.loads(found["Configuration"]["ParameterOverrides"]) == {
        "Url": {"Fn::GetParam": ["Build_Templates", "values.json", "Url"]},
        "Code": {"Fn::GetArtifactAtt": ["App_source", "ObjectKey"]},
    }
    assert artifacts(found["InputArtifacts"]) == ["App_source", "Build_Templates"]


def test_an_artifact_that_serves_many_wishes_counts_once() -> None:
    values = {f"Value{number}": {"key": "a", "path": "a.json", "artifact": "App"} for number in range(12)}
    assert artifacts(action(deployed(CREATE | {"parameter_overrides": values}), "Stack")["InputArtifacts"]) == [
        "App_source"
    ]


@pytest.mark.parametrize(("number", "codes"), [(9, []), (10, ["artifact-count"])])
def test_it_takes_ten_artifacts(number: int, codes: list[str]) -> None:
    data = deployed(CREATE)
    more = [SOURCE | {"name": f"Lib{index}"} for index in range(number)]
    data["pipeline"]["stages"][0]["actions"] += more
    data["pipeline"]["stages"][1]["actions"][0]["input"] = "App"
    values = {each["name"]: {"attribute": "URL", "artifact": each["name"]} for each in more}
    data["pipeline"]["stages"][2]["actions"][0]["parameter_overrides"] = values
    found = []
    try:
        action(data, "Stack")
    except InvalidDefinition as wrong:
        found = [problem.code for problem in wrong.problems if problem.severity == "error"]
    assert found == codes


def test_the_only_artifact_that_can_hold_the_template_is_found() -> None:
    data = definition(build={"kind": "approval", "name": "Ask"}, deploy=CREATE | {"template": {"path": "a.yaml"}})
    assert action(data, "Stack")["Configuration"]["TemplatePath"] == "App_source::a.yaml"


def test_a_clone_cannot_contain_a_template() -> None:
    data = deployed(CREATE)
    data["pipeline"]["stages"][0]["actions"] = [SOURCE | {"clone": "full"}]
    with pytest.raises(InvalidDefinition, match="contains a full Git clone"):
        action(data, "Stack")


def test_outputs_of_a_stack_are_handed_on_in_a_file() -> None:
    second = CREATE | {
        "name": "Second",
        "stack_name": "second",
        "parameter_overrides": {"Url": {"key": "Url", "path": "outputs.json", "artifact": "Stack"}},
    }
    data = deployed(CREATE | {"output_file": "outputs.json"}, second)
    assert artifacts(action(data, "Stack")["OutputArtifacts"]) == ["Stack_outputs"]
    overrides = action(data, "Second")["Configuration"]["ParameterOverrides"]
    assert json.loads(overrides) == {"Url": {"Fn::GetParam": ["Stack_outputs", "outputs.json", "Url"]}}


def test_an_output_file_is_made_even_if_nobody_reads_it() -> None:
    found = action(deployed(CREATE | {"output_file": "outputs.json"}), "Stack")
    assert artifacts(found["OutputArtifacts"]) == ["Stack_outputs"]


def test_outputs_of_a_stack_are_variables() -> None:
    look = {"kind": "approval", "name": "Look", "message": "see #{Stack.ServiceUrl}"}
    found = action(deployed(CREATE | {"stack_outputs": ["ServiceUrl"]}, look), "Stack")
    assert found["Namespace"] == "Stack"
    with pytest.raises(InvalidDefinition, match="variables are Url"):
        action(deployed(CREATE | {"stack_outputs": ["Url"]}, look), "Look")


def test_a_stack_is_written_in_python_too() -> None:
    first = CloudFormation(
        "Data", stack_name="data", template=ArtifactFile(path="data.yaml"), role="deployer", output_file="outputs.json"
    )
    value = FileValue(key="Table", path="outputs.json", artifact=first.output)
    assert first.output.name == "Data"
    assert value.artifact == first.output


@pytest.mark.parametrize("length", [1000, 1001])
def test_overrides_have_a_thousand_characters_at_most(length: int) -> None:
    fits = {"A": "a" * (length - len('{"A":""}'))}
    if length == 1000:
        assert len(configuration(parameter_overrides=fits)["ParameterOverrides"]) == length
        return
    with pytest.raises(InvalidDefinition, match="at most 1,000 characters of JSON, got 1,001"):
        configuration(parameter_overrides=fits)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"attribute": "URL"}, "artifact is missing"),
        ({"path": "a.json"}, "key is missing"),
        ({"key": "a", "path": "a.json", "file": "a.json"}, "file"),
    ],
)
def test_missing_and_extra_keys_of_an_override_are_reported(value: dict[str, str], said: str) -> None:
    with pytest.raises(InvalidDefinition, match=said):
        configuration(parameter_overrides={"Code": value})
