"""ECS's own strategies: what CloudFormation gets of them, who may do what, how long they take, and what is refused."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from troposphere import Ref, Template, ecs

from pipegen.compile.roles import role
from pipegen.definition import Definition
from pipegen.ecs.http_check import HttpCheck
from pipegen.ecs.lifecycle import BoundHooks, LifecycleHook, LifecycleStage, Pause, bind_hooks, hook_minutes
from pipegen.ecs.strategy import BlueGreen, Canary, Linear, Rolling
from pipegen.ecs.traffic import TrafficShift

ELB = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:"
TRAFFIC = TrafficShift(
    target_group=f"{ELB}targetgroup/blue/1234567890123456",
    alternate_target_group=f"{ELB}targetgroup/green/1234567890123456",
    production_rule=f"{ELB}listener-rule/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee",
    test_rule=f"{ELB}listener-rule/app/shop/50dc6c495c0c9188/0467ef3c8400ae65/9683b2d02a6cabee",
)
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:smoke"
CHECK = HttpCheck(host="shop.example.com", port=8080, path="/health")
HOOKS = (
    LifecycleHook(function=CHECK, stages=["POST_TEST_TRAFFIC_SHIFT"]),
    LifecycleHook(function=FUNCTION, stages=["PRE_SCALE_UP", "POST_SCALE_UP"], details={"suite": "quick"}),
    Pause(pause_at=["PRE_PRODUCTION_TRAFFIC_SHIFT"], timeout_minutes=120, on_timeout="CONTINUE"),
)
Strategy = Rolling | BlueGreen | Canary | Linear


def service(strategy: Strategy, traffic: TrafficShift | None = TRAFFIC) -> tuple[Template, BoundHooks]:
    """A stack of a service with that strategy, made of the values alone."""
    template = Template()
    bound = bind_hooks(strategy.hooks, "shop", "main")
    definition = Definition("shop")
    roles = [bound.role] if bound.role else []
    balanced: dict[str, Any] = {}
    if traffic is not None:
        infrastructure = traffic.role("InfrastructureRole")
        roles.append(infrastructure)
        balancer = ecs.LoadBalancer(
            ContainerName="app",
            ContainerPort=3000,
            TargetGroupArn=traffic.target_group,
            AdvancedConfiguration=traffic.configuration(_arn(infrastructure.logical_id)),
        )
        balanced = {"LoadBalancers": [balancer]}
    for function in bound.functions:
        roles.append(function.role)
        for resource in function.resources:
            template.add_resource(resource)
    for service_role in roles:
        template.add_resource(role(service_role, definition))
    network = ecs.AwsvpcConfiguration(Subnets=["subnet-1234567890abcdef0"], SecurityGroups=["sg-1234567890abcdef0"])
    task = ecs.TaskDefinition(
        "Task",
        Family="shop",
        Cpu="256",
        Memory="512",
        NetworkMode="awsvpc",
        RequiresCompatibilities=["FARGATE"],
        ContainerDefinitions=[
            ecs.ContainerDefinition(
                Name="app", Image="shop", PortMappings=[ecs.PortMapping(ContainerPort=3000)], Essential=True
            )
        ],
    )
    template.add_resource(task)
    template.add_resource(
        ecs.Service(
            "Service",
            Cluster="main",
            LaunchType="FARGATE",
            TaskDefinition=Ref("Task"),
            NetworkConfiguration=ecs.NetworkConfiguration(AwsvpcConfiguration=network),
            DeploymentConfiguration=strategy.configuration(bound.properties),
            **balanced,
        )
    )
    return template, bound


def _arn(logical_id: str) -> Any:
    from troposphere import GetAtt

    return GetAtt(logical_id, "Arn")


def configuration(strategy: Strategy) -> dict[str, Any]:
    found = service(strategy)[0].to_dict()["Resources"]["Service"]["Properties"]["DeploymentConfiguration"]
    return dict(found)


STRATEGIES = {
    "rolling": (
        Rolling(minimum_healthy_percent=50, alarms=["errors"]),
        {
            "MinimumHealthyPercent": 50,
            "MaximumPercent": 200,
            "DeploymentCircuitBreaker": {"Enable": True, "Rollback": True},
            "Alarms": {"AlarmNames": ["errors"], "Enable": True, "Rollback": True},
        },
    ),
    "blue/green": (
        BlueGreen(bake_minutes=5),
        {
            "Strategy": "BLUE_GREEN",
            "BakeTimeInMinutes": 5,
            "DeploymentCircuitBreaker": {"Enable": True, "Rollback": True},
        },
    ),
    "without a circuit breaker": (
        BlueGreen(circuit_breaker=False),
        {
            "Strategy": "BLUE_GREEN",
            "BakeTimeInMinutes": 15,
            "DeploymentCircuitBreaker": {"Enable": False, "Rollback": False},
        },
    ),
    "canary": (
        Canary(canary_percent=12.5, canary_bake_minutes=20, alarms=["errors"]),
        {
            "Strategy": "CANARY",
            "CanaryConfiguration": {"CanaryPercent": 12.5, "CanaryBakeTimeInMinutes": 20},
            "BakeTimeInMinutes": 15,
            "DeploymentCircuitBreaker": {"Enable": True, "Rollback": True},
            "Alarms": {"AlarmNames": ["errors"], "Enable": True, "Rollback": True},
        },
    ),
    "linear": (
        Linear(step_percent=25, step_bake_minutes=3, bake_minutes=0),
        {
            "Strategy": "LINEAR",
            "LinearConfiguration": {"StepPercent": 25, "StepBakeTimeInMinutes": 3},
            "BakeTimeInMinutes": 0,
            "DeploymentCircuitBreaker": {"Enable": True, "Rollback": True},
        },
    ),
}


@pytest.mark.parametrize(("strategy", "expected"), STRATEGIES.values(), ids=STRATEGIES.keys())
def test_a_strategy_is_what_the_service_gets(strategy: Strategy, expected: dict[str, Any]) -> None:
    assert configuration(strategy) == expected


def test_hooks_name_functions_and_the_role_that_calls_them() -> None:
    template, _ = service(BlueGreen(hooks=HOOKS))
    found = template.to_dict()["Resources"]
    check, own, pause = found["Service"]["Properties"]["DeploymentConfiguration"]["LifecycleHooks"]
    assert check["HookTargetArn"] == {"Fn::GetAtt": ["ShopCheck", "Arn"]}
    assert check["LifecycleStages"] == ["POST_TEST_TRAFFIC_SHIFT"]
    assert check["TimeoutConfiguration"] == {"TimeoutInMinutes": 15, "Action": "ROLLBACK"}
    assert own["HookTargetArn"] == FUNCTION
    assert own["HookDetails"] == {"suite": "quick"}
    assert own["RoleArn"] == check["RoleArn"] == {"Fn::GetAtt": ["ShopHookRole", "Arn"]}
    assert pause == {
        "TargetType": "PAUSE",
        "LifecycleStages": ["PRE_PRODUCTION_TRAFFIC_SHIFT"],
        "TimeoutConfiguration": {"TimeoutInMinutes": 120, "Action": "CONTINUE"},
    }
    [statement] = found["ShopHookRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    assert statement["Action"] == ["lambda:InvokeFunction"]
    assert statement["Resource"] == [{"Fn::GetAtt": ["ShopCheck", "Arn"]}, FUNCTION]
    assert found["ShopCheck"]["Type"] == "AWS::Lambda::Function"


def test_a_custom_role_calls_its_hook_and_the_stack_makes_none() -> None:
    hook = LifecycleHook(function=FUNCTION, stages=["POST_SCALE_UP"], role="arn:aws:iam::123456789012:role/hooks")
    bound = bind_hooks([hook], "shop", "main")
    assert bound.role is None
    assert bound.properties[0].to_dict()["RoleArn"] == "arn:aws:iam::123456789012:role/hooks"


def test_the_infrastructure_role_may_change_only_these_rules_and_target_groups() -> None:
    template, _ = service(BlueGreen())
    found = template.to_dict()["Resources"]["InfrastructureRole"]["Properties"]
    assert found["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"Service": "ecs.amazonaws.com"}
    allowed = {
        action: statement["Resource"]
        for statement in found["Policies"][0]["PolicyDocument"]["Statement"]
        for action in statement["Action"]
    }
    assert allowed["elasticloadbalancing:ModifyRule"] == [TRAFFIC.production_rule, TRAFFIC.test_rule]
    assert allowed["elasticloadbalancing:RegisterTargets"] == [TRAFFIC.target_group, TRAFFIC.alternate_target_group]
    assert {action for action, resource in allowed.items() if resource == ["*"]} == {
        "elasticloadbalancing:DescribeListeners",
        "elasticloadbalancing:DescribeRules",
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTargetHealth",
    }


@pytest.mark.parametrize(
    "strategy",
    [Rolling(), BlueGreen(hooks=HOOKS), Canary(hooks=HOOKS[:1]), Linear(hooks=HOOKS[1:])],
    ids=lambda strategy: strategy.kind,
)
def test_cfn_lint_finds_nothing_in_a_service_of_these_values(
    strategy: Strategy, tmp_path: Path, cfn_lint: Path
) -> None:
    file = tmp_path / "service.json"
    file.write_text(service(strategy, None if isinstance(strategy, Rolling) else TRAFFIC)[0].to_json())
    command = [str(cfn_lint), "--region", "eu-west-1", "--format", "json", str(file)]
    linted = subprocess.run(command, capture_output=True, text=True, check=False)
    assert json.loads(linted.stdout or "[]") == [], linted.stdout


def _pause(stage: LifecycleStage) -> Pause:
    return Pause(pause_at=[stage], timeout_minutes=60)


TIMES = {
    "rolling takes what it takes": (Rolling(), 0),
    "bake time": (BlueGreen(bake_minutes=30), 30),
    "canary and bake time": (Canary(canary_bake_minutes=20, bake_minutes=10), 30),
    "four steps of 25 percent wait three times": (Linear(step_percent=25, step_bake_minutes=5, bake_minutes=0), 15),
    "four steps of 30 percent wait three times": (Linear(step_percent=30, step_bake_minutes=5, bake_minutes=0), 15),
    "one step waits never": (Linear(step_percent=100, step_bake_minutes=5, bake_minutes=1), 1),
    "hooks and pauses": (BlueGreen(hooks=HOOKS, bake_minutes=0), 2 + 2 * 15 + 120),
    "a canary pauses before both steps": (
        Canary(hooks=[_pause("PRE_PRODUCTION_TRAFFIC_SHIFT")], canary_bake_minutes=0, bake_minutes=0),
        2 * 60,
    ),
    "a linear deployment pauses before each of its four steps": (
        Linear(step_percent=30, hooks=[_pause("PRE_PRODUCTION_TRAFFIC_SHIFT")], step_bake_minutes=0, bake_minutes=0),
        4 * 60,
    ),
    "it pauses once after the test traffic has shifted": (
        Linear(step_percent=30, hooks=[_pause("POST_TEST_TRAFFIC_SHIFT")], step_bake_minutes=0, bake_minutes=0),
        60,
    ),
    "functions are called in each step": (
        Linear(
            step_percent=50,
            hooks=[
                LifecycleHook(
                    function=FUNCTION,
                    stages=[
                        "PRE_PRODUCTION_TRAFFIC_SHIFT",
                        "PRODUCTION_TRAFFIC_SHIFT",
                        "POST_PRODUCTION_TRAFFIC_SHIFT",
                    ],
                )
            ],
            step_bake_minutes=0,
            bake_minutes=0,
        ),
        (2 + 2 + 1) * 15,
    ),
}


@pytest.mark.parametrize(("strategy", "minutes"), TIMES.values(), ids=TIMES.keys())
def test_a_deployment_takes_so_long(strategy: Strategy, minutes: int) -> None:
    assert sum(strategy.times().values()) == minutes


def test_a_check_takes_its_deadline_or_the_hooks_time_out_if_that_is_shorter() -> None:
    long = HttpCheck(host="shop.example.com", deadline_seconds=900)
    assert hook_minutes([LifecycleHook(function=long, stages=["POST_SCALE_UP"], timeout_minutes=60)]) == 15
    assert hook_minutes([LifecycleHook(function=long, stages=["POST_SCALE_UP"], timeout_minutes=5)]) == 5


FINE: dict[str, Sequence[Strategy]] = {
    "percentages": (
        Canary(canary_percent=0.1),
        Canary(canary_percent=99.9),
        Linear(step_percent=3, step_bake_minutes=1),
    ),
    "minutes": (BlueGreen(bake_minutes=0), BlueGreen(bake_minutes=1440)),
    "room": (
        Rolling(minimum_healthy_percent=100, maximum_percent=101),
        Rolling(minimum_healthy_percent=0, maximum_percent=100),
    ),
    "hooks": (BlueGreen(hooks=HOOKS),),
    "the longest": (Canary(canary_bake_minutes=1440, bake_minutes=540),),
}


@pytest.mark.parametrize("strategies", FINE.values(), ids=FINE.keys())
def test_what_aws_takes_is_taken(strategies: Sequence[Strategy]) -> None:
    assert [problem for strategy in strategies for problem in strategy.problems()] == []


WRONG: dict[str, tuple[Strategy, str, tuple[str | int, ...]]] = {
    "a finer canary": (Canary(canary_percent=5.55), "strategy-percent", ("canary_percent",)),
    "too long together": (Canary(canary_bake_minutes=1440, bake_minutes=541), "strategy-time", ("bake_minutes",)),
    "no room": (
        Rolling(minimum_healthy_percent=100, maximum_percent=100),
        "strategy-percent",
        ("minimum_healthy_percent",),
    ),
    "a pause in a shift": (
        BlueGreen(hooks=[Pause(pause_at=["PRODUCTION_TRAFFIC_SHIFT"], timeout_minutes=5)]),
        "lifecycle-hook",
        ("hooks", 0, "pause_at", 0),
    ),
    "a stage twice": (
        BlueGreen(hooks=[LifecycleHook(function=FUNCTION, stages=["POST_SCALE_UP", "POST_SCALE_UP"])]),
        "lifecycle-hook",
        ("hooks", 0, "stages"),
    ),
    "eleven pauses": (
        BlueGreen(hooks=[Pause(pause_at=["POST_SCALE_UP"], timeout_minutes=1)] * 11),
        "lifecycle-hook",
        ("hooks",),
    ),
    "a check that cannot be": (
        BlueGreen(hooks=[LifecycleHook(function=HttpCheck(host="", port=80), stages=["POST_SCALE_UP"])]),
        "hook-host",
        ("hooks", 0, "function", "host"),
    ),
}


@pytest.mark.parametrize(("strategy", "code", "path"), WRONG.values(), ids=WRONG.keys())
def test_what_aws_rejects_is_rejected(strategy: Strategy, code: str, path: tuple[str | int, ...]) -> None:
    [problem] = strategy.problems()
    assert (problem.code, problem.path) == (code, path)
    assert problem.fix


def test_a_pause_before_every_step_is_pointed_out() -> None:
    [problem] = Linear(step_percent=25, hooks=[_pause("PRE_PRODUCTION_TRAFFIC_SHIFT")]).problems()
    assert (problem.code, problem.severity) == ("lifecycle-pause", "warning")
    assert "4 traffic shifts" in problem.text
    for strategy in (
        BlueGreen(hooks=[_pause("PRE_PRODUCTION_TRAFFIC_SHIFT")]),
        Canary(hooks=[_pause("POST_TEST_TRAFFIC_SHIFT")]),
    ):
        assert [*strategy.problems()] == []
