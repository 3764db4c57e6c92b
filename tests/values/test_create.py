from typing import Any

import awacs.aws as aws
import pytest
from troposphere import Output, Ref, Template, codepipeline, ecs

from pipegen import Definition, load, render
from pipegen.values.create import create, create_from
from tests.benchmarks.fleet import rebuilt
from tests.mutants.mutant import DEFINITIONS, bases

FILES = sorted({each.main for each in bases().values() if each.main != "."} - {"external.yaml"})
"""Troposphere does not accept the launch type EXTERNAL."""


@pytest.mark.parametrize(
    ("kind", "title", "given"),
    [
        (ecs.Cluster, "Cluster", {"ClusterName": "shop", "DependsOn": ["Role"], "DeletionPolicy": "Retain"}),
        (ecs.Cluster, "Cluster", {}),
        (codepipeline.InputArtifacts, None, {"Name": "Source"}),
        (aws.PolicyDocument, None, {"Version": "2012-10-17", "Statement": []}),
        (Output, "Bucket", {"Value": Ref("Bucket"), "Condition": "IsProduction"}),
    ],
)
def test_an_object_is_the_same_as_one_by_its_constructor(kind: Any, title: str | None, given: dict[str, Any]) -> None:
    created = create(kind, title, **given)
    constructed = kind(title, **given) if title else kind(**given)
    assert vars(created) == vars(constructed)
    assert list(created.resource) == list(constructed.resource)


def test_an_object_from_data_has_objects_for_its_parts() -> None:
    data = {
        "Family": Ref("Family"),
        "ContainerDefinitions": [{"Name": "app", "Image": Ref("Image"), "DependsOn": [{"ContainerName": "log"}]}],
        "RuntimePlatform": {"CpuArchitecture": "ARM64", "OperatingSystemFamily": "LINUX"},
        "RequiresCompatibilities": ["FARGATE"],
    }
    created = create_from(ecs.TaskDefinition, "Task", data)
    assert created.to_dict() == ecs.TaskDefinition.from_dict("Task", data).to_dict()
    assert isinstance(created.RuntimePlatform, ecs.RuntimePlatform)
    assert isinstance(created.ContainerDefinitions[0], ecs.ContainerDefinition)
    assert created.ContainerDefinitions[0].DependsOn[0].ContainerName == "log"


def test_objects_do_not_share_properties() -> None:
    first, second = create(ecs.Cluster, "First"), create(ecs.Cluster, "Second")
    first.ClusterName = "shop"
    first.DeletionPolicy = "Retain"
    assert second.to_dict() == {"Type": "AWS::ECS::Cluster"}


@pytest.mark.parametrize("file", FILES)
def test_the_constructors_of_troposphere_accept_what_templates_contain(file: str) -> None:
    for definition in load(DEFINITIONS / file):
        assert isinstance(definition, Definition)
        for stack in render(definition).stacks:
            template = stack.template
            again = rebuilt(template)
            assert isinstance(again, Template)
            assert again.resources == template.resources
            assert again.outputs == template.outputs
