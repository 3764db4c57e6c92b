"""Services in Python that differ between the environments that one pipeline deploys to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipegen import (
    ArtifactStore,
    CodeCommit,
    Definition,
    DockerBuild,
    EcsDeploy,
    EcsService,
    Environment,
    Image,
    InvalidDefinition,
    Stage,
    check,
    load,
    render,
)
from pipegen.ecs import Autoscaling, Container, ServiceNetwork, TaskDefinition
from tests.support.command import run

YAML = """\
name: orders
pipelines: tools
environments:
  tools: {account: "111111111111", region: eu-west-1}
  staging: {account: "222222222222", region: eu-west-1}
  production: {account: "333333333333", region: eu-west-1}
artifacts: {create_key: true}
services:
  web:
    cluster: main
    network: {vpc_id: vpc-0a1b2c3d, subnets: [subnet-0a1b2c3d]}
    task_definition:
      memory: 1024
      containers:
        - {name: log, image: "public.ecr.aws/docker/library/busybox:1.37", essential: false}
        - {name: app, ports: [3000], environment: {LOG: info, SIZE: small}}
    environments:
      staging:
        task_definition:
          cpu: 256
          containers: [{name: log, when: false}, {name: app, environment: {LOG: debug}}]
      production:
        task_definition: {cpu: 512}
        deployment: {kind: blue-green, bake_minutes: 5}
        load_balancer: {subnets: [subnet-0a1b2c3d, subnet-1a1b2c3d]}
        autoscaling: {minimum: 2, maximum: 6, cpu_percent: 60}
pipeline:
  stages:
    - name: Source
      actions: [{kind: codecommit, name: App, repository: orders, branch: main}]
    - name: Build
      actions: [{kind: docker-build, name: Image, images: [{container: app, repository: orders}]}]
    - name: Staging
      actions: [{kind: ecs-deploy, name: Deploy, service: web-staging}]
    - name: Production
      actions: [{kind: ecs-deploy, name: Deploy, service: web-production}]
