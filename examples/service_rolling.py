"""From nothing but a VPC: a Node service, tested and built with a cache, three tasks deployed rolling; while that goes
on six of them run. Autoscaling takes over in production."""

from pipegen import (
    Approval,
    CodeCommit,
    Definition,
    DockerBuild,
    EcsDeploy,
    EcsService,
    Image,
    Parameter,
    Repository,
    Stage,
)
from pipegen.codebuild import Cache, ParameterStore, SecretsManager
from pipegen.ecs import (
    Autoscaling,
    CapacityProvider,
    ClientAlias,
    Cluster,
    ConnectService,
    Container,
    PortMapping,
    Rolling,
    Schedule,
    ServiceConnect,
    ServiceNetwork,
    TaskDefinition,
)
from pipegen.elb import LoadBalancer, Stickiness, TargetGroup, TargetHealthCheck

vpc = Parameter("VpcId", "AWS::EC2::VPC::Id")
public_subnets = Parameter("PublicSubnets", "List<AWS::EC2::Subnet::Id>")
private_subnets = Parameter("PrivateSubnets", "List<AWS::EC2::Subnet::Id>")

staging = EcsService(
    "staging",
    cluster=Cluster("espresso-staging", create=True),
    task_definition=TaskDefinition(Container("expresso-staging", ports=[3000]), cpu=256, memory=512),
    network=ServiceNetwork(vpc, subnets=private_subnets),
    load_balancer=LoadBalancer(
        subnets=public_subnets,
        target_group=TargetGroup(health_check=TargetHealthCheck("/status", healthy_count=4)),
    ),
    desired_count=3,
    availability_zone_rebalancing=True,
)

production = EcsService(
    "production",
    cluster=Cluster("espresso-production", create=True, capacity_providers=["FARGATE", "FARGATE_SPOT"]),
    task_definition=TaskDefinition(
        Container(
            "expresso-staging",
            ports=[PortMapping(3000, name="web", app_protocol="http")],
        ),
        cpu=512,
        memory=1024,
    ),
    network=ServiceNetwork(vpc, subnets=private_subnets),
    load_balancer=LoadBalancer(
        subnets=public_subnets,
        target_group=TargetGroup(
            health_check=TargetHealthCheck("/status", healthy_count=4),
            stickiness=Stickiness(duration_seconds=3600),
        ),
    ),
    deployment=Rolling(alarms=["espresso-production-5xx"]),
    autoscaling=Autoscaling(
        minimum=3,
        maximum=30,
        cpu_percent=60.0,
        requests_per_target=500.0,
        schedules=[
            Schedule("cron(0 7 ? * MON-FRI *)", minimum=6, time_zone="Europe/Rome"),
            Schedule("cron(0 20 ? * MON-FRI *)", minimum=3, time_zone="Europe/Rome"),
        ],
    ),
    capacity_providers=[
        CapacityProvider("FARGATE", base=2),
        CapacityProvider("FARGATE_SPOT", weight=3),
    ],
    service_connect=ServiceConnect(
        "espresso.internal", services=[ConnectService("web", aliases=[ClientAlias(80, dns_name="espresso")])]
    ),
)

definition = Definition(
    "espresso",
    Stage("Source", CodeCommit("App", repository="espresso", branch="main")),
    Stage(
        "Build",
        DockerBuild(
            "Image",
            Image("expresso-staging", Repository("espresso", create=True), build_arguments={"NODE_ENV": "production"}),
            environment={
                "API_URL": ParameterStore(parameter_store="/expresso/staging/api-url"),
                "NPM_TOKEN": SecretsManager(secrets_manager="expresso/npm:token"),
            },
            cache=Cache(local=["docker-layer", "custom"], paths=["/root/.npm/**/*"]),
            runtime_versions={"nodejs": "22"},
            before=["npm ci", "npm run test"],
        ),
    ),
    Stage("Staging", EcsDeploy("Deploy", service=staging, deployment_timeout=20)),
    Stage("Production", Approval("Release"), EcsDeploy("Deploy", service=production)),
    tags={"team": "coffee"},
)
