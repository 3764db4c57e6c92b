"""How a service scales by load and by the clock: what CloudFormation gets, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from troposphere import GetAtt, Ref

from pipegen.checks.values.constraints import constraints
from pipegen.ecs.autoscaling import Autoscaling
from pipegen.ecs.schedule import Schedule
from pipegen.errors import Path
from tests.services.test_parts import SCALED, WEEKDAYS, codes_and_paths, data


def policy(noun: str, metric: dict[str, Any], value: float, **changes: Any) -> dict[str, Any]:
    tracking = {
        "TargetValue": value,
        "PredefinedMetricSpecification": metric,
        "ScaleInCooldown": 300,
        "ScaleOutCooldown": 300,
        "DisableScaleIn": False,
    }
    return {
        "Type": "AWS::ApplicationAutoScaling::ScalingPolicy",
        "Properties": {
            "PolicyName": noun,
            "PolicyType": "TargetTrackingScaling",
            "ScalingTargetId": {"Ref": "ScalableTarget"},
            "TargetTrackingScalingPolicyConfiguration": {**tracking, **changes},
        },
    }


def test_a_service_scales_between_its_bounds_by_the_clock_and_by_load() -> None:
    assert data(*SCALED.resources(Ref("Cluster"), GetAtt("Service", "Name"))) == {
        "ScalableTarget": {
            "Type": "AWS::ApplicationAutoScaling::ScalableTarget",
            "Properties": {
                "ServiceNamespace": "ecs",
                "ScalableDimension": "ecs:service:DesiredCount",
                "ResourceId": {"Fn::Sub": "service/${Cluster}/${Service.Name}"},
                "MinCapacity": 2,
                "MaxCapacity": 10,
                "ScheduledActions": [
                    {
                        "ScheduledActionName": "schedule-1",
                        "Schedule": "cron(0 8 ? * MON-FRI *)",
                        "Timezone": "Europe/Berlin",
                        "ScalableTargetAction": {"MinCapacity": 4},
                    },
                    {
                        "ScheduledActionName": "schedule-2",
                        "Schedule": "cron(0 20 * * ? *)",
                        "ScalableTargetAction": {"MinCapacity": 1, "MaxCapacity": 2},
                    },
                ],
            },
        },
        "CpuScaling": policy("cpu", {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}, 60),
    }


def test_every_metric_has_a_separate_policy() -> None:
    scaled = Autoscaling(
        minimum=1,
        maximum=4,
        cpu_percent=62.5,
        memory_percent=80,
        requests_per_target=1000,
        scale_in=False,
        scale_in_cooldown_seconds=600,
        scale_out_cooldown_seconds=0,
    )
    label = "app/shop/1234567890abcdef/targetgroup/shop/fedcba0987654321"
    changes = {"ScaleInCooldown": 600, "ScaleOutCooldown": 0, "DisableScaleIn": True}
    made = data(*scaled.resources("main", "shop", label))
    assert made.pop("ScalableTarget")["Properties"] == {
        "ServiceNamespace": "ecs",
        "ScalableDimension": "ecs:service:DesiredCount",
        "ResourceId": "service/main/shop",
        "MinCapacity": 1,
        "MaxCapacity": 4,
    }
    requests = {"PredefinedMetricType": "ALBRequestCountPerTarget", "ResourceLabel": label}
    assert made == {
        "CpuScaling": policy("cpu", {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}, 62.5, **changes),
        "MemoryScaling": policy(
            "memory", {"PredefinedMetricType": "ECSServiceAverageMemoryUtilization"}, 80, **changes
        ),
        "RequestScaling": policy("request", requests, 1000, **changes),
    }


def scaled(**changes: Any) -> Autoscaling:
    return replace(Autoscaling(minimum=1, maximum=4, cpu_percent=50), **changes)


def at(**bounds: Any) -> list[Schedule]:
    return [Schedule(schedule="rate(1 day)", **bounds)]


SCALINGS: dict[str, tuple[Autoscaling, list[tuple[str, Path]]]] = {
    "all of it": (SCALED, []),
    "one task": (scaled(maximum=1), []),
    "the least and the most percent": (scaled(cpu_percent=1, memory_percent=100), []),
    "a schedule alone": (scaled(minimum=0, cpu_percent=None, schedules=[WEEKDAYS]), []),
    "200 schedules": (scaled(schedules=[WEEKDAYS] * 200), []),
    "bounds the wrong way round": (scaled(minimum=5), [("autoscaling-capacity", ("minimum",))]),
    "no requests": (scaled(requests_per_target=0), [("autoscaling-policy", ("requests_per_target",))]),
    "nothing that scales": (scaled(cpu_percent=None), [("autoscaling-policy", ())]),
    "a schedule's bounds the wrong way round": (
        scaled(schedules=at(minimum=3, maximum=2)),
        [("autoscaling-capacity", ("schedules", 0, "minimum"))],
    ),
    "a minimum above every maximum": (
        scaled(schedules=at(minimum=5)),
        [("autoscaling-capacity", ("schedules", 0, "minimum"))],
    ),
    "a minimum that another schedule makes room for": (scaled(schedules=[*at(minimum=5), *at(maximum=5)]), []),
    "a maximum that another schedule makes room for": (
        scaled(minimum=3, schedules=[*at(minimum=1), *at(maximum=2)]),
        [],
    ),
    "a maximum below every minimum": (
        scaled(schedules=at(maximum=0)),
        [("autoscaling-capacity", ("schedules", 0, "maximum"))],
    ),
    "a schedule's own": (
        scaled(schedules=[Schedule(schedule="daily", minimum=2)]),
        [("autoscaling-schedule", ("schedules", 0, "schedule"))],
    ),
}


@pytest.mark.parametrize(("autoscaling", "expected"), SCALINGS.values(), ids=SCALINGS.keys())
def test_autoscaling_is_accepted_or_rejected(autoscaling: Autoscaling, expected: list[tuple[str, Path]]) -> None:
    assert codes_and_paths(autoscaling.problems(balanced=True, shifting=False, daemon=False)) == expected


def test_a_service_that_starts_from_no_task_by_cpu_is_warned_of() -> None:
    for autoscaling, severities in (
        (scaled(minimum=0), ["warning"]),
        (scaled(minimum=0, schedules=[WEEKDAYS]), []),
        (scaled(minimum=0, requests_per_target=100), []),
    ):
        problems = list(autoscaling.problems(balanced=True, shifting=False, daemon=False))
        assert [problem.severity for problem in problems] == severities
        assert codes_and_paths(problems) == [("autoscaling-capacity", ("minimum",))] * len(severities)


def test_requests_are_counted_where_one_target_group_stays() -> None:
    by_requests = scaled(requests_per_target=100)
    refused = [("autoscaling-requests", ("requests_per_target",))]
    assert codes_and_paths(by_requests.problems(balanced=True, shifting=False, daemon=False)) == []
    assert codes_and_paths(by_requests.problems(balanced=True, shifting=True, daemon=False)) == refused
    assert codes_and_paths(by_requests.problems(balanced=False, shifting=False, daemon=False)) == refused
    assert codes_and_paths(scaled().problems(balanced=False, shifting=True, daemon=False)) == []


def test_a_daemon_does_not_scale() -> None:
    assert codes_and_paths(scaled().problems(balanced=True, shifting=False, daemon=True)) == [
        ("autoscaling-daemon", ())
    ]


SCHEDULES = (
    "cron(0 10 * * ? *)",
    "cron(0/15 * * * ? *)",
    "cron(0/5 8-17 ? * MON-FRI *)",
    "cron(15 10 ? * 6L 2019-2022)",
    "cron(5,35 14 L * ? *)",
    "cron(0 8 3W JAN,JUL ? 2199)",
    "cron(0 8 ? * 3#2 *)",
    "cron(30 0 8 1 * ? *)",
    "rate(1 minute)",
    "rate(1 day)",
    "rate(10 minutes)",
    "rate(5 hours)",
    "at(2030-11-29T06:00:00)",
    "at(2032-02-29T00:00:00)",
)
NO_SCHEDULES = (
    "",
    "0 10 * * ? *",
    "cron(0 10 * * ?)",
    "cron(0 10 * * ? * * *)",
    "cron(0 10 * * * *)",
    "cron(0 10 ? * ? *)",
    "cron(0 10 1 * MON *)",
    "cron(60 10 * * ? *)",
    "cron(0 24 * * ? *)",
    "cron(0 8 32 * ? *)",
    "cron(0 8 ? 13 MON *)",
    "cron(0 8 ? * 8 *)",
    "cron(0 8 * * ? 1969)",
    "cron(٣ 8 * * ? *)",
    "cron(0 8 * * ? *",
    "rate(1 days)",
    "rate(5 hour)",
    "rate(0 hours)",
    "rate(1.5 hours)",
    "rate(2 weeks)",
    "rate(hour)",
    "at(2030-11-29)",
    "at(2030-11-29T06:00)",
    "at(2030-02-30T06:00:00)",
    "at(2030-11-29T24:00:01)",
    "at(2030-11-29T06:00:00Z)",
    "every(1 hour)",
)


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_a_schedule_is_what_application_auto_scaling_takes(schedule: str) -> None:
    assert codes_and_paths(Schedule(schedule=schedule, minimum=1).problems()) == []


@pytest.mark.parametrize("schedule", NO_SCHEDULES)
def test_what_application_auto_scaling_would_not_accept_is_not_a_schedule(schedule: str) -> None:
    assert codes_and_paths(Schedule(schedule=schedule, minimum=1).problems()) == [
        ("autoscaling-schedule", ("schedule",))
    ]


def test_every_wrong_field_of_a_cron_expression_is_reported() -> None:
    problems = list(Schedule(schedule="cron(60 24 * * ? *)", minimum=1).problems())
    assert [problem.text for problem in problems] == [
        'the minutes of a cron expression cannot be "60"',
        'the hours of a cron expression cannot be "24"',
    ]


def test_a_schedule_changes_something() -> None:
    assert codes_and_paths(Schedule(schedule="rate(1 day)").problems()) == [("autoscaling-schedule", ())]
    assert codes_and_paths(Schedule(schedule="rate(1 day)", maximum=0).problems()) == []


@pytest.mark.parametrize(
    "zone", ["UTC", "EST5EDT", "Europe/Berlin", "America/Argentina/Buenos_Aires", "America/Port-au-Prince", "Etc/GMT+9"]
)
def test_a_time_zone_has_its_iana_name(zone: str) -> None:
    right = Schedule(schedule="cron(0 8 * * ? *)", minimum=1, time_zone=zone)
    assert codes_and_paths([*constraints(right), *right.problems()]) == []


@pytest.mark.parametrize(
    "zone", ["", "Berlin", "europe/berlin", "Europe/", "UTC+02:00", "GMT+1", "Europe / Berlin", "+9"]
)
def test_what_is_not_an_iana_name_is_not_a_time_zone(zone: str) -> None:
    wrong = Schedule(schedule="cron(0 8 * * ? *)", minimum=1, time_zone=zone)
    assert codes_and_paths([*constraints(wrong), *wrong.problems()]) == [("unknown-name", ("time_zone",))]


def test_a_rate_has_no_time_zone() -> None:
    assert codes_and_paths(Schedule(schedule="rate(1 day)", minimum=1, time_zone="UTC").problems()) == [
        ("autoscaling-schedule", ("time_zone",))
    ]
