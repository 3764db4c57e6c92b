"""Variables of a run: what may be inserted into JSON and commands, and where they are resolved at all."""

from __future__ import annotations

from typing import Any

import pytest

from pipegen import render
from pipegen.errors import InvalidDefinition
from pipegen.loading.definition import read
from tests.templates import BUILD, SOURCE, definition

CODECOMMIT: dict[str, Any] = {"kind": "codecommit", "name": "App", "repository": "app", "branch": "main"}
S3: dict[str, Any] = {"kind": "s3", "name": "App", "bucket": "sources", "key": "app.zip"}
MAKE: dict[str, Any] = {"kind": "codebuild", "name": "Make", "commands": ["make"], "exported_variables": ["VERSION"]}
STACK: dict[str, Any] = {
    "kind": "cloudformation",
    "name": "Stack",
    "stack_name": "web",
    "template": {"artifact": "App", "path": "web.yaml"},
    "role": "cloudformation",
    "stack_outputs": ["Url"],
}
COMMAND: dict[str, Any] = {"kind": "commands", "name": "Look", "input": "App"}


def codes(data: dict[str, Any]) -> list[str]:
    try:
        render(read(data))
    except InvalidDefinition as error:
        return [problem.code for problem in error.problems if problem.severity == "error"]
    return []


def building(value: str, source: dict[str, Any] = SOURCE, **fields: Any) -> dict[str, Any]:
    """A build that is given a value in its action's environment."""
    return definition(source, {**BUILD, "action_environment": {"VALUE": value}}, **fields)


@pytest.mark.parametrize("source", [SOURCE, CODECOMMIT], ids=["github", "codecommit"])
def test_a_commit_message_is_not_inserted_into_json(source: dict[str, Any]) -> None:
    assert codes(building("#{App.CommitMessage}", source)) == ["variable-inserted"]
    assert codes(building("built from #{App.CommitMessage}", source)) == ["variable-inserted"]
    assert codes(building("#{App.CommitId}", source)) == []


@pytest.mark.parametrize(("variable", "expected"), [("VersionId", []), ("ETag", ["variable-inserted"])])
def test_of_an_object_only_what_has_no_quotes_is_inserted(variable: str, expected: list[str]) -> None:
    assert codes(building(f"#{{App.{variable}}}", S3)) == expected


def test_a_key_that_a_start_may_override_is_not_inserted() -> None:
    assert codes(building("#{App.ObjectKey}", S3)) == []
    assert codes(building("#{App.ObjectKey}", S3 | {"allow_key_override": True})) == ["variable-inserted"]


@pytest.mark.parametrize(
    ("trigger", "expected"),
    [
        (None, []),
        ({"push": [{"branches": {"includes": ["main", "develop"]}}]}, []),
        ({"push": [{"branches": {"includes": ["release/*"]}}]}, ["variable-inserted"]),
        ({"push": [{"branches": {"excludes": ["main"]}}]}, ["variable-inserted"]),
        ({"push": [{"tags": {"includes": ["v1"]}}]}, ["variable-inserted"]),
        ({"pull_request": [{"branches": {"includes": ["main"]}}]}, ["variable-inserted"]),
    ],
    ids=["no trigger", "named", "wildcard", "all but", "tags", "pull requests"],
)
def test_a_branch_is_inserted_where_only_named_ones_start_a_run(trigger: Any, expected: list[str]) -> None:
    data = building("#{App.BranchName}")
    data["pipeline"]["triggers"] = [] if trigger is None else [{"source": "App", **trigger}]
    assert codes(data) == expected


@pytest.mark.parametrize("value", ["#{Make.VERSION}", "#{Stack.Url}", "#{App.CommitMessage}", "#{variables.SIZE}"])
def test_no_free_text_becomes_a_parameter_of_a_stack(value: str) -> None:
    data = definition()
    data["pipeline"]["variables"] = {"SIZE": {"default": "small"}}
    second = {**STACK, "name": "Second", "stack_name": "second", "stack_outputs": []}
    actions = [MAKE, STACK, {**second, "parameter_overrides": {"Value": value}}]
    data["pipeline"]["stages"][1]["actions"] = actions
    data["pipeline"]["stages"][2]["actions"] = [{"kind": "approval", "name": "Look"}]
    assert codes(data) == ["variable-inserted"]


def test_an_image_becomes_a_parameter_of_a_stack() -> None:
    stack = {**STACK, "parameter_overrides": {"Image": "#{Image.IMAGE_URI_APP}"}}
    assert codes(definition(deploy=stack)) == []


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"kind": "commands", "commands": ["echo '#{App.CommitMessage}'"], "input": "App"}, ["variable-inserted"]),
        ({"kind": "commands", "commands": ["echo '#{App.CommitId}'"], "input": "App"}, []),
        (
            {"kind": "lambda", "function": "f", "user_parameters": '{"why": "#{App.CommitMessage}"}'},
            ["variable-inserted"],
        ),
        ({"kind": "lambda", "function": "f", "user_parameters": "#{App.CommitMessage}"}, []),
        (
            {"kind": "codebuild", "project": "verify", "input": "App", "environment": {"A": "#{App.CommitMessage}"}},
            ["variable-inserted"],
        ),
    ],
    ids=["command", "plain command", "json", "text", "codebuild"],
)
def test_rules_are_held_to_the_same(rule: dict[str, Any], expected: list[str]) -> None:
    data = definition()
    data["pipeline"]["stages"][2]["before_entry"] = {"result": "FAIL", "rules": [{"name": "Rule", **rule}]}
    assert codes(data) == expected


