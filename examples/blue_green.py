"""A web service on Fargate, blue/green through CodeDeploy: in staging the traffic moves by itself, in production a
person lets it go on. The build writes the task definition and the appspec of each environment."""

from typing import Any

from pipegen import CodeDeployEcs, Definition, DockerBuild, GitHub, Image, Parameter, Repository, Stage
from pipegen.codedeploy import DeploymentGroup
from pipegen.ecs import Container, HealthCheck, LogConfiguration, TaskDefinition
from pipegen.functions import Ref

connection = Parameter("ConnectionArn")
staging_listener = Parameter("StagingListener", description="The ARN of the staging load balancer's listener")
production_listener = Parameter("ProductionListener", description="The ARN of the production load balancer's listener")


def task(stage: str, cpu: int, memory: int, health_check: HealthCheck | None = None) -> TaskDefinition:
    options: dict[str, Any] = {
        "awslogs-group": "/ecs/web-shop",
        "awslogs-region": Ref("AWS::Region"),
        "awslogs-stream-prefix": stage,
    }
    return TaskDefinition(
        Container(
            "ecs-blue-green",
            ports=[3000],
            environment={"STAGE": stage},
            health_check=health_check,
            log_configuration=LogConfiguration("awslogs", options=options),
        ),
        family=f"web-shop-{stage}",
        cpu=cpu,
        memory=memory,
        task_role="web-shop-task",
        execution_role="web-shop-execution",
    )


web_shop = Definition(
    "web-shop",
    Stage("Source", GitHub("App", repository="acme/web-shop", branch="main", connection=connection)),
    Stage("Build", DockerBuild("Image", Image("ecs-blue-green", Repository("web-shop", create=True)))),
    Stage(
        "Staging",
        CodeDeployEcs(
            "Deploy",
            task_definition=task("staging", 256, 512),
            deployment_group=DeploymentGroup(
                cluster="staging",
                service="web-shop",
                target_groups=["web-shop-staging-blue", "web-shop-staging-green"],
                production_listener=staging_listener,
                termination_wait_minutes=5,
                alarms=[],
            ),
        ),
    ),
    Stage(
        "Production",
        CodeDeployEcs(
            "Deploy",
            task_definition=task(
                "production",
                1024,
                2048,
                HealthCheck(
                    ["CMD-SHELL", "curl --fail http://localhost:3000/health || exit 1"], interval=15, retries=3
                ),
            ),
            deployment_group=DeploymentGroup(
                cluster="production",
                service="web-shop",
                target_groups=["web-shop-production-blue", "web-shop-production-green"],
                production_listener=production_listener,
                hold_minutes=240,
                termination_wait_minutes=120,
                alarms=["web-shop-production-5xx"],
            ),
        ),
    ),
)
