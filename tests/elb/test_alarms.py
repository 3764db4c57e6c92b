"""Alarms that a service's stack creates: what they measure, and that they stop its deployments."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from pipegen import render
from pipegen.loading.definition import read
from tests.templates import allowed, definition

LISTENER = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2"
SHARED = {"listener": LISTENER, "security_group": "sg-0a1b2c3d", "priority": 10, "path_patterns": ["/app/*"]}
ALL: dict[str, Any] = {"latency": {"seconds": 2}}
NOUNS = ("ErrorAlarm", "UnhealthyAlarm", "LatencyAlarm")


def stack(**fields: Any) -> dict[str, Any]:
    """The template of a service's stack."""
    service = {
        "cluster": "main",
        "network": {"vpc_id": "vpc-0a1b2c3d", "subnets": ["subnet-0a1b2c3d", "subnet-0a1b2c3e"]},
        "task_definition": {"cpu": 256, "memory": 512, "containers": [{"name": "app", "ports": [8080]}]},
        "load_balancer": {},
    }
    deploy = {"kind": "ecs-deploy", "name": "Deploy", "service": "web"}
    data = definition(deploy=deploy, services={"web": service | fields})
    [rendered] = [each for each in render(read(data), format="json").stacks if each.name == "app-web"]
    return dict(json.loads(rendered.text))


def alarms(template: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    resources = template["Resources"].items()
    return {name: each["Properties"] for name, each in resources if each["Type"] == "AWS::CloudWatch::Alarm"}


def dimensions(metric: Mapping[str, Any]) -> dict[str, Any]:
    return {each["Name"]: each["Value"] for each in metric["Dimensions"]}


def deployment(template: Mapping[str, Any]) -> dict[str, Any]:
    return dict(template["Resources"]["Service"]["Properties"]["DeploymentConfiguration"])


def test_a_rolling_service_has_alarms_for_its_target_group() -> None:
    template = stack(alarms=ALL)
    assert [*alarms(template)] == [f"TargetGroup{noun}" for noun in NOUNS]
    assert deployment(template)["Alarms"] == {
        "AlarmNames": [{"Ref": f"TargetGroup{noun}"} for noun in NOUNS],
        "Enable": True,
        "Rollback": True,
    }


@pytest.mark.parametrize("kind", ["blue-green", "canary", "linear"])
def test_alarms_of_both_target_groups_stop_a_deployment_by_ecs(kind: str) -> None:
    template = stack(alarms=ALL, deployment={"kind": kind, "alarms": ["own"]})
    names = [f"{group}{noun}" for group in ("TargetGroup", "AlternateTargetGroup") for noun in NOUNS]
    assert [*alarms(template)] == names
    assert deployment(template)["Alarms"]["AlarmNames"] == ["own", *({"Ref": name} for name in names)]


def test_alarms_of_both_target_groups_stop_a_deployment_by_codedeploy() -> None:
    template = stack(alarms={}, deployment={"kind": "codedeploy"})
    group = template["Resources"]["DeploymentGroup"]["Properties"]
    names = [f"{group}{noun}" for group in ("TargetGroup", "AlternateTargetGroup") for noun in NOUNS[:2]]
    assert group["AlarmConfiguration"] == {"Enabled": True, "Alarms": [{"Name": {"Ref": name}} for name in names]}
    assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"]
    assert allowed(template["Resources"]["DeploymentRole"]["Properties"], "cloudwatch:DescribeAlarms") == ["*"]


def test_codedeploy_is_not_reported_to_lack_alarms() -> None:
    service = {"alarms": {}, "deployment": {"kind": "codedeploy", "rollback_on": ["DEPLOYMENT_STOP_ON_ALARM"]}}
    assert alarms(stack(**service))


def test_each_alarm_measures_its_target_group_behind_the_load_balancer() -> None:
    found = alarms(stack(alarms=ALL, deployment={"kind": "blue-green"}))
    for group in ("TargetGroup", "AlternateTargetGroup"):
        expected = {
            "LoadBalancer": {"Fn::GetAtt": ["LoadBalancer", "LoadBalancerFullName"]},
            "TargetGroup": {"Fn::GetAtt": [group, "TargetGroupFullName"]},
        }
        errors, requests, share = found[f"{group}ErrorAlarm"]["Metrics"]
        measured = [each["MetricStat"]["Metric"] for each in (errors, requests)]
        measured += [found[f"{group}{noun}"] for noun in NOUNS[1:]]
        assert [dimensions(each) for each in measured] == [expected] * 4
        assert [each["MetricName"] for each in measured] == [
            "HTTPCode_Target_5XX_Count",
            "RequestCount",
            "UnHealthyHostCount",
            "TargetResponseTime",
        ]
        assert share["Expression"] == "100 * FILL(errors, 0) / requests"
        assert [each["ReturnData"] for each in (errors, requests, share)] == [False, False, True]


@pytest.mark.parametrize(
    ("listener", "name"),
    [
        (LISTENER, "app/shop/50dc6c495c0c9188"),
        (
            {"Fn::ImportValue": "listener"},
            {
                "Fn::Join": [
                    "/",
                    [
                        {"Fn::Select": [index, {"Fn::Split": ["/", {"Fn::ImportValue": "listener"}]}]}
                        for index in (1, 2, 3)
                    ],
                ]
            },
        ),
    ],
)
def test_the_load_balancer_of_a_shared_listener_is_derived_from_its_arn(listener: Any, name: Any) -> None:
    found = alarms(stack(alarms={}, load_balancer=SHARED | {"listener": listener}))
    assert dimensions(found["TargetGroupUnhealthyAlarm"])["LoadBalancer"] == name


def test_thresholds_and_times_are_as_set() -> None:
    topic = "arn:aws:sns:eu-west-1:123456789012:alarms"
    settings = {
        "target_5xx": {"count": 10, "period_seconds": 120, "evaluation_periods": 2},
        "unhealthy_hosts": None,
        "latency": {"seconds": 0.5, "statistic": "p99.9"},
        "topic": topic,
    }
    found = alarms(stack(alarms=settings))
    errors, latency = found.values()
    assert (errors["Threshold"], errors["Period"], errors["EvaluationPeriods"]) == (10, 120, 2)
    assert (errors["Statistic"], errors["MetricName"]) == ("Sum", "HTTPCode_Target_5XX_Count")
    assert errors["AlarmDescription"] == "app-web: 10 or more responses are 5xx for 4 min"
    assert (latency["Threshold"], latency["ExtendedStatistic"]) == (0.5, "p99.9")
    for each in (errors, latency):
        assert each["AlarmActions"] == [topic]
        assert each["TreatMissingData"] == "notBreaching"
        assert each["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"


def test_a_service_without_alarms_has_none() -> None:
    template = stack()
    assert not alarms(template)
    assert "Alarms" not in deployment(template)
