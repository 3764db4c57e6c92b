"""All resources that values of the model refer to, in each of their forms.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
has the ARNs of every service, and
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html the types of
parameters.
"""

from __future__ import annotations

from pipegen.references.forms import ACCOUNT, Arn, Id, Name
from pipegen.syntax import names

_ELB = ("elasticloadbalancing",)
_NAMED = "[A-Za-z0-9_-]+"
_IAM_NAME = r"[\w+=,.@/-]+"

VPC = Id("a VPC", "vpc", "AWS::EC2::VPC::Id", ("AWS::EC2::VPC", "AWS::EC2::SecurityGroup.VpcId"))
SUBNET = Id("a subnet", "subnet", "AWS::EC2::Subnet::Id", ("AWS::EC2::Subnet",))
SECURITY_GROUP = Id(
    "a security group",
    "sg",
    "AWS::EC2::SecurityGroup::Id",
    ("AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroup.GroupId", "AWS::EC2::SecurityGroup.Id"),
)
LISTENER = Arn(
    "a listener",
    _ELB,
    ("listener/app/", "listener/net/"),
    "[^/]+/[^/]+/[^/]+",
    "NAME/ID/ID",
    given_by=("AWS::ElasticLoadBalancingV2::Listener", "AWS::ElasticLoadBalancingV2::Listener.ListenerArn"),
)
"""https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html"""
APPLICATION_LISTENER = Arn(
    "a listener of an application load balancer",
    _ELB,
    ("listener/app/",),
    LISTENER.rest,
    LISTENER.named,
    given_by=LISTENER.given_by,
)
CERTIFICATE = Arn(
    "a certificate",
    ("acm",),
    ("certificate/",),
    ".+",
    "ID",
    given_by=("AWS::CertificateManager::Certificate",),
)
SERVER_CERTIFICATE = Arn(
    "a certificate",
    ("iam",),
    ("server-certificate/",),
    ".+",
    "NAME",
    region="",
    given_by=("AWS::IAM::ServerCertificate.Arn",),
)
"""https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Certificate.html"""
ROLE = Arn("a role", ("iam",), ("role/",), _IAM_NAME, "NAME", region="", given_by=("AWS::IAM::Role.Arn",))
ROLE_NAME = Name("a role", r"/?(?:[!-.0-~]+/)*[\w+=,.@-]{1,64}", "including its path", given_by=("AWS::IAM::Role",))
"""https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html"""
POLICY = Arn(
    "a managed policy",
    ("iam",),
    ("policy/",),
    _IAM_NAME,
    "NAME",
    region="",
    account=f"(?:{ACCOUNT}|aws)",
    given_by=("AWS::IAM::ManagedPolicy", "AWS::IAM::ManagedPolicy.PolicyArn"),
)
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html"""
TOPIC = Arn(
    "an SNS topic",
    ("sns",),
    ("",),
    r"[A-Za-z0-9_-]{1,256}(?:\.fifo)?",
    "NAME",
    given_by=("AWS::SNS::Topic", "AWS::SNS::Topic.TopicArn"),
)
"""https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html"""
STANDARD_TOPIC = Arn(
    "a standard SNS topic", TOPIC.services, TOPIC.starts, "[A-Za-z0-9_-]{1,256}", TOPIC.named, given_by=TOPIC.given_by
)
SLACK_CHANNEL = Arn(
    "a configuration of a Slack channel",
    ("chatbot",),
    ("chat-configuration/slack-channel/",),
    "[A-Za-z0-9_-]{1,128}",
    "NAME",
    region="",
    given_by=("AWS::Chatbot::SlackChannelConfiguration", "AWS::Chatbot::SlackChannelConfiguration.Arn"),
)
TEAMS_CHANNEL = Arn(
    "a configuration of a Microsoft Teams channel",
    ("chatbot",),
    ("chat-configuration/microsoft-teams-channel/",),
    "[A-Za-z0-9_-]{1,128}",
    "NAME",
    region="",
    given_by=(
        "AWS::Chatbot::MicrosoftTeamsChannelConfiguration",
        "AWS::Chatbot::MicrosoftTeamsChannelConfiguration.Arn",
    ),
)
"""https://docs.aws.amazon.com/service-authorization/latest/reference/list_awschatbot.html"""
EVENT_BUS = Arn(
    "an event bus",
    ("events",),
    ("event-bus/",),
    r"[A-Za-z0-9._/-]{1,256}",
    "NAME",
    given_by=("AWS::Events::EventBus.Arn",),
)
"""https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateEventBus.html"""
KEY = Arn(
    "a KMS key", ("kms",), ("key/",), "[A-Za-z0-9-]+", "ID", given_by=("AWS::KMS::Key.Arn", "AWS::KMS::ReplicaKey.Arn")
)
"""https://docs.aws.amazon.com/kms/latest/developerguide/concepts-key-id.html. A policy must contain the key's ARN; the
ARN of an alias has no effect. https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html"""
CONNECTION = Arn(
    "a connection",
    ("codeconnections", "codestar-connections"),
    ("connection/",),
    "[A-Za-z0-9-]+",
    "ID",
    given_by=("AWS::CodeConnections::Connection", "AWS::CodeStarConnections::Connection"),
)
"""https://docs.aws.amazon.com/dtconsole/latest/userguide/rename.html"""
FUNCTION = Arn(
    "a Lambda function",
    ("lambda",),
    ("function:",),
    rf"{_NAMED}(?::[A-Za-z0-9$_-]+)?",
    "NAME",
    given_by=("AWS::Lambda::Function.Arn", "AWS::Lambda::Alias", "AWS::Lambda::Version"),
)
FUNCTION_NAME = Name(
    "a Lambda function", "[A-Za-z0-9_-]{1,64}", "1 to 64 letters, digits, _ or -", given_by=("AWS::Lambda::Function",)
)
QUALIFIED_FUNCTION_NAME = Name(
    "a Lambda function",
    rf"{FUNCTION_NAME.pattern}(?::[A-Za-z0-9_$-]{{1,128}})?",
    "optionally followed by a colon and an alias or version",
    given_by=FUNCTION_NAME.given_by,
)
"""With an alias or version. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html"""
SECRET = Arn(
    "a secret", ("secretsmanager",), ("secret:",), r"[\w/+=.@!-]+", "NAME", given_by=("AWS::SecretsManager::Secret",)
)
"""https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html; names of secrets that services
manage contain a `!`: https://docs.aws.amazon.com/secretsmanager/latest/userguide/service-linked-secrets.html"""
PART_OF_SECRET = Arn(
    "a secret",
    SECRET.services,
    SECRET.starts,
    rf"{SECRET.rest}(?::[^:*]*:[^:*]*:[^:*]*)?",
    "NAME:JSON-KEY::",
    given_by=SECRET.given_by,
)
"""The form for ECS: with a JSON key, a version stage and a version ID. Each can be empty, but all colons are required.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
https://github.com/aws/amazon-ecs-agent/pull/2358"""
SECRET_OF_BUILD = Arn(
    "a secret",
    SECRET.services,
    SECRET.starts,
    rf"{SECRET.rest}(?::[^:*]*){{0,3}}",
    "NAME:JSON-KEY",
    given_by=SECRET.given_by,
)
"""The form for CodeBuild, where empty parts at the end can be dropped.
https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html (secrets-manager)"""
SECRET_NAME = Name("a secret", r"[\w/+=.@!-]+")
SECRET_NAME_OF_BUILD = Name("a secret", r"[\w/+=.@!-]+(?::[^:*]*){0,3}")
_PARAMETER_NAME = r"[\w.-]+|(?:/[\w.-]+)+"
PARAMETER = Arn("a Systems Manager parameter", ("ssm",), ("parameter/",), r"[\w.-]+(?:/[\w.-]+)*", "NAME")
PARAMETER_NAME = Name(
    "a Systems Manager parameter",
    _PARAMETER_NAME,
    "which begins with / if it contains one",
    "AWS::SSM::Parameter::Name",
    ("AWS::SSM::Parameter",),
)
"""A name with slashes begins with one.
https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-parameter-name-constraints.html ECS and CodeBuild do
not accept versions and labels of parameters: https://github.com/aws/containers-roadmap/issues/859
https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html (parameter-store)"""
OBJECT = Arn("an object in S3", ("s3",), ("",), "[^/:]+/.+", "BUCKET/KEY", region="", account="")
ENVIRONMENT_FILE = Arn(
    "a file of environment variables in S3", ("s3",), ("",), r"[^/:]+/.*\.env", "BUCKET/app.env", region="", account=""
)
"""https://docs.aws.amazon.com/AmazonECS/latest/developerguide/use-environment-file.html"""
BUCKET = Name("a bucket", names.BUCKET.expression, names.BUCKET.words, given_by=("AWS::S3::Bucket",))
FILE_SYSTEM = Id("an EFS file system", "fs", "", ("AWS::EFS::FileSystem", "AWS::EFS::FileSystem.FileSystemId"))
ACCESS_POINT = Id("an EFS access point", "fsap", "", ("AWS::EFS::AccessPoint", "AWS::EFS::AccessPoint.AccessPointId"))
FSX_FILE_SYSTEM = Id("an FSx file system", "fs", "", ("AWS::FSx::FileSystem",))
S3FILES = Arn("an S3 Files file system", ("s3files",), ("file-system/",), "fs-[0-9a-z]+", "fs-0123456789abcdef0")
S3FILES_ACCESS_POINT = Arn(
    "an S3 Files access point",
    ("s3files",),
    ("file-system/",),
    "fs-[0-9a-z]+/access-point/fsap-[0-9a-z]+",
    "fs-0123456789abcdef0/access-point/fsap-0123456789abcdef0",
)
"""https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3files.html"""
NAMESPACE = Id(
    "a Cloud Map namespace",
    "ns",
    "",
    tuple(
        f"AWS::ServiceDiscovery::{kind}Namespace{attribute}"
        for kind in ("Http", "PrivateDns", "PublicDns")
        for attribute in ("", ".Id")
    ),
    is_hexadecimal=False,
)
NAMESPACE_ARN = Arn(
    "a Cloud Map namespace",
    ("servicediscovery",),
    ("namespace/",),
    "ns-[a-z0-9]+",
    "ns-0123456789abcdef0",
    given_by=tuple(f"AWS::ServiceDiscovery::{kind}Namespace.Arn" for kind in ("Http", "PrivateDns", "PublicDns")),
)
NAMESPACE_NAME = Name(
    "a Cloud Map namespace", "(?!ns-[a-z0-9]{16}$)[!-~]{1,1024}", "1 to 1,024 ASCII characters without spaces"
)
"""https://docs.aws.amazon.com/cloud-map/latest/api/API_CreateHttpNamespace.html"""
CLUSTER = Name("an ECS cluster", names.ECS.expression, names.ECS.words, given_by=("AWS::ECS::Cluster",))
SERVICE = Name("an ECS service", names.ECS.expression, names.ECS.words, given_by=("AWS::ECS::Service.Name",))
FAMILY = Name("a family of task definitions", names.ECS.expression, names.ECS.words)
CAPACITY_PROVIDER = Name(
    "an ECS capacity provider", names.ECS.expression, names.ECS.words, given_by=("AWS::ECS::CapacityProvider",)
)
ALARM = Name(
    "a CloudWatch alarm",
    r"[^\n]{1,255}",
    "1 to 255 characters",
    given_by=("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"),
)
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"""
TARGET_GROUP = Name(
    "a target group",
    "[A-Za-z0-9-]{1,32}",
    "1 to 32 letters, digits or -",
    given_by=("AWS::ElasticLoadBalancingV2::TargetGroup.TargetGroupName",),
)
"""https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html"""
HOSTED_ZONE = Name(
    "a hosted zone",
    "Z[0-9A-Z]{1,31}",
    "such as Z0123456789ABCDEFGHIJ",
    "AWS::Route53::HostedZone::Id",
    ("AWS::Route53::HostedZone", "AWS::Route53::HostedZone.Id"),
    "ID",
)
"""https://docs.aws.amazon.com/Route53/latest/APIReference/API_HostedZone.html"""
PROJECT = Name(
    "a CodeBuild project",
    "[A-Za-z0-9][A-Za-z0-9_-]{1,149}",
    "2 to 150 letters, digits, _ or -",
    given_by=("AWS::CodeBuild::Project",),
)
"""https://docs.aws.amazon.com/codebuild/latest/APIReference/API_CreateProject.html"""
_STATE_MACHINE = r'[^\s<>{}\[\]?*"#%\\^|~`$&,;:/]{1,80}'
STATE_MACHINE = Arn(
    "a state machine",
    ("states",),
    ("stateMachine:",),
    _STATE_MACHINE,
    "NAME",
    given_by=("AWS::StepFunctions::StateMachine", "AWS::StepFunctions::StateMachine.Arn"),
)
STATE_MACHINE_NAME = Name(
    "a state machine", _STATE_MACHINE, "1 to 80 characters", given_by=("AWS::StepFunctions::StateMachine.Name",)
)
"""https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html"""
PIPELINE = Name(
    "a pipeline",
    "[A-Za-z0-9.@_-]{1,100}",
    "1 to 100 letters, digits, or . @ _ -",
    given_by=("AWS::CodePipeline::Pipeline",),
)
"""https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PipelineDeclaration.html"""
