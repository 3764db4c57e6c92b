"""Numbers that are CloudFormation expressions: what they become, and what is found wrong with them."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from troposphere import FindInMap, Ref

from pipegen import (
    CodeCommit,
    Definition,
    DockerBuild,
    EcsDeploy,
    EcsService,
    Image,
    InvalidDefinition,
    Parameter,
    Stage,
    check,
)
from pipegen.ecs import Autoscaling, Container, ServiceNetwork, TaskDefinition
from pipegen.errors import Path as Path_
from pipegen.loading.definition import read
from pipegen.loading.yaml.parsing import parse
from pipegen.rendering import problems_with, render_definition
from tests.seeds import SEEDS
from tests.support.validating import validated

PARAMETERS = """\
name: orders
parameters:
  Vpc: {Type: "AWS::EC2::VPC::Id"}
  Subnets: {Type: "List<AWS::EC2::Subnet::Id>"}
  Number: {Type: Number, PARAMETER}
  Word: {Type: String, Default: many}
  Environment: {Type: String, AllowedValues: [staging, production]}
mappings:
  Sizes:
    staging: {Cpu: "256", Memory: "512", Word: small}
    production: {Cpu: "1024", Memory: "2048", Word: large}
"""
DEFINITION = (
    PARAMETERS
    + """\
artifacts: {expire_days: VALUE}
services:
  web:
    cluster: main
    network: {vpc_id: !Ref Vpc, subnets: !Ref Subnets}
    task_definition:
      cpu: !FindInMap [Sizes, !Ref Environment, Cpu]
      memory: !FindInMap [Sizes, !Ref Environment, Memory]
      containers: [{name: app, ports: [3000], memory: VALUE, cpu: VALUE, stop_timeout: VALUE}]
    load_balancer:
      subnets: !Ref Subnets
      idle_timeout_seconds: VALUE
      target_group: {deregistration_delay_seconds: VALUE, health_check: {interval_seconds: VALUE}}
    autoscaling: {minimum: VALUE, maximum: VALUE, cpu_percent: VALUE}
    health_check_grace_seconds: VALUE
    log_retention_days: VALUE
pipeline:
  stages:
    - name: Source
      actions: [{kind: codecommit, name: App, repository: orders, branch: main}]
    - name: Build
      actions:
        - {kind: docker-build, name: Image, images: [{container: app, repository: orders}], timeout_minutes: VALUE}
    - name: Deploy
      actions:
        - {kind: approval, name: Ask, timeout_minutes: VALUE}
        - {kind: ecs-deploy, name: Deploy, service: web}
