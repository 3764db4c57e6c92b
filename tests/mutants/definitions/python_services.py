"""Two environments of one web service, made by a function."""

from troposphere import Ref, Sub

from pipegen import (
    Approval,
    CodeCommit,
    Definition,
    DockerBuild,
    EcsDeploy,
    EcsService,
    Grant,
    Image,
    Parameter,
    Repository,
    Stage,
)
from pipegen.ecs import Autoscaling, Container, HealthCheck, Rolling, ServiceNetwork, TaskDefinition
from pipegen.elb import LoadBalancer, TargetGroup, TargetHealthCheck


def web(stage: str, minimum: int) -> EcsService:
    return EcsService(
        stage,
        cluster=f"forum-{stage}",
        network=ServiceNetwork(vpc_id=Ref("Vpc"), subnets=Ref("Subnets")),
        task_definition=TaskDefinition(
            cpu=512,
            memory=1024,
            containers=[
                Container(
                    "forum",
                    ports=[8080],
                    environment={"STAGE": stage},
                    health_check=HealthCheck(command=["CMD-SHELL", "curl -f http://localhost:8080/ || exit 1"]),
                )
            ],
        ),
        load_balancer=LoadBalancer(
            scheme="internal",
            target_group=TargetGroup(health_check=TargetHealthCheck(path="/health")),
        ),
        deployment=Rolling(minimum_healthy_percent=100, maximum_percent=200),
        autoscaling=Autoscaling(minimum=minimum, maximum=10, cpu_percent=60),
        first_images={"forum": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/hello:1"},
        grants=[
            Grant(
                actions=["sns:Publish"],
                resources=[Sub("arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:forum")],
            )
        ],
    )


forum = Definition(
    "forum",
    Stage("Source", CodeCommit("App", repository="forum", branch="main")),
    Stage("Build", DockerBuild("Image", Image("forum", Repository("forum", create=True)))),
    Stage("Staging", EcsDeploy("Deploy", service=web("staging", 1))),
    Stage("Production", Approval("Release"), EcsDeploy("Deploy", service=web("production", 3))),
    parameters=[Parameter("Vpc", type="AWS::EC2::VPC::Id"), Parameter("Subnets", type="List<AWS::EC2::Subnet::Id>")],
)
