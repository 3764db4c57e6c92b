"""Resources and outputs that definitions add to their stacks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import pytest
from troposphere import Base64, Export, GetAtt, If, Output, Ref, Sub, Tags, cloudwatch, dynamodb, sns, ssm

from pipegen import Definition, EcsService, Foundation, InvalidDefinition, Parameter, Pipeline, check, load, render
from pipegen.ecs import Container, TaskDefinition
from pipegen.loading.definition import read
from pipegen.loading.yaml.parsing import parse
from pipegen.model.stack_contents import contents_of
from tests.conftest import Pipegen
from tests.support.command import problems_in

DEFINITION = """\
name: shop
tags: {team: shop}
parameters: {Topic: {}, Stage: {Default: live}}
conditions: {IsLive: !Equals [!Ref Stage, live]}
services:
  web:
    cluster: main
    network: {vpc_id: vpc-0a1b2c3d, subnets: [subnet-0a1b2c3d, subnet-0a1b2c3e]}
    task_definition:
      {cpu: 256, memory: 512, containers: [{name: app, ports: [8080], environment: {TABLE: !Ref Orders}}]}
    grants: [{actions: ["dynamodb:GetItem"], resources: [!GetAtt Orders.Arn]}]
    first_images: {app: shop/app:1}
    resources:
      Orders:
        Type: AWS::DynamoDB::Table
        DeletionPolicy: Retain
        Properties:
          BillingMode: PAY_PER_REQUEST
          AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
          KeySchema: [{AttributeName: id, KeyType: HASH}]
          Tags: [{Key: team, Value: orders}]
      Busy:
        Type: AWS::CloudWatch::Alarm
        DependsOn: Service
        Condition: IsLive
        Properties:
          ComparisonOperator: GreaterThanThreshold
          EvaluationPeriods: 1
          AlarmActions: [!Ref Topic]
          Dimensions: !If [IsLive, [{Name: ServiceName, Value: !GetAtt Service.Name}], !Ref "AWS::NoValue"]
          AlarmDescription: {"Fn::Base64": !Sub "${AWS::StackName} is busy"}
      Note: {Type: "AWS::SSM::Parameter", Properties: {Type: String, Value: "1"}}
    outputs:
      Table: {Value: !Ref Orders, Export: {Name: !Sub "${AWS::StackName}-table"}, Condition: IsLive}
registry: {outputs: {Stage: {Value: !Ref Stage}}}
pipeline:
  resources: {Releases: {Type: "AWS::SNS::Topic"}}
  stages:
    - name: Source
      actions: [{kind: codecommit, name: App, repository: shop, branch: main}]
    - name: Build
      actions: [{kind: docker-build, name: Image, images: [{container: app, repository: shop}]}]
    - name: Production
      actions: [{kind: ecs-deploy, name: Deploy, service: web}]
