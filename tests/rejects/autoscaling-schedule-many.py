"""A schedule for each minute of some hours, and one more than Application Auto Scaling takes."""

from __future__ import annotations

from pipegen import (
    Autoscaling,
    CodeCommit,
    Container,
    Definition,
    DockerBuild,
    EcsDeploy,
    EcsService,
    Image,
    Pipeline,
    Schedule,
    ServiceNetwork,
    Stage,
    TaskDefinition,
)

LIMIT = 200


def with_schedules(number: int) -> Definition:
    schedules = [Schedule(schedule=f"cron({index % 60} {index // 60} ? * * *)", minimum=2) for index in range(number)]
    web = EcsService(
        cluster="main",
        network=ServiceNetwork(vpc="vpc-0a1b2c3d", subnets=["subnet-0a1b2c3d"]),
        task_definition=TaskDefinition(cpu=256, memory=512, containers=[Container(name="web")]),
        autoscaling=Autoscaling(minimum=1, maximum=4, schedules=schedules),
    )
    stages = (
        Stage(name="Source", actions=[CodeCommit(name="App", repository="shop", branch="main")]),
        Stage(name="Build", actions=[DockerBuild(name="Image", images=[Image(container="web", repository="shop")])]),
        Stage(name="Production", actions=[EcsDeploy(name="Deploy", service="web")]),
    )
    return Definition(name="shop", services={"web": web}, pipeline=Pipeline(stages=stages))


shop = with_schedules(LIMIT + 1)
