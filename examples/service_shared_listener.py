"""Two services of a shop on instances, behind one load balancer that many services share: each adds a rule and a target
group. A second pipeline run is not needed for new tasks: `pipegen redeploy` prints the command."""

from pipegen import CodeCommit, Definition, DockerBuild, EcsDeploy, EcsService, Image, Parameter, Repository, Stage
from pipegen.codebuild import FromEnvironment
from pipegen.ecs import (
    Container,
    PlacementStrategy,
    PortMapping,
    ServiceNetwork,
    ServicePlacementConstraint,
    TaskDefinition,
)
from pipegen.elb import SharedListener, TargetGroup, TargetHealthCheck

vpc = Parameter("VpcId", "AWS::EC2::VPC::Id")
listener = Parameter("ListenerArn", description="The listener that the services of the shop share")

catalog = EcsService(
    "catalog",
    cluster="shop",
    task_definition=TaskDefinition(
        Container(
            "catalog",
            memory_reservation=256,
            ports=[PortMapping(8080, host_port=0)],
            environment={"APP_VERSION": "2.4"},
        ),
        task_role="service/catalog-task",
        network_mode="bridge",
        requires_compatibilities=["EC2"],
    ),
    network=ServiceNetwork(vpc),
    load_balancer=SharedListener(
        listener,
        priority=110,
        path_patterns=["/catalog", "/catalog/*"],
        target_group=TargetGroup(
            health_check=TargetHealthCheck("/catalog/health", matcher="200-299"), slow_start_seconds=60
        ),
    ),
    first_images={"catalog": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/hello:1"},
    desired_count=2,
    placement_strategies=[PlacementStrategy("spread", "host")],
    health_check_grace_seconds=90,
)

search = EcsService(
    "search",
    cluster="shop",
    task_definition=TaskDefinition(
        Container(
            "search",
            image="public.ecr.aws/opensearchproject/opensearch:3.3.2",
            memory_reservation=2048,
            ports=[PortMapping(9200, host_port=0)],
        ),
        network_mode="bridge",
        requires_compatibilities=["EC2"],
    ),
    network=ServiceNetwork(vpc),
    load_balancer=SharedListener(
        listener,
        priority=120,
        host_headers=["search.shop.example.com"],
        headers={"X-Api-Version": ["3"]},
        target_group=TargetGroup(health_check=TargetHealthCheck("/_cluster/health")),
    ),
    placement_constraints=[ServicePlacementConstraint("distinctInstance")],
)

definition = Definition(
    "shelves",
    Stage("Source", CodeCommit("Shop", repository="shop", branch="main")),
    Stage(
        "Build",
        DockerBuild(
            "Image",
            Image(
                "catalog",
                Repository("shop/shelves", create=True, keep_images=100),
                context="services/catalog",
                build_arguments={"APP_VERSION": FromEnvironment("APP_VERSION")},
                tags=["latest", FromEnvironment("APP_VERSION")],
            ),
            before=['export APP_VERSION="$(cat services/catalog/VERSION)"'],
        ),
    ),
    Stage("Production", EcsDeploy("Deploy", service=catalog)),
    services=[catalog, search],  # the pipeline does not deploy to search
)