"""
)


def definition(value: str, parameter: str = 'Default: "60"') -> str:
    return DEFINITION.replace("VALUE", value).replace("PARAMETER", parameter)


def templates(text: str) -> dict[str, Any]:
    """The properties of the resources in all stacks, by their logical ids."""
    stacks = render_definition(read(parse(text, "orders.yaml").data)).stacks
    found = [stack.document["Resources"] for stack in stacks]
    return {name: resource["Properties"] for each in found for name, resource in each.items()}


def test_an_expression_reaches_every_property() -> None:
    made = templates(definition("!Ref Number"))
    reference = {"Ref": "Number"}
    task = made["TaskDefinition"]
    assert task["Cpu"] == {"Fn::FindInMap": ["Sizes", {"Ref": "Environment"}, "Cpu"]}
    [container] = task["ContainerDefinitions"]
    assert [container[key] for key in ("Cpu", "Memory", "StopTimeout")] == [reference] * 3
    attributes = {each["Key"]: each["Value"] for each in made["LoadBalancer"]["LoadBalancerAttributes"]}
    assert attributes["idle_timeout.timeout_seconds"] == reference
    attributes = {each["Key"]: each["Value"] for each in made["TargetGroup"]["TargetGroupAttributes"]}
    assert attributes["deregistration_delay.timeout_seconds"] == reference
    assert made["TargetGroup"]["HealthCheckIntervalSeconds"] == reference
    assert made["ScalableTarget"]["MinCapacity"] == made["ScalableTarget"]["MaxCapacity"] == reference
    assert made["CpuScaling"]["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == reference
    assert made["Service"]["HealthCheckGracePeriodSeconds"] == reference
    assert made["LogGroup"]["RetentionInDays"] == reference
    assert made["ImageProject"]["TimeoutInMinutes"] == reference
    [stage] = [each for each in made["Pipeline"]["Stages"] if each["Name"] == "Deploy"]
    assert stage["Actions"][0]["TimeoutInMinutes"] == reference


@pytest.mark.parametrize(
    ("value", "parameter", "message"),
    [
        (
            "!Ref Number",
            'Default: "0"',
            'timeout_minutes must be between 5 and 86,400, got "0" from !Ref [out-of-range]',
        ),
        ("!Ref Number", 'Default: "60", AllowedValues: ["60", "4"]', 'between 5 and 86,400, got "4" from !Ref'),
        ("!Ref Number", 'Default: "6.5"', 'timeout_minutes must be an integer, got "6.5" from !Ref; correct the value'),
        ("!Ref Word", "", 'timeout_minutes must be an integer, got "many" from !Ref'),
        (
            "!Ref Vpc",
            "",
            "must be an integer, got !Ref Vpc, a parameter of the type AWS::EC2::VPC::Id; use a parameter",
        ),
        ("!Ref Subnets", "", "timeout_minutes must be a number, got !Ref Subnets, a parameter of the type List<"),
        ("!FindInMap [Sizes, !Ref Environment, Word]", "", 'must be an integer, got "small" from !FindInMap'),
        ("!Ref Missing", "", "Missing is not a parameter"),
    ],
)
def test_what_an_expression_cannot_be(value: str, parameter: str, message: str, tmp_path: Path) -> None:
    text = DEFINITION.replace("VALUE", "60").replace(
        "name: Ask, timeout_minutes: 60", f"name: Ask, timeout_minutes: {value}"
    )
    [line] = validated(text.replace("PARAMETER", parameter).replace("{Type: Number, }", "{Type: Number}"), tmp_path)
    assert message in line


def test_zero_for_logs_that_never_expire_is_a_literal(tmp_path: Path) -> None:
    text = definition("60").replace("log_retention_days: 60", "log_retention_days: !Ref Number")
    [line] = validated(text.replace('Default: "60"', 'Default: "0"'), tmp_path)
    assert "log_retention_days must be one of 1, 3, 5, " in line
    assert not validated(text.replace("!Ref Number", "0"), tmp_path)


@pytest.mark.parametrize(
    "value", ["!Sub '${Number}'", "!Select [0, ['60']]", "!ImportValue minutes", "!If [A, 60, 90]", "!If [A, '60', 90]"]
)
def test_other_functions(value: str, tmp_path: Path) -> None:
    conditions = "conditions: {A: !Equals [!Ref Environment, staging]}\nartifacts"
    assert not validated(definition(value).replace("artifacts", conditions), tmp_path)


def test_defaults_that_do_not_fit_together_are_found(tmp_path: Path) -> None:
    text = definition("60").replace("minimum: 60", "minimum: !Ref Number")
    [line] = validated(text.replace('Default: "60"', 'Default: "61"'), tmp_path)
    assert "warning: minimum must be at most maximum (60), got 61 by default; lower minimum" in line


def service(minimum: object, maximum: object) -> Definition:
    task = TaskDefinition(cpu=256, memory=512, containers=[Container("app", ports=[3000])])
    scaling = Autoscaling(minimum=minimum, maximum=maximum, cpu_percent=50)  # type: ignore[arg-type]
    network = ServiceNetwork(vpc_id="vpc-0a1b2c3d", subnets=["subnet-0a1b2c3d"])
    web = EcsService("web", cluster="main", task_definition=task, autoscaling=scaling, network=network)
    source = Stage("Source", CodeCommit("App", repository="orders", branch="main"))
    build = Stage("Build", DockerBuild("Image", Image("app", "orders")))
    return Definition("orders", source, build, Stage("Deploy", EcsDeploy("Deploy", service=web)), services=[web])


def test_python_takes_parameters_and_functions() -> None:
    low = Parameter("Low", type="Number", default="1")
    [stack] = [each for each in render_definition(service(low, Ref("Low"))).stacks if each.name == "orders-web"]
    target = stack.document["Resources"]["ScalableTarget"]["Properties"]
    assert target["MinCapacity"] == target["MaxCapacity"] == {"Ref": "Low"}
    [problem] = [each for each in check(service(Parameter("Low", default="-1"), 2)) if each.severity == "error"]
    assert (problem.code, problem.text) == ("out-of-range", 'minimum must be 0 or more, got "-1" from Ref')


NUMBERS = st.integers(-3, 6)


@settings(deadline=None, max_examples=30)
@given(minimum=NUMBERS, maximum=NUMBERS)
def test_a_value_of_an_environment_is_checked_as_a_literal_is(minimum: int, maximum: int) -> None:
    literal = [(each.code, each.path, each.text) for each in check(service(minimum, maximum))]
    definition = service(Parameter("Low", type="Number"), Parameter("High", type="Number"))
    known = check(definition)
    values = {"Low": str(minimum), "High": str(maximum)}
    found = [(each.code, each.path, each.text) for each in problems_with(definition, values, known)]
    assert sorted(found) == sorted(each for each in literal if each not in [(k.code, k.path, k.text) for k in known])


@settings(deadline=None, max_examples=30)
@given(key=st.sampled_from(["staging", "production"]), count=NUMBERS.filter(bool))
def test_an_entry_of_a_mapping_is_found_by_the_value_of_its_key(key: str, count: int) -> None:
    mappings = {"Counts": {"staging": {"Low": "1"}, "production": {"Low": "1"}, key: {"Low": str(count)}}}
    definition = service(FindInMap("Counts", Ref("Environment"), "Low"), 3)
    other = "production" if key == "staging" else "staging"
    data = {"parameters": {"Environment": {"Type": "String"}}, "mappings": mappings}
    parameters = read({"name": "a", "pipeline": {"stages": []}, **data})
    whole = Definition(
        "orders",
        pipeline=definition.pipeline,
        services=definition.services,
        parameters=parameters.parameters,
        mappings=mappings,
    )
    here = [each.code for each in problems_with(whole, {"Environment": key}, ())]
    there = [each.code for each in problems_with(whole, {"Environment": other}, ())]
    assert ("out-of-range" in here) == (count < 0)
    assert ("autoscaling-capacity" in here) == (count > 3)
    assert not {"out-of-range", "autoscaling-capacity"} & {*there}


def numbers(data: Any, path: Path_ = ()) -> Iterator[Path_]:
    if isinstance(data, int) and not isinstance(data, bool):
        yield path
    inside = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, each in inside:
        yield from numbers(each, (*path, key))


def replaced(data: Any, path: Path_) -> Any:
    changed = copy.deepcopy(data)
    here = changed
    for part in path[:-1]:
        here = here[part]
    here[path[-1]] = {"Ref": "AnyNumber"}
    return changed


def accepts(data: Any) -> bool:
    try:
        read(data)
    except InvalidDefinition:
        return False
    return True


@pytest.mark.parametrize("index", range(len(SEEDS)))
def test_no_rule_expects_a_literal_where_a_field_accepts_an_expression(index: int) -> None:
    data = parse(SEEDS[index], "seed.yaml").data
    data.setdefault("parameters", {})["AnyNumber"] = {"Type": "Number"}
    accepting = [path for path in numbers(data) if path[:1] != ("overrides",) and accepts(replaced(data, path))]
    for path in accepting:
        data = replaced(data, path)
    found = {each.code for each in check(read(data)) if each.severity == "error"}
    # Several rules now have the same priority, and the parameter has no value in another account.
    assert found <= {"listener-priority", "environment-value"}
    assert len(accepting) >= LEAST[index]


LEAST = (5, 4, 1, 56, 0, 62, 4, 0, 1)
"""How many fields of each seed accept an expression at least."""


LISTED = """\
services:
  web:
    cluster: main
    network: {vpc_id: !Ref Vpc, subnets: !Ref Subnets}
    desired_count: COUNT
    task_definition: {cpu: 256, memory: 512, containers: [{name: app, ports: [3000]}]}
pipeline:
  stages:
    - {name: Source, actions: [{kind: codecommit, name: App, repository: orders, branch: main}]}
    - {name: Build, actions: [{kind: docker-build, name: Image, images: [{container: app, repository: orders}]}]}
    - {name: Deploy, actions: [{kind: ecs-deploy, name: Deploy, service: web}]}
"""


@pytest.mark.parametrize(("count", "checked"), [("!Ref Number", [("services", "web", "desired_count")]), ("2", [])])
def test_only_expressions_whose_values_can_be_wrong_are_checked_with_the_values_of_environments(
    count: str, checked: list[Path_]
) -> None:
    text = PARAMETERS.replace(", PARAMETER", "") + LISTED.replace("COUNT", count)
    assert {*render_definition(read(parse(text, "orders.yaml").data)).expressions} == {*checked}
