"""From nothing but a VPC: a web service on Fargate with a load balancer of its own, blue/green through CodeDeploy. In
staging traffic moves by itself; in production a person lets it go on, and the old tasks stay for two hours."""

from troposphere import Ref

from pipegen import (
    CanaryShift,
    Cluster,
    CodeDeploy,
    Container,
    Definition,
    DockerBuild,
    EcsDeploy,
    EcsService,
    GitHub,
    Image,
    LoadBalancer,
    Parameter,
    Repository,
    ServiceNetwork,
    Stage,
    TargetGroup,
    TargetHealthCheck,
    TaskDefinition,
)

definition = Definition(
    "greeter",
    Stage("Source", GitHub("App", repository="acme/greeter", branch="main", connection=Ref("ConnectionArn"))),
    Stage("Build", DockerBuild("Image", Image("ecs-blue-green", Repository("greeter", create=True)))),
    Stage("Staging", EcsDeploy("Deploy", service="staging")),
    Stage("Production", EcsDeploy("Deploy", service="production")),
    parameters={
        "ConnectionArn": Parameter(),
        "CertificateArn": Parameter(Description="The certificate of greeter.example.com"),
        "VpcId": Parameter(Type="AWS::EC2::VPC::Id"),
        "PublicSubnets": Parameter(Type="List<AWS::EC2::Subnet::Id>", Description="Of the load balancers"),
        "PrivateSubnets": Parameter(Type="List<AWS::EC2::Subnet::Id>", Description="Of the tasks"),
        "VpcCidr": Parameter(Default="10.0.0.0/16", Description="Who may send test traffic"),
    },
    services={
        "staging": EcsService(
            cluster=Cluster("greeter-staging", create=True),
            task_definition=TaskDefinition(
                containers=[Container("ecs-blue-green", ports=[3000], environment={"STAGE": "staging"})],
                cpu=256,
                memory=512,
            ),
            network=ServiceNetwork(vpc_id=Ref("VpcId"), subnets=Ref("PrivateSubnets")),
            load_balancer=LoadBalancer(
                subnets=Ref("PublicSubnets"), target_group=TargetGroup(health_check=TargetHealthCheck(path="/health"))
            ),
            deployment=CodeDeploy(termination_wait_minutes=5, alarms=[]),
        ),
        "production": EcsService(
            cluster=Cluster("greeter-production", create=True),
            task_definition=TaskDefinition(
                containers=[Container("ecs-blue-green", ports=[3000], environment={"STAGE": "production"})],
                cpu=1024,
                memory=2048,
            ),
            network=ServiceNetwork(vpc_id=Ref("VpcId"), subnets=Ref("PrivateSubnets")),
            load_balancer=LoadBalancer(
                subnets=Ref("PublicSubnets"),
                certificate=Ref("CertificateArn"),
                test_port=8443,
                test_ingress=[Ref("VpcCidr")],
                target_group=TargetGroup(
                    health_check=TargetHealthCheck(path="/health", interval_seconds=15), deregistration_delay_seconds=60
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
        ),
    },
)
