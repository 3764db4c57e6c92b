"""AWS's names on fields are right: CloudFormation has such a property, and what a field holds is found there."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Annotated, Any

import pytest
from troposphere import AWSHelperFn

from pipegen import Foundation, load, render
from pipegen.actions.kinds import KINDS
from pipegen.conditions.kinds import KINDS as RULE_KINDS
from pipegen.fields.aws import ConfigurationKey, Property
from pipegen.fields.model import Model
from pipegen.loading.definition import read
from pipegen.loading.yaml.parsing import parse
from pipegen.pipeline.action import Action
from pipegen.pipeline.rule import Rule
from tests.aws_names import home_of, marks_of, names_of, properties, subclasses, type_inside
from tests.examples import EXAMPLES
from tests.seeds import SEEDS

Values = dict[tuple[str, str], list[Any]]
"""Values by the type and the name of a property, or by the provider and a key of its configuration."""

FOUNDATION = Foundation(
    expire_days=200,
    log_retention_days=30,
    emails=["delivery@example.com"],
    permissions_boundary="arn:aws:iam::123456789012:policy/boundary",
    role_path="/delivery/",
)


REST = """\
name: rest
pipeline:
  commands_log_retention_days: 7
  stages:
    - name: Source
      actions: [{kind: codecommit, name: App, repository: app, branch: main}]
    - name: Build
      actions:
        - kind: docker-build
          name: Images
          images:
            - {container: app, repository: {name: app, create: true, immutable: true, keep_images: 41}}
            - {container: worker, repository: {name: worker, create: true, expire_untagged_days: 42}}
    - name: Deploy
      actions:
        - {kind: ecs-deploy, name: App, service: app}
        - {kind: ecs-deploy, name: Worker, service: worker}
        - {kind: record-images, name: Record, parameters: {app: /app/image, worker: /worker/image}}
services:
  app:
    cluster: main
    network: {vpc_id: vpc-0a1b2c3d, subnets: [subnet-0a1b2c3d, subnet-0a1b2c3e]}
    task_definition:
      cpu: 256
      memory: 512
      containers: [{name: app, ports: [{container_port: 8080, name: http, app_protocol: http}]}]
    load_balancer:
      listener: arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/main/0123456789abcdef/0123456789abcdef
      security_group: sg-0a1b2c3d
      priority: 20
      headers: {x-version: ["7"]}
      source_ips: [192.0.2.0/24]
      container: app
      port: 8080
      target_group: {protocol: HTTPS}
    deployment:
      kind: linear
      step_percent: 25
      step_bake_minutes: 7
      circuit_breaker: false
      hooks:
        - function: arn:aws:lambda:eu-west-1:123456789012:function:check
          stages: [POST_SCALE_UP]
          role: arn:aws:iam::123456789012:role/hooks
          details: {checks: [login]}
          timeout_minutes: 9
          on_timeout: CONTINUE
        - {pause_at: [POST_TEST_TRAFFIC_SHIFT], timeout_minutes: 21, on_timeout: CONTINUE}
    service_connect:
      namespace: shop
      services: [{port_name: http, idle_timeout_seconds: 61, per_request_timeout_seconds: 16}]
    service_discovery: {namespace: ns-0a1b2c3d4e5f, record_type: SRV, port: 8080}
    first_images: {app: public.ecr.aws/nginx/nginx:1.27}
  worker:
    cluster: main
    network: {vpc_id: vpc-0a1b2c3d, subnets: [subnet-0a1b2c3d]}
    task_definition: {cpu: 256, memory: 512, containers: [{name: worker}]}
    deployment: {circuit_breaker: false, rollback: false}
"""
"""Fields that no seed sets, or only where they make no resource."""


def every_model() -> list[Any]:
    assert [*KINDS.values(), *RULE_KINDS.values()]
    models = dict.fromkeys(subclasses(Model))
    return [each for each in models if "__dataclass_fields__" in vars(each) and names_of(each)]


@pytest.mark.parametrize("model", every_model(), ids=lambda model: model.__name__)
def test_cloudformation_has_every_property(model: Any) -> None:
    for names in names_of(model).values():
        for name in names:
            if isinstance(name, Property):
                owner, _, last = str(name).rpartition(".")
                assert last in properties(owner), name


def test_the_page_of_a_property_is_cloudformations() -> None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-codebuild-project-environment.html"""
    reference = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference"
    assert Property("AWS::CodeBuild::Project.Environment.Image").url == (
        f"{reference}/aws-properties-codebuild-project-environment.html#cfn-codebuild-project-environment-image"
    )
    assert Property("AWS::ECS::Service.DesiredCount").url == (
        f"{reference}/aws-resource-ecs-service.html#cfn-ecs-service-desiredcount"
    )


def definitions() -> Iterator[Any]:
    yield from (read(parse(text, "seed").data) for text in (*SEEDS, REST))
    yield from (load(example.yaml)[0] for example in EXAMPLES)


