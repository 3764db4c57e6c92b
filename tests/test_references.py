"""Objects in place of names: services, source actions, variables and foundations."""

from __future__ import annotations

from typing import Any

import pytest

from pipegen import (
    Approval,
    CloudFormation,
    CodeBuild,
    CodeCommit,
    Definition,
    DockerBuild,
    Ecr,
    EcsDeploy,
    EcsService,
    Foundation,
    GitHub,
    Image,
    InvalidDefinition,
    Parameter,
    Patterns,
    Pipeline,
    Push,
    Repository,
    Stage,
    Trigger,
    Variable,
    check,
    render,
)
from pipegen.ecs import Container, ServiceNetwork, TaskDefinition

CONNECTION = "arn:aws:codeconnections:eu-west-1:123456789012:connection/0d7b5b55-2b66-4b02-8a21-3f1f4a2a91a3"
APP = GitHub("App", repository="acme/orders", branch="main", connection=CONNECTION)
IMAGE = DockerBuild("Image", Image("app", Repository("orders", create=True)))
SUBNETS = Parameter("Subnets", type="List<AWS::EC2::Subnet::Id>")


def service(key: str, *, cluster: Any = "main") -> EcsService:
    task = TaskDefinition(cpu=256, memory=512, containers=[Container("app")])
    network = ServiceNetwork(vpc_id="vpc-0a1b2c3d4e5f60718", subnets=SUBNETS)
    return EcsService(key, cluster=cluster, task_definition=task, network=network)


def definition(*deploy: EcsDeploy, **settings: Any) -> Definition:
    return Definition("orders", Stage("Source", APP), Stage("Build", IMAGE), Stage("Deploy", *deploy), **settings)


def texts(definition: Definition) -> dict[str, str]:
    return {each.stack.name: each.text for each in render(definition).stacks}


def test_a_service_that_an_action_deploys_to_is_part_of_the_definition() -> None:
    web, worker = service("web"), service("worker")
    made = definition(EcsDeploy("Web", service=web), EcsDeploy("Worker", service=worker))
    assert list(made.services) == ["web", "worker"]
    named = definition(EcsDeploy("Web", service="web"), EcsDeploy("Worker", service="worker"), services=[web, worker])
    assert texts(made) == texts(named)


def test_parameters_of_a_service_are_declared() -> None:
    made = definition(EcsDeploy("Web", service=service("web")))
    assert "Subnets" in made.parameters
    assert "Subnets:" in texts(made)["orders-web"]


def test_two_different_services_of_one_key_are_reported() -> None:
    one, other = service("web"), service("web", cluster="other")
    with pytest.raises(InvalidDefinition, match=r"services\.web is also the name of another object"):
        render(definition(EcsDeploy("One", service=one), EcsDeploy("Other", service=other)))


def test_a_problem_of_a_service_names_the_line_that_created_it() -> None:
    wrong = service("web", cluster="a cluster")
    [problem] = check(definition(EcsDeploy("Web", service=wrong)))
    line = service.__code__.co_firstlineno + 3
    assert problem.location.endswith(f"test_references.py:{line}")
    assert problem.path == ("services", "web", "cluster")


def test_a_cluster_goes_with_the_name_of_a_service_only() -> None:
    with pytest.raises(InvalidDefinition, match="service must be a string"):
        render(definition(EcsDeploy("Web", cluster="main", service=5)))  # type: ignore[arg-type]


def test_a_trigger_takes_its_source() -> None:
    push = [Push(branches=Patterns(includes=["main"]))]
    stages = [Stage("Source", APP), Stage("Build", IMAGE)]
    definition = Definition("orders", pipeline=Pipeline(*stages, triggers=[Trigger(APP, push=push)]))
    named = Definition("orders", pipeline=Pipeline(*stages, triggers=[Trigger("App", push=push)]))
    assert texts(definition) == texts(named)


def test_a_source_that_is_not_in_the_pipeline_is_reported() -> None:
    other = CodeCommit("Other", repository="other", branch="main")
    triggers = [Trigger(other, push=[Push(branches=Patterns(includes=["main"]))])]
    pipeline = Pipeline(Stage("Source", APP), Stage("Build", IMAGE), triggers=triggers)
    with pytest.raises(InvalidDefinition, match="Other"):
        render(Definition("orders", pipeline=pipeline))


def test_a_definition_takes_the_foundation_itself() -> None:
    platform = Foundation("platform")
    stages = [Stage("Source", APP), Stage("Build", IMAGE)]
    definition = Definition("orders", *stages, foundation=platform)
    assert definition == Definition("orders", *stages, foundation=platform.reference())


VARIABLES: dict[str, tuple[str, str]] = {
    "of a connection": (APP.variable("CommitId"), "#{App.CommitId}"),
    "of CodeCommit": (CodeCommit("A", repository="a", branch="b").variable("CommitterDate"), "#{A.CommitterDate}"),
    "of ECR": (Ecr("Base", repository="base", namespace="Image").variable("ImageURI"), "#{Image.ImageURI}"),
    "of a build of images": (IMAGE.variable("IMAGE_URI_APP"), "#{Image.IMAGE_URI_APP}"),
    "of a build": (CodeBuild("Unit", commands=["make"], exported_variables=["V"]).variable("V"), "#{Unit.V}"),
    "of a stack": (CloudFormation("Net", stack_name="net", stack_outputs=["Vpc"]).variable("Vpc"), "#{Net.Vpc}"),
    "of the pipeline": (f"{Variable('SUITE')}", "#{variables.SUITE}"),
}


@pytest.mark.parametrize(("made", "text"), VARIABLES.values(), ids=VARIABLES.keys())
def test_a_variable_is_the_text_that_codepipeline_replaces(made: str, text: str) -> None:
    assert made == text


def test_an_unknown_variable_is_an_error_with_the_closest_name() -> None:
    with pytest.raises(ValueError, match='App has no variable "CommitID"; there is CommitId'):
        APP.variable("CommitID")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match='Image has no variable "TAG"; there is IMAGE_TAG'):
        IMAGE.variable("TAG")
    with pytest.raises(ValueError, match='Release has no variable "Answer"; it has none'):
        Approval("Release").variable("Answer")  # type: ignore[arg-type]


def test_variables_of_the_pipeline_are_listed() -> None:
    suite = Variable("SUITE", default="quick")
    pipeline = Pipeline(Stage("Source", APP), Stage("Build", IMAGE), variables=[suite])
    assert pipeline == Pipeline(Stage("Source", APP), Stage("Build", IMAGE), variables={"SUITE": suite})
