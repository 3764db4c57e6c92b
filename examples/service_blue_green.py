"""From nothing but a VPC: a web service on Fargate with its own load balancer, blue/green through CodeDeploy. In
staging traffic moves by itself; in production a person lets it go on, and the old tasks stay for two hours."""

from pipegen import Definition, DockerBuild, EcsDeploy, EcsService, GitHub, Image, Parameter, Repository, Stage
from pipegen.codedeploy import CanaryShift, CodeDeploy
from pipegen.ecs import Cluster, Container, ServiceNetwork, TaskDefinition
from pipegen.elb import LoadBalancer, TargetGroup, TargetHealthCheck

connection = Parameter("ConnectionArn")
certificate = Parameter("CertificateArn", description="The certificate of greeter.example.com")
vpc = Parameter("VpcId", "AWS::EC2::VPC::Id")
public_subnets = Parameter("PublicSubnets", "List<AWS::EC2::Subnet::Id>", description="Of the load balancers")
private_subnets = Parameter("PrivateSubnets", "List<AWS::EC2::Subnet::Id>", description="Of the tasks")
vpc_cidr = Parameter("VpcCidr", default="10.0.0.0/16", description="Who may send test traffic")

staging = EcsService(
    "staging",
    cluster=Cluster("greeter-staging", create=True),
    task_definition=TaskDefinition(
        Container("ecs-blue-green", ports=[3000], environment={"STAGE": "staging"}), cpu=256, memory=512
    ),
    network=ServiceNetwork(vpc, subnets=private_subnets),
    load_balancer=LoadBalancer(
        subnets=public_subnets, target_group=TargetGroup(health_check=TargetHealthCheck("/health"))
    ),
    deployment=CodeDeploy(termination_wait_minutes=5, alarms=[]),
)

production = EcsService(
    "production",
    cluster=Cluster("greeter-production", create=True),
    task_definition=TaskDefinition(
        Container("ecs-blue-green", ports=[3000], environment={"STAGE": "production"}), cpu=1024, memory=2048
    ),
    network=ServiceNetwork(vpc, subnets=private_subnets),
    load_balancer=LoadBalancer(
        subnets=public_subnets,
        certificate=certificate,
        test_port=8443,
        test_ingress=[vpc_cidr],
        target_group=TargetGroup(
            health_check=TargetHealthCheck("/health", interval_seconds=15), deregistration_delay_seconds=60
        ),
    ),
    deployment=CodeDeploy(
        configuration=CanaryShift(canary_percentage=10, interval_minutes=5),
        hold_minutes=240,
        termination_wait_minutes=120,
        alarms=["greeter-production-5xx"],
    ),
    desired_count=3,
    health_check_grace_seconds=60,
)

definition = Definition(
    "greeter",
    Stage("Source", GitHub("App", repository="acme/greeter", branch="main", connection=connection)),
    Stage("Build", DockerBuild("Image", Image("ecs-blue-green", Repository("greeter", create=True)))),
    Stage("Staging", EcsDeploy("Deploy", service=staging)),
    Stage("Production", EcsDeploy("Deploy", service=production)),
)
