"""A service with resources that pipegen does not model, in the same stack: a table that its tasks use, a web ACL for
its load balancer and an alarm. Other stacks can import the table. The pipeline's stack has an alarm on its builds."""

from troposphere import Export, Output, cloudwatch, dynamodb, wafv2

from pipegen import (
    Approval,
    Definition,
    DockerBuild,
    EcsDeploy,
    EcsService,
    GitHub,
    Grant,
    Image,
    Parameter,
    Pipeline,
    Repository,
    Stage,
)
from pipegen.ecs import Cluster, Container, ServiceNetwork, TaskDefinition
from pipegen.elb import LoadBalancer
from pipegen.functions import Equals, GetAtt, Not, Ref
from pipegen.notifications import TopicNotification

connection = Parameter("ConnectionArn")
vpc = Parameter("VpcId", "AWS::EC2::VPC::Id")
private_subnets = Parameter("PrivateSubnets", "List<AWS::EC2::Subnet::Id>")
public_subnets = Parameter("PublicSubnets", "List<AWS::EC2::Subnet::Id>")
certificate = Parameter("CertificateArn")
web_acl = Parameter("WebAclArn", description="The web ACL of the company", default="")
operations = Parameter("OperationsTopicArn", description="The topic of the people on call")

tickets = dynamodb.Table(
    "Tickets",
    DeletionPolicy="Retain",
    UpdateReplacePolicy="Retain",
    Metadata={
        "checkov": {"skip": [{"id": "CKV_AWS_119", "comment": "tickets are encrypted with the key that AWS owns"}]}
    },
    BillingMode="PAY_PER_REQUEST",
    AttributeDefinitions=[dynamodb.AttributeDefinition(AttributeName="id", AttributeType="S")],
    KeySchema=[dynamodb.KeySchema(AttributeName="id", KeyType="HASH")],
    PointInTimeRecoverySpecification=dynamodb.PointInTimeRecoverySpecification(PointInTimeRecoveryEnabled=True),
)
firewall = wafv2.WebACLAssociation(
    "Firewall", Condition="HasWebAcl", ResourceArn=Ref("LoadBalancer"), WebACLArn=web_acl
)
busy = cloudwatch.Alarm(
    "Busy",
    AlarmDescription="The tasks use more than 80 percent of their processors",
    Namespace="AWS/ECS",
    MetricName="CPUUtilization",
    Dimensions=[
        cloudwatch.MetricDimension(Name="ClusterName", Value=Ref("Cluster")),
        cloudwatch.MetricDimension(Name="ServiceName", Value=GetAtt("Service", "Name")),
    ],
    Statistic="Average",
    Period=60,
    EvaluationPeriods=10,
    Threshold=80,
    ComparisonOperator="GreaterThanThreshold",
    AlarmActions=[operations],
)
slow_builds = cloudwatch.Alarm(
    "SlowBuilds",
    AlarmDescription="A build took more than half an hour",
    Namespace="AWS/CodeBuild",
    MetricName="Duration",
    Dimensions=[cloudwatch.MetricDimension(Name="ProjectName", Value=Ref("ImageProject"))],
    Statistic="Maximum",
    Period=3600,
    EvaluationPeriods=1,
    Threshold=1800,
    ComparisonOperator="GreaterThanThreshold",
    TreatMissingData="notBreaching",
    AlarmActions=[operations],
)

desk = EcsService(
    "desk",
    stack_name="ticket-desk",
    cluster=Cluster("tickets", create=True),
    task_definition=TaskDefinition(
        Container("tickets", ports=[3000], environment={"TABLE_NAME": Ref("Tickets")}), cpu=512, memory=1024
    ),
    network=ServiceNetwork(vpc, subnets=private_subnets),
    load_balancer=LoadBalancer(subnets=public_subnets, certificate=certificate),
    first_images={"tickets": "public.ecr.aws/docker/library/node:22-alpine"},
    grants=[Grant(["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"], [GetAtt("Tickets", "Arn")])],
    desired_count=2,
    resources=[tickets, firewall, busy],
    outputs=[
        Output("TicketsTableArn", Value=GetAtt("Tickets", "Arn"), Export=Export("ticket-desk-TicketsTableArn")),
    ],
)

definition = Definition(
    "tickets",
    pipeline=Pipeline(
        Stage("Source", GitHub("App", repository="acme/tickets", branch="main", connection=connection)),
        Stage("Build", DockerBuild("Image", Image("tickets", Repository("tickets", create=True)))),
        Stage("Production", Approval("Release"), EcsDeploy("Deploy", service=desk)),
        resources=[slow_builds],
        notifications=[TopicNotification("Approvals", topic=operations, events=["manual-approval-needed"])],
    ),
    parameters=[connection, vpc, private_subnets, public_subnets, certificate, web_acl, operations],
    conditions={"HasWebAcl": Not(Equals(web_acl, ""))},
    tags={"team": "tickets"},
)
