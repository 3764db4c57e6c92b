"""From nothing but a VPC: a Python web application on Fargate. Before production's traffic moves, a function asks the
new tasks over HTTP through the test listener; anything but 200 ends the deployment, and the old tasks keep serving."""

from pipegen import Definition, DockerBuild, EcsDeploy, EcsService, GitHub, Grant, Image, Parameter, Repository, Stage
from pipegen.codedeploy import CodeDeploy, Hooks
from pipegen.ecs import Cluster, Container, ContainerDependency, HttpCheck, ServiceNetwork, TaskDefinition
from pipegen.elb import LoadBalancer, TargetGroup, TargetHealthCheck
from pipegen.functions import GetAtt, Sub

connection = Parameter("ConnectionArn")
certificate = Parameter("CertificateArn")
vpc = Parameter("VpcId", "AWS::EC2::VPC::Id")
public_subnets = Parameter("PublicSubnets", "List<AWS::EC2::Subnet::Id>")
private_subnets = Parameter("PrivateSubnets", "List<AWS::EC2::Subnet::Id>")
smoke_test = Parameter("SmokeTestArn", description="Your Lambda function that tests what was installed")

production = EcsService(
    "production",
    cluster=Cluster("quoter", create=True, container_insights="enhanced"),
    task_definition=TaskDefinition(
        Container(
            "app",
            ports=[8000],
            secrets={
                "DATABASE_URL": Sub(
                    "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:quoter/database-a1B2c3"
                ),
                "LOG_LEVEL": "/quoter/log-level",
            },
        ),
        Container("proxy", ports=[8080], depends_on=[ContainerDependency("app", "START")]),
        cpu=512,
        memory=1024,
    ),
    network=ServiceNetwork(vpc, subnets=private_subnets),
    load_balancer=LoadBalancer(
        subnets=public_subnets,
        certificate=certificate,
        test_port=9443,
        target_group=TargetGroup(health_check=TargetHealthCheck("/health")),
        container="proxy",
        port=8080,
    ),
    deployment=CodeDeploy(
        alarms=["quoter-5xx", "quoter-latency"],
        hooks=Hooks(
            before_install="quoter-announce",
            after_install=smoke_test,
            after_allow_test_traffic="quoter-contract-tests",
            before_allow_traffic=HttpCheck(
                GetAtt("LoadBalancer", "DNSName"), scheme="https", port=9443, path="/health", verify_certificate=False
            ),
            after_allow_traffic="quoter-announce",
        ),
    ),
    desired_count=2,
    execute_command=True,
    first_images={
        "app": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/hello:1",
        "proxy": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/hello:1",
    },
    grants=[
        Grant(
            ["dynamodb:GetItem", "dynamodb:Query"],
            [Sub("arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/quotes")],
        )
    ],
)

definition = Definition(
    "quoter",
    Stage("Source", GitHub("App", repository="acme/quoter", branch="main", connection=connection)),
    Stage(
        "Build",
        DockerBuild(
            "Images",
            [
                Image("app", Repository("quoter", create=True)),
                Image("proxy", Repository("quoter-proxy", create=True), context="proxy"),
            ],
        ),
    ),
    Stage("Production", EcsDeploy("Deploy", service=production)),
)
