"""Schedules that start a pipeline: their rules, the role of these, and what they are rejected for."""

from __future__ import annotations

from typing import Any

import pytest

from pipegen import Definition, InvalidDefinition, Pipeline, PipelineSchedule, render
from pipegen.loading.definition import read
from tests.templates import definition, resources, statements

RULES = "AWS::Events::Rule"
HERE = "${AWS::Region}:${AWS::AccountId}"
TARGET = {"Fn::Sub": f"arn:${{AWS::Partition}}:codepipeline:{HERE}:${{Pipeline}}"}
CODECOMMIT = {"kind": "codecommit", "name": "App", "repository": "app", "branch": "main"}


def scheduled(*schedules: dict[str, Any], **fields: Any) -> dict[str, Any]:
    data = definition(**fields)
    data["pipeline"]["schedules"] = list(schedules)
    return data


def test_a_schedule_starts_the_pipeline_with_a_role_for_this_rule() -> None:
    found = resources(scheduled({"name": "Nightly", "schedule": "cron(0 2 * * ? *)"}))
    assert found["NightlySchedule"] == {
        "Name": "app-Nightly-schedule",
        "Description": "Starts app: Nightly",
        "ScheduleExpression": "cron(0 2 * * ? *)",
        "State": "ENABLED",
        "Targets": [{"Id": "Pipeline", "Arn": TARGET, "RoleArn": {"Fn::GetAtt": ["EventRole", "Arn"]}}],
    }
    [statement] = statements(found["EventRole"])
    assert (statement["Action"], statement["Resource"]) == (["codepipeline:StartPipelineExecution"], [TARGET])
    assert _rules(found["EventRole"]) == {"Fn::Sub": f"arn:${{AWS::Partition}}:events:{HERE}:rule/app-Nightly-schedule"}


def _rules(role: Any) -> Any:
    [trust] = role["AssumeRolePolicyDocument"]["Statement"]
    return trust["Condition"]["ArnLike"]["aws:SourceArn"]


def test_rules_of_sources_and_schedules_share_the_role() -> None:
    schedules = [{"name": name, "schedule": "rate(1 day)"} for name in ("One", "Two")]
    rules = _rules(resources(scheduled(*schedules, source=CODECOMMIT))["EventRole"])
    names = [each["Fn::Sub"].rpartition("/")[2] for each in rules]
    assert names == ["app-App", "app-One-schedule", "app-Two-schedule"]


def test_a_schedule_can_be_switched_off() -> None:
    [rule] = resources(scheduled({"name": "Off", "schedule": "rate(1 day)", "enabled": False}), RULES).values()
    assert rule["State"] == "DISABLED"


def test_with_a_foundation_its_role_starts_the_pipeline() -> None:
    data = scheduled({"name": "Nightly", "schedule": "rate(1 day)"}, foundation={"name": "delivery"})
    found = resources(data)
    assert "EventRole" not in found
    assert found["NightlySchedule"]["Targets"][0]["RoleArn"] == {"Fn::ImportValue": "delivery-EventRoleArn"}


def test_an_expression_of_cloudformation_is_left_to_it() -> None:
    data = scheduled({"name": "Nightly", "schedule": {"Ref": "Schedule"}})
    data["parameters"]["Schedule"] = {}
    assert resources(data)["NightlySchedule"]["ScheduleExpression"] == {"Ref": "Schedule"}


@pytest.mark.parametrize(
    "schedule", ["cron(0 2 ? * MON-FRI *)", "cron(0/15 * L * ? 2030)", "rate(1 hour)", "rate(5 days)"]
)
def test_expressions_of_eventbridge_are_accepted(schedule: str) -> None:
    assert resources(scheduled({"name": "Nightly", "schedule": schedule}))


@pytest.mark.parametrize("schedule", ["0 2 * * *", "cron(0 2 * * *)", "rate(0 days)", "rate(1 week)", "rate(2 hour)"])
def test_others_are_rejected(schedule: str) -> None:
    with pytest.raises(InvalidDefinition) as rejected:
        render(read(scheduled({"name": "Nightly", "schedule": schedule})))
    assert [(each.code, each.path) for each in rejected.value.problems] == [
        ("pipeline-schedule", ("pipeline", "schedules", 0, "schedule"))
    ]


def test_python_and_yaml_make_the_same_schedule() -> None:
    own = read(scheduled({"name": "Nightly", "schedule": "rate(1 day)"}))
    assert own.pipeline.schedules == (PipelineSchedule("Nightly", schedule="rate(1 day)"),)
    pipeline = Pipeline(*own.pipeline.stages, schedules=[PipelineSchedule("Nightly", schedule="rate(1 day)")])
    assert Definition(own.name, pipeline=pipeline, parameters=own.parameters) == own