"""
SECTIONS: dict[str, Any] = {
    "staging": {
        "task_definition": {
            "cpu": 256,
            "containers": [{"name": "log", "when": False}, {"name": "app", "environment": {"LOG": "debug"}}],
        }
    },
    "production": {
        "task_definition": {"cpu": 512},
        "deployment": {"kind": "blue-green", "bake_minutes": 5},
        "load_balancer": {"subnets": ["subnet-0a1b2c3d", "subnet-1a1b2c3d"]},
        "autoscaling": Autoscaling(minimum=2, maximum=6, cpu_percent=60),
    },
}
WEB = EcsService(
    "web",
    cluster="main",
    network=ServiceNetwork(vpc_id="vpc-0a1b2c3d", subnets=["subnet-0a1b2c3d"]),
    task_definition=TaskDefinition(
        memory=1024,
        containers=[
            Container("log", image="public.ecr.aws/docker/library/busybox:1.37", essential=False),
            Container("app", ports=[3000], environment={"LOG": "info", "SIZE": "small"}),
        ],
    ),
    environments=SECTIONS,
)


def definition(web: EcsService) -> Definition:
    return Definition(
        "orders",
        Stage("Source", CodeCommit("App", repository="orders", branch="main")),
        Stage("Build", DockerBuild("Image", Image("app", "orders"))),
        Stage("Staging", EcsDeploy("Deploy", service="web-staging")),
        Stage("Production", EcsDeploy("Deploy", service="web-production")),
        services=[web],
        environments={
            "tools": Environment("111111111111", "eu-west-1"),
            "staging": Environment("222222222222", "eu-west-1"),
            "production": Environment("333333333333", "eu-west-1"),
        },
        pipelines="tools",
        artifacts=ArtifactStore(create_key=True),
    )


def test_sections_render_as_those_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "orders.yaml").write_text(YAML)
    [written] = load(tmp_path / "orders.yaml")
    expected = {stack.name: stack.document for stack in render(written).stacks}
    made = render(definition(WEB))
    assert {stack.name: stack.document for stack in made.stacks} == expected
    assert {"orders-web-staging", "orders-web-production"} <= expected.keys()
    assert [each.text for each in check(definition(WEB))] == [each.text for each in check(written)]


def test_a_list_of_environments_deploys_the_same_to_each() -> None:
    web = replace(WEB, task_definition=replace(WEB.task_definition, cpu=256), environments=["staging", "production"])
    made = {stack.name: stack.document for stack in render(definition(web)).stacks}
    staging, production = (made[f"orders-web-{name}"]["Resources"] for name in ("staging", "production"))
    assert staging["TaskDefinition"]["Properties"]["Cpu"] == production["TaskDefinition"]["Properties"]["Cpu"] == "256"


@pytest.mark.parametrize(
    ("sections", "message"),
    [
        ({"staging": {"task_definition": {"cpuu": 256}}}, 'unknown key "cpuu"; did you mean "cpu"?'),
        ({"stagign": {}}, 'there is no environment stagign; did you mean "staging"?'),
        ({"staging": {"name": "x"}}, "name cannot differ between environments, because it identifies the service"),
        ({"staging": {"desired_count": -1}}, "desired_count must be 0 or more, got -1"),
        ({"staging": {"autoscaling": {"minimum": 2}}}, "maximum is missing; add maximum:"),
    ],
)
def test_problems_of_sections_are_those_of_files(sections: dict[str, Any], message: str) -> None:
    web = replace(WEB, task_definition=replace(WEB.task_definition, cpu=256), environments={**SECTIONS, **sections})
    found = [each for each in check(definition(web)) if message.partition(";")[0] in each.text]
    assert found, check(definition(web))
    assert {each.location.rpartition("/")[2].partition(":")[0] for each in found} == {"test_python_sections.py"}
    with pytest.raises(InvalidDefinition, match=message.partition(";")[0].replace("(", r"\(")):
        render(definition(web))


def test_an_unknown_key_names_the_service_and_the_environment(tmp_path: Path) -> None:
    web = replace(WEB, environments={**SECTIONS, "staging": {"task_definition": {"cpuu": 256}}})
    [problem] = check(definition(web))
    assert problem.message.startswith('services.web.environments.staging.task_definition.cpuu: unknown key "cpuu"; ')
    module = Path(__file__).read_text().partition("def test_sections")[0].replace('"cpu": 256', '"cpuu": 256')
    (tmp_path / "orders.py").write_text(module + "\norders = definition(WEB)\n")
    failed = run("validate", tmp_path / "orders.py").stderr
    assert 'error: orders.services.web.environments.staging.task_definition.cpuu: unknown key "cpuu"; ' in failed


def test_the_command_reads_sections_in_python(tmp_path: Path) -> None:
    module = Path(__file__).read_text().partition("def test_sections")[0] + "\norders = definition(WEB)\n"
    (tmp_path / "orders.py").write_text(module)
    done = run("render", tmp_path / "orders.py", "--output", tmp_path / "out")
    assert done.exit_code == 0, done.stderr
    (tmp_path / "orders.py").write_text(module.replace('"cpu": 512', '"cpu": 5000'))
    failed = run("validate", tmp_path / "orders.py").stderr
    assert "orders.py:" in failed
    assert "cpu must be one of 256, 512, 1024" in failed


def test_two_services_that_become_one_are_reported(tmp_path: Path) -> None:
    plain = """
  web-staging:
    environment: staging
    cluster: other
    network: {vpc_id: vpc-0a1b2c3d, subnets: [subnet-0a1b2c3d]}
    task_definition: {cpu: 256, memory: 1024, containers: [{name: app, ports: [3000]}]}
"""
    (tmp_path / "orders.yaml").write_text(YAML.replace("services:\n", f"services:{plain}", 1))
    result = run("validate", str(tmp_path / "orders.yaml"))
    assert "services web-staging and web both become the service web-staging" in result.stderr, result.stderr
    assert result.exit_code == 1


def test_two_services_that_become_one_are_reported_in_python(tmp_path: Path) -> None:
    plain = replace(WEB, key="web-staging", environment="staging", environments={})
    with pytest.raises(InvalidDefinition, match="services web-staging and web both become the service web-staging"):
        render(replace(definition(WEB), services={"web-staging": plain, "web": WEB}))
