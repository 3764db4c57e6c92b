"""A task whose containers all get their images from the build, one more than CodePipeline fills in."""

from __future__ import annotations

from pipegen import (
    CodeCommit,
    CodeDeployEcs,
    Container,
    Definition,
    DockerBuild,
    Image,
    Pipeline,
    Stage,
    TaskDefinition,
)

LIMIT = 4


def with_images(number: int) -> Definition:
    names = ["web", *(f"worker-{index}" for index in range(1, number))]
    source = CodeCommit(name="App", repository="orders", branch="main")
    build = DockerBuild(name="Image", images=[Image(container=name, repository=name) for name in names])
    containers = [Container(name=name, ports=[8080] if name == "web" else []) for name in names]
    task = TaskDefinition(
        family="orders", cpu=256, memory=512, execution_role="orders-execution", containers=containers
    )
    deploy = CodeDeployEcs(name="Service", application="orders", deployment_group="orders", task_definition=task)
    stages = [
        Stage(name="Source", actions=[source]),
        Stage(name="Build", actions=[build]),
        Stage(name="Deploy", actions=[deploy]),
    ]
    return Definition(name="orders", pipeline=Pipeline(stages=stages))


orders = with_images(LIMIT + 1)
