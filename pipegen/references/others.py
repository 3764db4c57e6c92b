"""Resources that no field refers to. They are known so that messages can name them."""

from __future__ import annotations

from pipegen.references import kinds
from pipegen.references.forms import Arn, Form, Id, Name

_ELB = ("elasticloadbalancing",)
OTHERS: tuple[Form, ...] = (
    Id("an AMI", "ami", "AWS::EC2::Image::Id"),
    Id("an instance", "i", "AWS::EC2::Instance::Id", ("AWS::EC2::Instance",)),
    Id("a volume", "vol", "AWS::EC2::Volume::Id", ("AWS::EC2::Volume",)),
    Id("a network interface", "eni"),
    Id("a route table", "rtb"),
    Id("an internet gateway", "igw"),
    Id("a NAT gateway", "nat"),
    Id("a VPC endpoint", "vpce"),
    Id("a network ACL", "acl"),
    Id("a prefix list", "pl"),
    Id("a Cloud Map service", "srv"),
    Name("a load balancer", ".+", given_by=("AWS::ElasticLoadBalancingV2::LoadBalancer.DNSName",), what="DNS name"),
    Name("a load balancer", ".+", given_by=("AWS::ElasticLoadBalancingV2::LoadBalancer.LoadBalancerName",)),
    Name("a pipeline", ".+", given_by=("AWS::CodePipeline::Pipeline",)),
    Name("an ECR repository", ".+", given_by=("AWS::ECR::Repository",)),
    Name("an ECR repository", ".+", given_by=("AWS::ECR::Repository.RepositoryUri",), what="URI"),
    Name("a log group", ".+", given_by=("AWS::Logs::LogGroup",)),
    Name("a KMS key", ".+", given_by=("AWS::KMS::Key",), what="ID"),
    Name("an EventBridge rule", ".+", given_by=("AWS::Events::Rule",)),
    Name("a CodeDeploy application", ".+", given_by=("AWS::CodeDeploy::Application",)),
    Name("a CodeDeploy deployment group", ".+", given_by=("AWS::CodeDeploy::DeploymentGroup",)),
    Name("a Cloud Map service", ".+", given_by=("AWS::ServiceDiscovery::Service",), what="ID"),
    Name("a key pair", ".+", "", "AWS::EC2::KeyPair::KeyName"),
    Name("a security group", ".+", "", "AWS::EC2::SecurityGroup::GroupName"),
    Name("an availability zone", ".+", "", "AWS::EC2::AvailabilityZone::Name"),
    Arn(
        "a load balancer",
        _ELB,
        ("loadbalancer/",),
        ".+",
        "app/NAME/ID",
        given_by=(
            "AWS::ElasticLoadBalancingV2::LoadBalancer",
            "AWS::ElasticLoadBalancingV2::LoadBalancer.LoadBalancerArn",
        ),
    ),
    Arn(
        "a target group",
        _ELB,
        ("targetgroup/",),
        ".+",
        "NAME/ID",
        given_by=(
            "AWS::ElasticLoadBalancingV2::TargetGroup",
            "AWS::ElasticLoadBalancingV2::TargetGroup.TargetGroupArn",
        ),
    ),
    Arn(
        "a listener rule",
        _ELB,
        ("listener-rule/",),
        ".+",
        "app/NAME/ID/ID/ID",
        given_by=("AWS::ElasticLoadBalancingV2::ListenerRule", "AWS::ElasticLoadBalancingV2::ListenerRule.RuleArn"),
    ),
    Arn(
        "an instance profile",
        ("iam",),
        ("instance-profile/",),
        ".+",
        "NAME",
        region="",
        given_by=("AWS::IAM::InstanceProfile.Arn",),
    ),
    Arn("a user", ("iam",), ("user/",), ".+", "NAME", region="", given_by=("AWS::IAM::User.Arn",)),
    Arn("a group of users", ("iam",), ("group/",), ".+", "NAME", region="", given_by=("AWS::IAM::Group.Arn",)),
    Arn("a role session", ("sts",), ("assumed-role/",), ".+", "NAME/SESSION", region=""),
    Arn("the root user of an account", ("iam",), ("root",), "", "", region=""),
    Arn("an SQS queue", ("sqs",), ("",), "[^:/]+", "NAME", given_by=("AWS::SQS::Queue.Arn",)),
    Arn(
        "a subscription to an SNS topic",
        ("sns",),
        ("",),
        "[^:/]+:[0-9a-f-]+",
        "NAME:ID",
        given_by=("AWS::SNS::Subscription",),
    ),
    Arn("a KMS alias", ("kms",), ("alias/",), ".+", "NAME"),
    Arn("a connection host", ("codeconnections", "codestar-connections"), ("host/",), ".+", "ID"),
    Arn("a repository link", ("codeconnections", "codestar-connections"), ("repository-link/",), ".+", "ID"),
    Arn("a Lambda layer", ("lambda",), ("layer:",), ".+", "NAME:1"),
    Arn("a bucket", ("s3",), ("",), "[^/:]+", "my-bucket", region="", account="", given_by=("AWS::S3::Bucket.Arn",)),
    Arn(
        "an EFS file system",
        ("elasticfilesystem",),
        ("file-system/",),
        ".+",
        "ID",
        given_by=("AWS::EFS::FileSystem.Arn",),
    ),
    Arn(
        "an EFS access point",
        ("elasticfilesystem",),
        ("access-point/",),
        ".+",
        "ID",
        given_by=("AWS::EFS::AccessPoint.Arn",),
    ),
    Arn("an FSx file system", ("fsx",), ("file-system/",), ".+", "ID", given_by=("AWS::FSx::FileSystem.ResourceARN",)),
    Arn(
        "a Cloud Map service",
        ("servicediscovery",),
        ("service/",),
        ".+",
        "ID",
        given_by=("AWS::ServiceDiscovery::Service.Arn",),
    ),
    Arn("an ECS cluster", ("ecs",), ("cluster/",), ".+", "NAME", given_by=("AWS::ECS::Cluster.Arn",)),
    Arn(
        "an ECS service",
        ("ecs",),
        ("service/",),
        ".+",
        "CLUSTER/NAME",
        given_by=("AWS::ECS::Service", "AWS::ECS::Service.ServiceArn"),
    ),
    Arn(
        "a task definition",
        ("ecs",),
        ("task-definition/",),
        ".+",
        "FAMILY:1",
        given_by=("AWS::ECS::TaskDefinition", "AWS::ECS::TaskDefinition.TaskDefinitionArn"),
    ),
    Arn("an ECS capacity provider", ("ecs",), ("capacity-provider/",), ".+", "NAME"),
    Arn("an ECR repository", ("ecr",), ("repository/",), ".+", "NAME", given_by=("AWS::ECR::Repository.Arn",)),
    Arn("a CodeBuild project", ("codebuild",), ("project/",), ".+", "NAME", given_by=("AWS::CodeBuild::Project.Arn",)),
    Arn("a CodeDeploy application", ("codedeploy",), ("application:",), ".+", "NAME"),
    Arn("a CodeDeploy deployment group", ("codedeploy",), ("deploymentgroup:",), ".+", "APPLICATION/NAME"),
    Arn(
        "a CodeCommit repository",
        ("codecommit",),
        ("",),
        "[^:/]+",
        "NAME",
        given_by=("AWS::CodeCommit::Repository.Arn",),
    ),
    Arn("a pipeline", ("codepipeline",), ("",), "[^:/]+", "NAME"),
    Arn(
        "a CloudWatch alarm",
        ("cloudwatch",),
        ("alarm:",),
        ".+",
        "NAME",
        given_by=("AWS::CloudWatch::Alarm.Arn", "AWS::CloudWatch::CompositeAlarm.Arn"),
    ),
    Arn("a log group", ("logs",), ("log-group:",), ".+", "NAME", given_by=("AWS::Logs::LogGroup.Arn",)),
    Arn("a CloudFormation stack", ("cloudformation",), ("stack/",), ".+", "NAME/ID"),
    Arn("a VPC", ("ec2",), ("vpc/",), ".+", "ID"),
    Arn("a subnet", ("ec2",), ("subnet/",), ".+", "ID"),
    Arn("a security group", ("ec2",), ("security-group/",), ".+", "ID"),
    Arn("a hosted zone", ("route53",), ("hostedzone/",), ".+", "ID", region="", account=""),
)


def given_by(source: str) -> list[Form]:
    """Return the forms that the `Ref` of a resource type or an attribute such as `AWS::IAM::Role.Arn` returns."""
    return [each for each in every_form() if source in each.given_by]


def every_form() -> tuple[Form, ...]:
    """Return all known forms. If a text has several, the first one names it."""
    return (*(each for each in vars(kinds).values() if isinstance(each, Form)), *OTHERS)
