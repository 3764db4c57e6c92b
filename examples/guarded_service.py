"""From nothing but a VPC: a service that guards itself. Alarms for errors, unhealthy tasks and slow responses roll a
blue/green deployment back and notify a topic, a DNS name leads to the load balancer, and logs, images and artifacts
are encrypted with a customer managed key."""

from pipegen import Definition, DockerBuild, EcsDeploy, EcsService, GitHub, Image, Parameter, Repository, Stage
from pipegen.ecs import BlueGreen, Cluster, Container, HttpCheck, LifecycleHook, ServiceNetwork, TaskDefinition
from pipegen.elb import Alarms, DnsRecord, ErrorAlarm, LatencyAlarm, LoadBalancer
from pipegen.functions import GetAtt

connection = Parameter("ConnectionArn")
certificate = Parameter("CertificateArn")
vpc = Parameter("VpcId", "AWS::EC2::VPC::Id")
public_subnets = Parameter("PublicSubnets", "List<AWS::EC2::Subnet::Id>")
private_subnets = Parameter("PrivateSubnets", "List<AWS::EC2::Subnet::Id>")
topic = Parameter("AlarmTopicArn")
zone = Parameter("HostedZoneId", "AWS::Route53::HostedZone::Id")
key = Parameter("EncryptionKeyArn")

api = EcsService(
    "api",
    cluster=Cluster("booking", create=True),
    task_definition=TaskDefinition(Container("booking", ports=[8080]), cpu=512, memory=1024),
    network=ServiceNetwork(vpc, subnets=private_subnets),
    load_balancer=LoadBalancer(subnets=public_subnets, certificate=certificate, test_port=8443),
    dns=DnsRecord("booking.example.com", hosted_zone_id=zone),
    alarms=Alarms(
        target_5xx=ErrorAlarm(percent=2.0),
        latency=LatencyAlarm(seconds=1.5, statistic="p95"),
        topic=topic,
    ),
    deployment=BlueGreen(
        hooks=[
            LifecycleHook(
                HttpCheck(GetAtt("LoadBalancer", "DNSName"), scheme="https", port=8443, verify_certificate=False),
                stages=["POST_TEST_TRAFFIC_SHIFT"],
            ),
        ],
    ),
    desired_count=2,
    log_retention_days=365,
)

definition = Definition(
    "booking",
    Stage("Source", GitHub("App", repository="acme/booking", branch="main", connection=connection)),
    Stage(
        "Build",
        DockerBuild("Image", Image("booking", Repository("booking", create=True), context="services/parcels")),
    ),
    Stage("Production", EcsDeploy("Deploy", service=api)),
    encryption_key=key,
)
