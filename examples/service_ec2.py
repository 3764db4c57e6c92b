"""From nothing but a VPC and a cluster of instances: one build feeds a rolling deploy with dynamic host ports to a test
cluster, from an image definitions file with a custom name, and a blue/green one through CodeDeploy in production."""

from pipegen import Definition, DockerBuild, EcsDeploy, EcsService, GitHub, Image, Parameter, Repository, Stage
from pipegen.codedeploy import CodeDeploy
from pipegen.ecs import (
    Container,
    PlacementStrategy,
    PortMapping,
    ServiceNetwork,
    ServicePlacementConstraint,
    TaskDefinition,
)
from pipegen.elb import LoadBalancer, TargetGroup, TargetHealthCheck

connection = Parameter("ConnectionArn")
vpc = Parameter("VpcId", "AWS::EC2::VPC::Id")
subnets = Parameter("Subnets", "List<AWS::EC2::Subnet::Id>")

test = EcsService(
    "test",
    cluster="instances-test",
    task_definition=TaskDefinition(
        Container("inventory", memory_reservation=128, ports=[PortMapping(8080, host_port=0)]),
        network_mode="bridge",
        requires_compatibilities=["EC2"],
    ),
    network=ServiceNetwork(vpc, subnets=subnets),
    load_balancer=LoadBalancer(
        scheme="internal", target_group=TargetGroup(health_check=TargetHealthCheck("/healthcheck"))
    ),
    placement_strategies=[
        PlacementStrategy("spread", "attribute:ecs.availability-zone"),
        PlacementStrategy("binpack", "memory"),
    ],
)

production = EcsService(
    "production",
    cluster="instances-production",
    task_definition=TaskDefinition(
        Container("inventory", memory=512, memory_reservation=256, ports=[8080]), requires_compatibilities=["EC2"]
    ),
    network=ServiceNetwork(vpc, subnets=subnets),
    load_balancer=LoadBalancer(
        scheme="internal", target_group=TargetGroup(health_check=TargetHealthCheck("/healthcheck"))
    ),
    deployment=CodeDeploy(
        configuration="CodeDeployDefault.ECSLinear10PercentEvery1Minutes", alarms=["warehouse-production-5xx"]
    ),
    desired_count=4,
    placement_constraints=[ServicePlacementConstraint("memberOf", "attribute:ecs.instance-type =~ m7g.*")],
)

source = GitHub("App", repository="acme/warehouse", branch="main", connection=connection)

definition = Definition(
    "warehouse",
    Stage("Source", source),
    Stage(
        "Build",
        DockerBuild(
            "Image",
            Image("inventory", Repository("warehouse", create=True)),
            environment={"BUILD_KIND": "release"},
            action_environment={"COMMIT_ID": source.variable("CommitId")},
        ),
    ),
    Stage("Test", EcsDeploy("Deploy", service=test, file_name="inventory-images.json")),
    Stage("Production", EcsDeploy("Deploy", service=production)),
)