def test_configuration_that_pipegen_does_not_know_is_held_to_the_same() -> None:
    given = {"EnvironmentVariables": '[{"name": "A", "value": "#{App.CommitMessage}"}]'}
    assert codes(definition(build={**BUILD, "extra_configuration": given})) == ["variable-inserted"]


def test_a_person_may_be_shown_any_text() -> None:
    approval = {"kind": "approval", "name": "Release", "message": "[release] #{App.CommitMessage}"}
    data = definition()
    data["pipeline"]["stages"][2]["actions"].insert(0, approval)
    assert codes(data) == []


@pytest.mark.parametrize(
    ("operator", "value", "result", "expected"),
    [
        ("MATCHES", "^(quick|all)$", "FAIL", []),
        ("MATCHES", "^[A-Za-z0-9._-]+$", "SKIP", []),
        ("MATCHES", r"^v[0-9]+\.[0-9]+$", "FAIL", []),
        ("EQ", "quick", "FAIL", []),
        ("MATCHES", "quick|all", "FAIL", ["variable-inserted"]),
        ("MATCHES", "^.*$", "FAIL", ["variable-inserted"]),
        ("MATCHES", "^quick|all$", "FAIL", ["variable-inserted"]),
        ("MATCHES", "^(a)|(b)$", "FAIL", ["variable-inserted"]),
        ("MATCHES", "^[^x]+$", "FAIL", ["variable-inserted"]),
        ("MATCHES", "^[A-z]+$", "FAIL", ["variable-inserted"]),
        ("MATCHES", r"^\S+$", "FAIL", ["variable-inserted"]),
        ("NE", "quick", "FAIL", ["variable-inserted"]),
        ("CONTAINS", "quick", "FAIL", ["variable-inserted"]),
    ],
)
def test_a_variable_of_the_pipeline_is_inserted_once_a_rule_has_checked_it(
    operator: str, value: str, result: str, expected: list[str]
) -> None:
    data = building("#{variables.SUITE}")
    data["pipeline"]["variables"] = {"SUITE": {"default": "quick"}}
    rule = {"kind": "variable", "name": "Known", "variable": "#{variables.SUITE}", "operator": operator, "value": value}
    data["pipeline"]["stages"][1]["before_entry"] = {"result": result, "rules": [rule]}
    assert codes(data) == expected


@pytest.mark.parametrize(("result", "expected"), [("FAIL", []), ("SKIP", ["variable-inserted"])])
def test_a_check_of_an_earlier_stage_counts_where_it_ends_the_run(result: str, expected: list[str]) -> None:
    data = definition(
        deploy={**MAKE, "name": "Late", "action_environment": {"S": "#{variables.SUITE}"}, "input": "App"}
    )
    data["pipeline"]["variables"] = {"SUITE": {"default": "quick"}}
    rule = {"kind": "variable", "name": "Known", "variable": "#{variables.SUITE}", "value": "quick"}
    data["pipeline"]["stages"][1]["before_entry"] = {"result": result, "rules": [rule]}
    assert codes(data) == expected


@pytest.mark.parametrize(
    "build",
    [
        {**BUILD, "environment": {"COMMIT": "#{App.CommitId}"}},
        {**BUILD, "before": ["echo #{App.CommitId}"]},
        {**BUILD, "images": [{**BUILD["images"][0], "build_arguments": {"COMMIT": "#{App.CommitId}"}}]},
        {**MAKE, "commands": ["echo #{App.CommitId}"]},
        {**BUILD, "environment": {"COMMIT": {"Fn::Sub": "${AWS::Region}-#{App.CommitId}"}}},
        {**BUILD, "environment": {"COMMIT": "#{Typo.CommitId}"}},
        {**BUILD, "environment": {"RUN": "#{codepipeline.PipelineExecutionId}"}},
    ],
    ids=["environment", "before", "build arguments", "commands", "expression", "unknown namespace", "run"],
)
def test_what_codepipeline_does_not_resolve_is_rejected(build: dict[str, Any]) -> None:
    data = definition(build=build)
    data["pipeline"]["stages"][2]["actions"] = [{"kind": "approval", "name": "Look"}]
    assert codes(data) == ["variable-unresolved"]


def test_container_environments_are_not_resolved_either() -> None:
    container = {"name": "app", "ports": [80], "environment": {"COMMIT": "#{App.CommitId}"}}
    deploy = {
        "kind": "codedeploy-ecs",
        "name": "Deploy",
        "application": "app",
        "deployment_group": "app",
        "task_definition": {
            "family": "app",
            "cpu": 256,
            "memory": 512,
            "containers": [container],
            "execution_role": "app-execution",
        },
    }
    assert codes(definition(deploy=deploy)) == ["variable-unresolved"]


def test_a_text_of_another_language_in_a_command_stays() -> None:
    build = {**MAKE, "commands": ["ruby -e 'puts \"#{user.name}\"'"]}
    data = definition(build=build)
    data["pipeline"]["stages"][2]["actions"] = [{"kind": "approval", "name": "Look"}]
    assert codes(data) == []


@pytest.mark.parametrize(
    "value",
    [
        {"Fn::Join": ["", ["#{App.CommitMessage}", {"Ref": "ConnectionArn"}]]},
        {"Fn::Join": ["", ["#{App.", "CommitMessage}"]]},
        {"Fn::Sub": "#{App.CommitMessage} ${ConnectionArn}"},
    ],
    ids=str,
)
def test_free_text_inside_an_expression_is_rejected_too(value: Any) -> None:
    build = BUILD | {"action_environment": {"MESSAGE": value}}
    with pytest.raises(InvalidDefinition, match=r"error: #.App.CommitMessage. is inserted into JSON"):
        render(read(definition(build=build)))
