"""Three accounts: the pipeline, its repository and its artifacts are in tools; the image that it builds once is
deployed to staging and, after an approval, to production in another region."""

from pipegen import (
    Approval,
    ArtifactStore,
    Definition,
    DockerBuild,
    EcsDeploy,
    EcsService,
    Environment,
    GitHub,
    Image,
    Parameter,
    Repository,
    Stage,
)
from pipegen.ecs import Cluster, Container, ServiceNetwork, TaskDefinition

connection = Parameter("ConnectionArn")
network = ServiceNetwork(
    Parameter("VpcId", "AWS::EC2::VPC::Id"), subnets=Parameter("PrivateSubnets", "List<AWS::EC2::Subnet::Id>")
)

staging = EcsService(
    "staging",
    environment="staging",
    cluster=Cluster("orders-staging", create=True),
    network=network,
    task_definition=TaskDefinition(Container("web", ports=[8080]), cpu=256, memory=512),
)

production = EcsService(
    "production",
    environment="production",
    cluster=Cluster("orders-production", create=True),
    network=network,
    task_definition=TaskDefinition(Container("web", ports=[8080]), cpu=512, memory=1024),
    desired_count=3,
)

definition = Definition(
    "orders",
    Stage("Source", GitHub("App", repository="acme/orders", branch="main", connection=connection)),
    Stage("Build", DockerBuild("Image", Image("web", Repository("orders", create=True)))),
    Stage("Staging", EcsDeploy("Deploy", service=staging)),
    Stage("Production", Approval("Release"), EcsDeploy("Deploy", service=production)),
    environments={
        "tools": Environment("111111111111", "eu-west-1"),
        "staging": Environment("222222222222", "eu-west-1"),
        "production": Environment("333333333333", "eu-central-1"),
    },
    pipelines="tools",
    artifacts=ArtifactStore(create_key=True),
)