"""


def of_text(text: str) -> Definition:
    return read(parse(text, "shop.yaml").data)


def documents(definition: Definition) -> dict[str, Any]:
    return {each.name: json.loads(each.text) for each in render(definition, format="json").stacks}


def test_resources_and_outputs_are_in_the_stack_of_the_part_that_has_them() -> None:
    stacks = documents(of_text(DEFINITION))
    web = stacks["shop-web"]
    assert web["Resources"]["Orders"]["DeletionPolicy"] == "Retain"
    assert web["Resources"]["Orders"]["Properties"]["BillingMode"] == "PAY_PER_REQUEST"
    assert web["Resources"]["Busy"]["DependsOn"] == ["Service"]
    assert web["Resources"]["Busy"]["Condition"] == "IsLive"
    assert web["Outputs"]["Table"] == {
        "Condition": "IsLive",
        "Value": {"Ref": "Orders"},
        "Export": {"Name": {"Fn::Sub": "${AWS::StackName}-table"}},
    }
    assert stacks["shop-registry"]["Outputs"]["Stage"] == {"Value": {"Ref": "Stage"}}
    assert "Releases" in stacks["shop-pipeline"]["Resources"]


def test_each_stack_gets_the_parameters_and_conditions_that_its_resources_use() -> None:
    stacks = documents(of_text(DEFINITION))
    assert {name: {"Topic", "Stage"} & each.get("Parameters", {}).keys() for name, each in stacks.items()} == {
        "shop-registry": {"Stage"},
        "shop-web": {"Topic", "Stage"},
        "shop-pipeline": set(),
    }
    assert {name for name, each in stacks.items() if "Conditions" in each} == {"shop-web"}


def test_resources_get_the_tags_of_the_definition_in_the_format_of_their_type() -> None:
    resources = documents(of_text(DEFINITION))["shop-web"]["Resources"]
    assert resources["Orders"]["Properties"]["Tags"] == [{"Key": "team", "Value": "orders"}]
    assert resources["Busy"]["Properties"]["Tags"] == [{"Key": "team", "Value": "shop"}]
    assert resources["Note"]["Properties"]["Tags"] == {"team": "shop"}


def in_python() -> Definition:
    stage, topic = Parameter("Stage", default="live"), Parameter("Topic")
    orders = dynamodb.Table(
        "Orders",
        DeletionPolicy="Retain",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[dynamodb.AttributeDefinition(AttributeName="id", AttributeType="S")],
        KeySchema=[dynamodb.KeySchema(AttributeName="id", KeyType="HASH")],
        Tags=Tags(team="orders"),
    )
    dimension = cloudwatch.MetricDimension(Name="ServiceName", Value=GetAtt("Service", "Name"))
    busy = cloudwatch.Alarm(
        "Busy",
        DependsOn="Service",
        Condition="IsLive",
        ComparisonOperator="GreaterThanThreshold",
        EvaluationPeriods=1,
        AlarmActions=[topic],
        Dimensions=If("IsLive", [dimension], Ref("AWS::NoValue")),
        AlarmDescription=Base64(Sub("${AWS::StackName} is busy")),
    )
    table = Output("Table", Value=Ref(orders), Export=Export(Sub("${AWS::StackName}-table")))
    table.resource["Condition"] = "IsLive"
    written = of_text(DEFINITION)
    service = written.services["web"]
    web = EcsService(
        "web",
        cluster="main",
        network=service.network,
        task_definition=TaskDefinition(
            cpu=256, memory=512, containers=[Container("app", ports=[8080], environment={"TABLE": Ref(orders)})]
        ),
        grants=service.grants,
        first_images=service.first_images,
        resources=[orders, busy, ssm.Parameter("Note", Type="String", Value="1")],
        outputs=[table],
    )
    return Definition(
        "shop",
        pipeline=Pipeline(*written.pipeline.stages, resources={"Releases": sns.Topic("Releases")}),
        services=[web],
        tags={"team": "shop"},
        parameters=[topic, stage],
        conditions=written.conditions,
        registry=written.registry,
    )


def test_objects_of_troposphere_make_the_same_templates() -> None:
    assert documents(in_python()) == documents(of_text(DEFINITION))
    assert [str(each) for each in check(in_python())] == []


def test_parameters_in_objects_of_troposphere_are_declared() -> None:
    alarm = cloudwatch.Alarm("Busy", AlarmActions=[Sub("${Where}", Where=Parameter("Topic"))])
    stages = of_text(DEFINITION).pipeline.stages[:2]
    definition = Definition("shop", pipeline=Pipeline(*stages, resources=[alarm]))
    assert [*definition.parameters] == ["Topic"]


def test_two_objects_with_one_logical_id_are_reported_where_they_are_created() -> None:
    with pytest.raises(ValueError, match='two objects with the name "Orders"'):
        Pipeline(resources=[sns.Topic("Orders"), sns.Topic("Orders")])


def test_resources_of_another_class_are_reported() -> None:
    stages = of_text(DEFINITION).pipeline.stages[:2]
    with pytest.raises(InvalidDefinition, match="resources must be a mapping, got a list"):
        render(Definition("shop", pipeline=Pipeline(*stages, resources=cast(Any, [Ref("Orders")]))))


def test_a_foundation_can_have_further_resources_and_outputs() -> None:
    topic = sns.Topic("Releases")
    made = Foundation(resources=[topic], outputs=[Output("Releases", Value=Ref(topic), Export=Export("releases"))])
    [stack] = render(made, format="json").stacks
    document = json.loads(stack.text)
    assert document["Resources"]["Releases"] == {"Type": "AWS::SNS::Topic"}
    assert document["Outputs"]["Releases"]["Export"] == {"Name": "releases"}


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("!Ref Orders, Export", "!Ref Order, Export", "34:15: error: Order is not a parameter or resource"),
        ("DependsOn: Service", "DependsOn: Servce", "24:9: error: Servce is not a resource of the stack; did you mean"),
        ("Condition: IsLive\n", "Condition: IsLife\n", 'error: IsLife is not a condition; did you mean "IsLive"?'),
        ("{TABLE: !Ref Orders}", "{TABLE: !Ref Releases}", "Releases is a resource of the stack shop-pipeline, not of"),
        ("BillingMode: PAY_PER_REQUEST", "BillingMode:", "the value of BillingMode is missing"),
        ("BillingMode: PAY_PER_REQUEST", "TableName: AKIAIOSFODNN7EXAMPLQ", "error: TableName contains a secret"),
        ("EvaluationPeriods: 1", "Token: cGFzc3dvcmQ0Mg", "Token looks like a secret by its name, but is plain text"),
    ],
)
def test_mistakes_are_reported_where_they_are(
    old: str, new: str, problem: str, pipegen: Pipegen, tmp_path: Path
) -> None:
    assert DEFINITION.count(old) == 1
    (tmp_path / "shop.yaml").write_text(DEFINITION.replace(old, new))
    done = pipegen("validate", "--no-lint", "shop.yaml", cwd=tmp_path)
    assert any(problem in each for each in problems_in(done.stderr)), done.stderr


def test_a_secret_may_be_a_dynamic_reference_in_a_resource_and_a_hidden_parameter() -> None:
    text = DEFINITION.replace(
        'Value: "1"', "Value: '{{resolve:secretsmanager:shop:SecretString:key}}', Description: !Ref Word"
    )
    text = text.replace("Topic: {}", "Topic: {}, Word: {NoEcho: true}")
    assert [each.code for each in check(of_text(text))] == []


def test_every_resource_type_and_property_that_troposphere_knows_is_accepted() -> None:
    from pipegen.model.resource_types import kinds_of, resource_class

    assert resource_class("AWS::Lambda::Function") is not None
    assert "AWS::DynamoDB::Table" in kinds_of("dynamodb")
    assert resource_class("Custom::Thing") is None


@pytest.mark.slow
def test_findings_of_cfn_lint_are_reported_in_the_resource(pipegen: Pipegen, tmp_path: Path) -> None:
    text = DEFINITION.replace("BillingMode: PAY_PER_REQUEST", "BillingMode: PAY_PER_MONTH")
    (tmp_path / "shop.yaml").write_text(text)
    done = pipegen("validate", "--lint", "shop.yaml", cwd=tmp_path)
    assert any(each.startswith("shop.yaml:18:11: error: E3030") for each in problems_in(done.stderr)), done.stderr


def test_objects_of_troposphere_become_equal_models(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(DEFINITION)
    [definition] = load(tmp_path / "shop.yaml")
    written, made = (contents_of(each.services["web"], ()) for each in (definition, in_python()))
    assert written.resources["Orders"] == made.resources["Orders"]
