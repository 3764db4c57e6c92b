"""Conditions of stages: results, rules, what they read, and what the pipeline's role may do for them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import pytest

from pipegen.checks.values.constraints import constraints
from pipegen.conditions.deployment_window import DeploymentWindowRule
from pipegen.conditions.kinds import KINDS
from pipegen.errors import InvalidDefinition
from pipegen.loading.definition import read
from pipegen.pipeline.rule import Rule, RuleContext
from tests.actions.test_kinds import _exists, definitions
from tests.examples import ROOT
from tests.templates import allowed, definition, resources, statements

ALARM: dict[str, Any] = {"kind": "alarm", "name": "Errors", "alarm": "app-5xx"}


def conditioned(stage: int = 2, **conditions: Any) -> dict[str, Any]:
    """A definition of which one stage has these conditions."""
    data = definition()
    data["pipeline"]["stages"][stage] |= conditions
    return data


def conditions_of(stage: int = 2, **conditions: Any) -> Any:
    found = resources(conditioned(stage, **conditions))["Pipeline"]["Stages"][stage]
    return {key: value for key, value in found.items() if key not in ("Name", "Actions")}


def declared(rule: Mapping[str, Any]) -> Any:
    """The rule as the template has it."""
    made = conditions_of(before_entry={"result": "FAIL", "rules": [rule]})
    [condition] = made["BeforeEntry"]["Conditions"]
    [found] = condition["Rules"]
    return found


def role(rule: Mapping[str, Any]) -> Any:
    return resources(conditioned(before_entry={"result": "FAIL", "rules": [rule]}))["PipelineRole"]


def test_a_stage_without_conditions_has_none() -> None:
    assert conditions_of() == {}


@pytest.mark.parametrize(
    ("field", "name", "result"),
    [
        ("before_entry", "BeforeEntry", "FAIL"),
        ("on_success", "OnSuccess", "FAIL"),
        ("on_success", "OnSuccess", "ROLLBACK"),
        ("on_failure", "OnFailure", "ROLLBACK"),
    ],
)
def test_a_condition_has_its_result_and_its_rules(field: str, name: str, result: str) -> None:
    given: dict[str, Any] = {field: {"result": result, "rules": [ALARM, ALARM | {"name": "More"}]}}
    found = conditions_of(**given)
    [condition] = found.pop(name)["Conditions"]
    assert found == {}
    assert condition["Result"] == result
    assert [rule["Name"] for rule in condition["Rules"]] == ["Errors", "More"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"result": "ROLLBACK"}, {"Result": "ROLLBACK"}),
        ({"result": "RETRY"}, {"Result": "RETRY", "RetryConfiguration": {"RetryMode": "FAILED_ACTIONS"}}),
        (
            {"result": "RETRY", "retry_mode": "ALL_ACTIONS"},
            {"Result": "RETRY", "RetryConfiguration": {"RetryMode": "ALL_ACTIONS"}},
        ),
    ],
)
def test_a_failure_is_retried_or_rolled_back_without_rules(given: Any, expected: Any) -> None:
    assert conditions_of(on_failure=given) == {"OnFailure": expected}


def test_the_sources_may_be_retried() -> None:
    assert "OnFailure" in conditions_of(0, on_failure={"result": "RETRY"})


def test_an_alarm_is_read_by_name_and_a_composite_one_with_all_others() -> None:
    rule = ALARM | {"states": ["ALARM", "OK"], "wait_minutes": 5}
    assert declared(rule) == {
        "Name": "Errors",
        "RuleTypeId": {"Category": "Rule", "Owner": "AWS", "Provider": "CloudWatchAlarm", "Version": "1"},
        "Configuration": {"AlarmName": "app-5xx", "AlarmStates": "ALARM,OK", "WaitTime": "5"},
    }
    alarm = {"Fn::Sub": "arn:${AWS::Partition}:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:app-5xx"}
    assert allowed(role(rule), "cloudwatch:DescribeAlarms") == [alarm]
    assert allowed(role(rule | {"composite": True}), "cloudwatch:DescribeAlarms") == ["*"]


def test_a_window_and_a_variable_need_no_permission() -> None:
    before = len(list(statements(resources(definition())["PipelineRole"])))
    window = {"kind": "deployment-window", "name": "Hours", "cron": "0 0 9-17 ? * MON-FRI *", "time_zone": "UTC+05:30"}
    assert declared(window)["Configuration"] == {"Cron": "0 0 9-17 ? * MON-FRI *", "TimeZone": "UTC+05:30"}
    variable = {"kind": "variable", "name": "Branch", "variable": "#{App.BranchName}", "value": "main"}
    expected = {"Variable": "#{App.BranchName}", "Value": "main", "Operator": "EQ"}
    assert declared(variable)["Configuration"] == expected
    for rule in (window, variable):
        assert len(list(statements(role(rule)))) == before


def test_a_rule_may_only_invoke_its_function() -> None:
    rule = {"kind": "lambda", "name": "Decide", "function": {"Fn::Sub": "${AWS::StackName}-decide"}, "inputs": ["App"]}
    assert declared(rule)["InputArtifacts"] == [{"Name": "App_source"}]
    assert allowed(role(rule), "lambda:InvokeFunction") == [
        {"Fn::Sub": "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:${AWS::StackName}-decide"}
    ]
    assert "InputArtifacts" not in declared(rule | {"inputs": []})


@pytest.mark.parametrize(
    ("batch", "action"), [(False, "codebuild:StartBuild"), (True, "codebuild:StartBuildBatch")], ids=["one", "batch"]
)
def test_a_build_of_a_project_is_started_on_the_one_source_there_is(batch: bool, action: str) -> None:
    rule = {"kind": "codebuild", "name": "Verify", "project": "verify", "environment": {"A": "b"}, "batch": batch}
    found = declared(rule)
    assert found["InputArtifacts"] == [{"Name": "App_source"}]
    expected = {"ProjectName": "verify", "EnvironmentVariables": '[{"name":"A","type":"PLAINTEXT","value":"b"}]'}
    assert found["Configuration"] == expected | ({"BatchEnabled": "true", "CombineArtifacts": "false"} if batch else {})
    project = {"Fn::Sub": "arn:${AWS::Partition}:codebuild:${AWS::Region}:${AWS::AccountId}:project/verify"}
    assert project in allowed(role(rule), action)


def test_commands_log_to_the_group_of_the_pipeline_and_have_their_own_grants() -> None:
    grant = {"actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::acme/*"]}
    rule = {"kind": "commands", "name": "Look", "commands": ["ls", "env"], "grants": [grant]}
    found = declared(rule)
    assert (found["Commands"], found["InputArtifacts"]) == (["ls", "env"], [{"Name": "App_source"}])
    assert "Configuration" not in found
    group = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/aws/codepipeline/app"
    assert allowed(role(rule), "logs:PutLogEvents") == [{"Fn::Sub": group}, {"Fn::Sub": f"{group}:*"}]
    assert "arn:aws:s3:::acme/*" in allowed(role(rule), "s3:GetObject")


def test_an_output_that_only_a_rule_reads_is_made() -> None:
    rule = {"kind": "commands", "name": "Look", "commands": ["ls"], "input": "Image"}
    data = conditioned(1, on_success={"result": "FAIL", "rules": [rule]})
    site = {"name": "Site", "files": ["**/*"]}
    build = {"kind": "codebuild", "name": "Image", "commands": ["make"], "outputs": [site]}
    data["pipeline"]["stages"][1]["actions"] = [build]
    data["pipeline"]["stages"][2]["actions"] = [{"kind": "approval", "name": "Look"}]
    found = resources(data)["Pipeline"]["Stages"][1]
    [output] = found["Actions"][0]["OutputArtifacts"]
    assert found["OnSuccess"]["Conditions"][0]["Rules"][0]["InputArtifacts"] == [output]


def test_further_configuration_of_a_rule_is_added_and_replaces_nothing() -> None:
    assert declared(ALARM | {"extra_configuration": {"New": "x"}})["Configuration"]["New"] == "x"
    with pytest.raises(InvalidDefinition, match="error: extra_configuration sets WaitTime"):
        declared(ALARM | {"wait_minutes": 5, "extra_configuration": {"WaitTime": "7"}})


CRONS = {
    "0 0 9-17 ? * MON-FRI *": True,
    "* * 9-17 ? * mon-fri": True,
    "0 0/15 8,12,16 1-7 JAN,7 ? 2026-2030": True,
    "0 0 9 LW * ?": True,
    "0 0 9 15W,L-3 * ?": True,
    "0 0 9 ? * 6#3": True,
    "0 0 9 ? * FRIL": True,
    "0 60 9 ? * *": False,
    "0 0 9 32 * ?": False,
    "0 0 9 ? 13 *": False,
    "0 0 9 ? * FUN": False,
    "0 0 9 ? * * 1969": False,
    "0 0 9-17 ? * MON-FRI * *": False,
    "": False,
}


@pytest.mark.parametrize(("cron", "right"), CRONS.items(), ids=CRONS.keys())
def test_a_window_takes_the_cron_expressions_that_codepipeline_documents(cron: str, right: bool) -> None:
    assert (list(DeploymentWindowRule("Hours", cron=cron).problems()) == []) == right


ZONES = {
    "UTC": True,
    "UTC-03:00": True,
    "America/New_York": True,
    "America/Argentina/Buenos_Aires": True,
    "PST": True,
    "UTC+3": False,
    "Berlin": False,
    "": False,
}


@pytest.mark.parametrize(("zone", "right"), ZONES.items(), ids=ZONES.keys())
def test_a_window_takes_the_time_zones_that_codepipeline_documents(zone: str, right: bool) -> None:
    window = DeploymentWindowRule("Hours", cron="0 0 9 ? * *", time_zone=zone)
    assert (constraints(window) == []) == right


each_kind = pytest.mark.parametrize("kind", KINDS)


def used_rules() -> list[Rule]:
    return [located.rule for each in definitions() for located in each.pipeline.rules()]


@each_kind
def test_a_kind_of_rule_is_what_the_registry_calls_it(kind: str) -> None:
    [field] = [field for field in fields(KINDS[kind]) if field.name == "kind"]
    assert field.default == kind


@each_kind
def test_a_kind_of_rule_is_used_and_documented(kind: str) -> None:
    assert any(type(rule) is KINDS[kind] for rule in used_rules())
    assert (ROOT / "docs" / "reference" / f"rule-{kind}.md").is_file()
    assert f"({kind!r}" not in str(KINDS[kind].__doc__)


def test_a_rule_bound_twice_gives_equal_values_and_grants_what_exists_and_why() -> None:
    context = RuleContext(pipeline_name="test")
    for rule in used_rules():
        bound = rule.bind(context)
        assert rule.bind(context) == bound
        assert all(_exists(action) for grant in bound.grants for action in grant.actions)
        assert all(grant.names_resources or len(grant.because) >= 20 for grant in bound.grants)


def test_a_definition_is_read_with_the_kinds_that_it_uses() -> None:
    code = (
        "import json, sys\nfrom pipegen.loading.definition import read\nread(json.loads(sys.argv[1]))\n"
        "print([name for name in sys.modules if name.startswith(('pipegen.actions.', 'pipegen.conditions.'))])"
    )

    def imported(data: dict[str, Any]) -> str:
        return subprocess.run([sys.executable, "-c", code, json.dumps(data)], capture_output=True, text=True).stdout

    plain = imported(definition())
    assert "pipegen.actions.docker_build" in plain
    assert "pipegen.actions.cloudformation" not in plain
    assert "pipegen.conditions." not in plain
    assert "pipegen.conditions.alarm" in imported(conditioned(before_entry={"result": "FAIL", "rules": [ALARM]}))


def test_the_same_rule_may_be_asked_before_and_after() -> None:
    condition = {"result": "FAIL", "rules": [ALARM]}
    found = conditions_of(before_entry=condition, on_success=condition)
    assert set(found) == {"BeforeEntry", "OnSuccess"}
    assert read(conditioned(before_entry=condition)).pipeline.stages[2].before_entry is not None


def test_what_an_override_adds_to_the_stages_is_checked_too() -> None:
    long = {"Name": "A", "Configuration": {"Key": "x" * 1001}}
    stages = [{"Name": "More", "Actions": []}] * 4 + [{"Name": "Last", "Actions": [long]}]
    with pytest.raises(InvalidDefinition) as invalid:
        resources(definition(overrides={"Pipeline": {"Stages": stages}}))
    assert [problem.code for problem in invalid.value.problems] == ["configuration-length"]
