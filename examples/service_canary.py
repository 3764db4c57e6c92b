"""From nothing but a VPC: ECS itself moves the traffic. A tenth of it reaches the new tasks for half an hour, a
function looks at them first, and an alarm sends everything back. A worker without a load balancer is deployed beside
it."""

from pipegen import Definition, DockerBuild, EcsDeploy, EcsService, GitHub, Grant, Image, Parameter, Repository, Stage
from pipegen.ecs import Autoscaling, Canary, Container, HttpCheck, LifecycleHook, Pause, ServiceNetwork, TaskDefinition
from pipegen.elb import LoadBalancer, TargetGroup, TargetHealthCheck
from pipegen.functions import GetAtt, Sub

connection = Parameter("ConnectionArn")
certificate = Parameter("CertificateArn")
vpc = Parameter("VpcId", "AWS::EC2::VPC::Id")
public_subnets = Parameter("PublicSubnets", "List<AWS::EC2::Subnet::Id>")
private_subnets = Parameter("PrivateSubnets", "List<AWS::EC2::Subnet::Id>")

web = EcsService(
    "web",
    cluster="parcels",
    task_definition=TaskDefinition(Container("parcels", ports=[8080]), cpu=512, memory=1024),
    network=ServiceNetwork(vpc, subnets=private_subnets),
    load_balancer=LoadBalancer(
        subnets=public_subnets,
        certificate=certificate,
        test_port=8443,
        target_group=TargetGroup(health_check=TargetHealthCheck("/health")),
    ),
    deployment=Canary(
        bake_minutes=60,
        hooks=[
            LifecycleHook(
                HttpCheck(
                    GetAtt("LoadBalancer", "DNSName"),
                    scheme="https",
                    port=8443,
                    path="/health",
                    verify_certificate=False,
                ),
                stages=["POST_TEST_TRAFFIC_SHIFT"],
            ),
            Pause(["POST_TEST_TRAFFIC_SHIFT"], timeout_minutes=120),
        ],
        alarms=["parcel-desk-5xx"],
        canary_percent=10.0,
        canary_bake_minutes=30,
    ),
    autoscaling=Autoscaling(
        minimum=2,
        maximum=10,
        cpu_percent=60.0,
    ),
)

worker = EcsService(
    "worker",
    cluster="parcels",
    task_definition=TaskDefinition(Container("parcels", environment={"QUEUE": "parcels"}), cpu=256, memory=512),
    network=ServiceNetwork(vpc, subnets=private_subnets),
    first_images={"parcels": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/idle:1"},
    grants=[
        Grant(
            ["sqs:ReceiveMessage", "sqs:DeleteMessage"],
            [Sub("arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:parcels")],
        )
    ],
)

definition = Definition(
    "parcel-desk",
    Stage("Source", GitHub("App", repository="acme/parcel-desk", branch="main", connection=connection)),
    Stage(
        "Build",
        DockerBuild("Image", Image("parcels", Repository("parcel-desk", create=True), context="services/parcels")),
    ),
    Stage("Production", EcsDeploy("Worker", service=worker), EcsDeploy("Web", service=web)),
)