@cache
def places() -> Mapping[tuple[str, str], list[bool]]:
    """For each field that a definition sets and each name that it declares: whether the templates have there what the
    field holds, for each time that it is set."""
    found: dict[tuple[str, str], list[bool]] = {}
    for definition in definitions():
        stacks = [json.loads(each.text)["Resources"] for each in render(definition, format="json").stacks]
        _look(definition, values_of(stacks), found)
    stack = json.loads(render(FOUNDATION, format="json").stacks[0].text)["Resources"]
    _look(FOUNDATION, values_of([stack]), found)
    return found


def _look(definition: Any, values: Values, found: dict[tuple[str, str], list[bool]]) -> None:
    for field, held, name, place in declared(definition):
        is_right = place in values and is_there(field.partition(".")[2], held, place[1], values[place])
        found.setdefault((field, name), []).append(is_right)


def values_of(stacks: Iterable[Mapping[str, Any]]) -> Values:
    """What templates have at each property."""
    found: Values = {}
    for resource in (each for stack in stacks for each in stack.values()):
        _collect(resource["Type"], resource.get("Properties", {}), found)
    return found


def _collect(aws_type: str, data: Mapping[str, Any], found: Values) -> None:
    for key, value in data.items():
        found.setdefault((aws_type, key), []).append(value)
        inside = type_inside(aws_type, key) if key in properties(aws_type) else None
        for each in value if isinstance(value, list) else [value]:
            if inside is not None and isinstance(each, Mapping):
                _collect(inside, each, found)
    for kind in (each for key, each in data.items() if key in ("ActionTypeId", "RuleTypeId")):
        for key, value in data.get("Configuration", {}).items():
            found.setdefault((str(kind["Provider"]), key), []).append(value)


def declared(value: Any, provider: str = "") -> Iterator[tuple[str, Any, str, tuple[str, str]]]:
    """Each field that is set and marked: itself, what it holds, the name that it declares, and where that is."""
    if is_dataclass(value) and not isinstance(value, type):
        provider = provider_of(value) or provider
        for field in fields(value):
            held = getattr(value, field.name)
            for name in marks_of(type(value), field.name) if held not in (None, (), {}, field.default) else ():
                owner, _, last = str(name).rpartition(".")
                yield f"{home_of(type(value), field.name)}.{field.name}", held, str(name), (owner or provider, last)
            yield from declared(held, provider)
    elif isinstance(value, Mapping | tuple):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from declared(item, provider)


def provider_of(value: Any) -> str:
    if isinstance(value, Action):
        return value.action_type.provider
    return value.provider if isinstance(value, Rule) else ""


AWS_FORMS = {
    ("assign_public_ip", "true"): "ENABLED",
    ("availability_zone_rebalancing", "true"): "ENABLED",
    ("clone", "full"): "CODEBUILD_CLONE_REF",
    ("immutable", "true"): "IMMUTABLE",
    ("local", "docker-layer"): "LOCAL_DOCKER_LAYER_CACHE",
    ("local", "source"): "LOCAL_SOURCE_CACHE",
    ("platform", "arm64"): "ARM_CONTAINER",
    ("scale_in", "false"): "true",
}
"""What AWS has for values of fields, where it is another word."""
IN_TEXTS = (
    *(
        "AlarmStates",
        "EnvironmentVariables",
        "LifecyclePolicyText",
        "ParameterOverrides",
        "SourceRevisions",
        "Variables",
    ),
)
"""Properties and keys that are one text made of several values."""


def is_there(field: str, held: Any, name: str, values: list[Any]) -> bool:
    """Whether all texts and numbers in what a field holds are among the values of a property."""
    known = {*leaves(values)}
    if name in IN_TEXTS:
        return all(any(each in text for text in known) for each in leaves(held))
    return all(AWS_FORMS.get((field, each), each) in known for each in leaves(held))


def leaves(value: Any) -> Iterator[str]:
    """The texts and numbers in a value, without those of models in it, which declare their own names."""
    if isinstance(value, AWSHelperFn):
        yield from leaves(value.to_dict())
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from leaves(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from leaves(item)
    elif not is_dataclass(value):
        yield f"{value:g}" if isinstance(value, float) else str(value).replace("True", "true").replace("False", "false")


def test_what_a_field_holds_is_found_under_its_name() -> None:
    assert [place for place, seen in places().items() if not any(seen)] == []


def test_every_mark_is_tried() -> None:
    wanted = {
        (f"{home_of(model, field)}.{field}", str(name))
        for model in every_model()
        for field in names_of(model)
        for name in marks_of(model, field)
    }
    assert sorted(wanted - places().keys()) == []


def test_a_property_is_not_a_key_of_the_same_name() -> None:
    assert Annotated[str, Property("ClusterName")] != Annotated[str, ConfigurationKey("ClusterName")]
    assert Annotated[str, Property("ClusterName")] == Annotated[str, Property("ClusterName")]
