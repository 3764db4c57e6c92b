"""The rolling example's template as somebody would write it with troposphere and awacs: what we measure against."""

from __future__ import annotations

import json
from typing import Any

import awacs.aws as aws
import yaml
from troposphere import (
    AWSHelperFn,
    Export,
    GetAtt,
    Output,
    Parameter,
    Ref,
    Sub,
    Tags,
    Template,
    codebuild,
    codepipeline,
    ecr,
    iam,
    logs,
    s3,
)

from tests.examples import EXAMPLES


class _Loader(yaml.CSafeLoader):
    """Reads a template; what its short tags mean does not matter for the two long texts that are taken from it."""


_LOADER: Any = _Loader
_LOADER.add_multi_constructor("!", lambda loader, suffix, node: str(node.value))
_RESOURCES = yaml.load(EXAMPLES[0].golden.read_text(), Loader=_Loader)["Resources"]
BUILDSPEC = _RESOURCES["ImageProject"]["Properties"]["Source"]["BuildSpec"]
LIFECYCLE = _RESOURCES["ExpressoRepository"]["Properties"]["LifecyclePolicy"]["LifecyclePolicyText"]


def template_by_hand() -> str:
    return json.dumps(build_by_hand().to_dict(), indent=2)


def build_by_hand() -> Template:
    template = Template(Description="Delivery of the expresso service")
    template.set_version("2010-09-09")
    _add_parameters(template)
    _add_store(template)
    _add_build(template)
    _add_pipeline(template)
    _add_outputs(template)
    return template


def _add_parameters(template: Template) -> None:
    template.add_parameter(
        Parameter("ConnectionArn", Type="String", Description="The CodeConnections connection to GitHub")
    )
    template.add_parameter(
        Parameter("ReleaseTopicArn", Type="String", Description="The SNS topic that hears of releases to approve")
    )


def _add_store(template: Template) -> None:
    template.add_resource(
        s3.Bucket(
            "ArtifactBucket",
            BucketEncryption=s3.BucketEncryption(
                ServerSideEncryptionConfiguration=[
                    s3.ServerSideEncryptionRule(
                        ServerSideEncryptionByDefault=s3.ServerSideEncryptionByDefault(SSEAlgorithm="AES256")
                    )
                ]
            ),
            LifecycleConfiguration=s3.LifecycleConfiguration(
                Rules=[
                    s3.LifecycleRule(
                        Id="Expire",
                        Status="Enabled",
                        ExpirationInDays=90,
                        NoncurrentVersionExpiration=s3.NoncurrentVersionExpiration(NoncurrentDays=90),
                        AbortIncompleteMultipartUpload=s3.AbortIncompleteMultipartUpload(DaysAfterInitiation=7),
                    )
                ]
            ),
            OwnershipControls=s3.OwnershipControls(
                Rules=[s3.OwnershipControlsRule(ObjectOwnership="BucketOwnerEnforced")]
            ),
            PublicAccessBlockConfiguration=s3.PublicAccessBlockConfiguration(
                BlockPublicAcls=True, BlockPublicPolicy=True, IgnorePublicAcls=True, RestrictPublicBuckets=True
            ),
            VersioningConfiguration=s3.VersioningConfiguration(Status="Enabled"),
            Tags=Tags({"team": "coffee"}),
            DeletionPolicy="RetainExceptOnCreate",
            UpdateReplacePolicy="Retain",
        )
    )
    template.add_resource(
        s3.BucketPolicy(
            "ArtifactBucketPolicy",
            Bucket=Ref("ArtifactBucket"),
            PolicyDocument=aws.PolicyDocument(
                Version="2012-10-17",
                Statement=[
                    aws.Statement(
                        Sid="DenyInsecureConnections",
                        Effect=aws.Deny,
                        Principal=aws.Principal("*"),
                        Action=[aws.Action("s3", "*")],
                        Resource=[GetAtt("ArtifactBucket", "Arn"), Sub("${ArtifactBucket.Arn}/*")],
                        Condition=aws.Condition([aws.Bool({"aws:SecureTransport": "false"})]),
                    )
                ],
            ),
            DeletionPolicy="RetainExceptOnCreate",
            UpdateReplacePolicy="Retain",
        )
    )


def _add_build(template: Template) -> None:
    template.add_resource(
        ecr.Repository(
            "ExpressoRepository",
            RepositoryName="expresso",
            ImageTagMutability="IMMUTABLE",
            ImageScanningConfiguration=ecr.ImageScanningConfiguration(ScanOnPush=True),
            LifecyclePolicy=ecr.LifecyclePolicy(LifecyclePolicyText=LIFECYCLE),
            Tags=Tags({"team": "coffee"}),
            DeletionPolicy="RetainExceptOnCreate",
            UpdateReplacePolicy="Retain",
        )
    )
    template.add_resource(
        logs.LogGroup(
            "ImageLogGroup",
            LogGroupName="/aws/codebuild/expresso-Image",
            RetentionInDays=90,
            Tags=Tags({"team": "coffee"}),
            DeletionPolicy="Delete",
            UpdateReplacePolicy="Delete",
        )
    )
    template.add_resource(
        codebuild.Project(
            "ImageProject",
            Name="expresso-Image",
            ServiceRole=GetAtt("ImageProjectRole", "Arn"),
            Source=codebuild.Source(Type="CODEPIPELINE", BuildSpec=BUILDSPEC),
            Artifacts=codebuild.Artifacts(Type="CODEPIPELINE"),
            Environment=codebuild.Environment(
                Type="LINUX_CONTAINER",
                Image="aws/codebuild/amazonlinux-x86_64-standard:6.0",
                ComputeType="BUILD_GENERAL1_SMALL",
                PrivilegedMode=True,
                EnvironmentVariables=[
                    codebuild.EnvironmentVariable(
                        Name="REPOSITORY_EXPRESSO_STAGING",
                        Type="PLAINTEXT",
                        Value=GetAtt("ExpressoRepository", "RepositoryUri"),
                    ),
                    codebuild.EnvironmentVariable(Name="LOG_LEVEL", Type="PLAINTEXT", Value="warn"),
                    codebuild.EnvironmentVariable(
                        Name="API_URL", Type="PARAMETER_STORE", Value="/expresso/staging/api-url"
                    ),
                    codebuild.EnvironmentVariable(Name="NPM_TOKEN", Type="SECRETS_MANAGER", Value="expresso/npm:token"),
                ],
            ),
            LogsConfig=codebuild.LogsConfig(
                CloudWatchLogs=codebuild.CloudWatchLogs(Status="ENABLED", GroupName=Ref("ImageLogGroup"))
            ),
            TimeoutInMinutes=60,
            QueuedTimeoutInMinutes=480,
            Cache=codebuild.ProjectCache(Type="LOCAL", Modes=["LOCAL_DOCKER_LAYER_CACHE", "LOCAL_CUSTOM_CACHE"]),
            Tags=Tags({"team": "coffee"}),
        )
    )
    template.add_resource(
        iam.Role(
            "ImageProjectRole",
            AssumeRolePolicyDocument=aws.PolicyDocument(
                Version="2012-10-17",
                Statement=[
                    aws.Statement(
                        Effect=aws.Allow,
                        Principal=aws.Principal("Service", "codebuild.amazonaws.com"),
                        Action=[aws.Action("sts", "AssumeRole")],
                        Condition=aws.Condition(
                            [
                                aws.StringEquals({"aws:SourceAccount": Ref("AWS::AccountId")}),
                                aws.ArnLike(
                                    {
                                        "aws:SourceArn": Sub(
                                            "arn:${AWS::Partition}:codebuild:${AWS::Region}:${AWS::AccountId}:project/expresso-Image"
                                        )
                                    }
                                ),
                            ]
                        ),
                    )
                ],
            ),
            Policies=[
                iam.Policy(
                    PolicyName="Permissions",
                    PolicyDocument=aws.PolicyDocument(
                        Version="2012-10-17",
                        Statement=[
                            aws.Statement(
                                Effect=aws.Allow,
                                Action=[
                                    aws.Action("ecr", "BatchCheckLayerAvailability"),
                                    aws.Action("ecr", "BatchGetImage"),
                                    aws.Action("ecr", "CompleteLayerUpload"),
                                    aws.Action("ecr", "GetDownloadUrlForLayer"),
                                    aws.Action("ecr", "InitiateLayerUpload"),
                                    aws.Action("ecr", "PutImage"),
                                    aws.Action("ecr", "UploadLayerPart"),
                                ],
                                Resource=[GetAtt("ExpressoRepository", "Arn")],
                            ),
                            aws.Statement(
                                Effect=aws.Allow, Action=[aws.Action("ecr", "GetAuthorizationToken")], Resource=["*"]
                            ),
                            aws.Statement(
                                Effect=aws.Allow,
                                Action=[aws.Action("logs", "CreateLogStream"), aws.Action("logs", "PutLogEvents")],
                                Resource=[
                                    Sub(
                                        "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/aws/codebuild/expresso-Image:*"
                                    )
                                ],
                            ),
                            aws.Statement(
                                Effect=aws.Allow,
                                Action=[aws.Action("s3", "GetBucketAcl"), aws.Action("s3", "GetBucketLocation")],
                                Resource=[GetAtt("ArtifactBucket", "Arn")],
                            ),
                            aws.Statement(
                                Effect=aws.Allow,
                                Action=[
                                    aws.Action("s3", "GetObject"),
                                    aws.Action("s3", "GetObjectVersion"),
                                    aws.Action("s3", "PutObject"),
                                ],
                                Resource=[Sub("${ArtifactBucket.Arn}/*")],
                            ),
                            aws.Statement(
                                Effect=aws.Allow,
                                Action=[aws.Action("secretsmanager", "GetSecretValue")],
                                Resource=[
                                    Sub(
                                        "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:expresso/npm-??????"
                                    )
                                ],
                            ),
                            aws.Statement(
                                Effect=aws.Allow,
                                Action=[aws.Action("ssm", "GetParameters")],
                                Resource=[
                                    Sub(
                                        "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/expresso/staging/api-url"
                                    )
                                ],
                            ),
                        ],
                    ),
                )
            ],
            Tags=Tags({"team": "coffee"}),
        )
    )


def _add_pipeline(template: Template) -> None:
    template.add_resource(
        iam.Role(
            "PipelineRole",
            AssumeRolePolicyDocument=aws.PolicyDocument(
                Version="2012-10-17",
                Statement=[
                    aws.Statement(
                        Effect=aws.Allow,
                        Principal=aws.Principal("Service", "codepipeline.amazonaws.com"),
                        Action=[aws.Action("sts", "AssumeRole")],
                    )
                ],
            ),
            Policies=[
                iam.Policy(
                    PolicyName="Permissions",
                    PolicyDocument=aws.PolicyDocument(
                        Version="2012-10-17",
                        Statement=[
                            aws.Statement(
                                Effect=aws.Allow,
                                Action=[
                                    aws.Action("codebuild", "BatchGetBuilds"),
                                    aws.Action("codebuild", "StartBuild"),
                                ],
                                Resource=[
                                    Sub(
                                        "arn:${AWS::Partition}:codebuild:${AWS::Region}:${AWS::AccountId}:project/expresso-Image"
                                    )
                                ],
                            ),
                            aws.Statement(
                                Effect=aws.Allow,
                                Action=[
                                    aws.Action("codeconnections", "UseConnection"),
                                    aws.Action("codestar-connections", "UseConnection"),
                                ],
                                Resource=[Ref("ConnectionArn")],
                            ),
                            aws.Statement(
                                Effect=aws.Allow,
                                Action=[aws.Action("ecs", "DescribeServices"), aws.Action("ecs", "UpdateService")],
                                Resource=[
                                    Sub(
                                        "arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:service/staging/expresso"
                                    ),
                                    Sub(
                                        "arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:service/production/expresso"
                                    ),
                                ],
                            ),
                            aws.Statement(
                                Effect=aws.Allow,
                                Action=[aws.Action("ecs", "DescribeTaskDefinition")],
                                Resource=["*"],
                            ),
                            aws.Statement(
                                Effect=aws.Allow,
                                Action=[aws.Action("ecs", "RegisterTaskDefinition")],
                                Resource=[
                                    Sub(
                                        "arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:task-definition/*:*"
                                    )
                                ],
                            ),
                            aws.Statement(
                                Effect=aws.Allow,
                                Action=[aws.Action("ecs", "TagResource")],
                                Resource=[
                                    Sub(
                                        "arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:task-definition/*:*"
                                    )
                                ],
                                Condition=aws.Condition(
                                    [aws.StringEquals({"ecs:CreateAction": "RegisterTaskDefinition"})]
                                ),
                            ),
                            aws.Statement(
                                Effect=aws.Allow,
                                Action=[aws.Action("iam", "PassRole")],
                                Resource=[
                                    Sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:role/expresso-task"),
                                    Sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:role/expresso-execution"),
                                ],
                                Condition=aws.Condition(
                                    [
                                        aws.StringEquals(
                                            {"iam:PassedToService": ["ecs.amazonaws.com", "ecs-tasks.amazonaws.com"]}
                                        )
                                    ]
                                ),
                            ),
                            aws.Statement(
                                Effect=aws.Allow,
                                Action=[
                                    aws.Action("s3", "GetBucketAcl"),
                                    aws.Action("s3", "GetBucketLocation"),
                                    aws.Action("s3", "GetBucketVersioning"),
                                    aws.Action("s3", "ListBucket"),
                                ],
                                Resource=[GetAtt("ArtifactBucket", "Arn")],
                                Condition=aws.Condition(
                                    [aws.StringEquals({"aws:ResourceAccount": Ref("AWS::AccountId")})]
                                ),
                            ),
                            aws.Statement(
                                Effect=aws.Allow,
                                Action=[
                                    aws.Action("s3", "GetObject"),
                                    aws.Action("s3", "GetObjectTagging"),
                                    aws.Action("s3", "GetObjectVersion"),
                                    aws.Action("s3", "GetObjectVersionTagging"),
                                    aws.Action("s3", "PutObject"),
                                    aws.Action("s3", "PutObjectAcl"),
                                    aws.Action("s3", "PutObjectTagging"),
                                ],
                                Resource=[Sub("${ArtifactBucket.Arn}/*")],
                                Condition=aws.Condition(
                                    [aws.StringEquals({"aws:ResourceAccount": Ref("AWS::AccountId")})]
                                ),
                            ),
                            aws.Statement(
                                Effect=aws.Allow,
                                Action=[aws.Action("sns", "Publish")],
                                Resource=[Ref("ReleaseTopicArn")],
                            ),
                        ],
                    ),
                )
            ],
            Tags=Tags({"team": "coffee"}),
        )
    )
    template.add_resource(
        codepipeline.Pipeline(
            "Pipeline",
            Name="expresso",
            PipelineType="V2",
            ExecutionMode="QUEUED",
            RoleArn=GetAtt("PipelineRole", "Arn"),
            ArtifactStore=codepipeline.ArtifactStore(Type="S3", Location=Ref("ArtifactBucket")),
            Stages=[
                codepipeline.Stages(
                    Name="Source",
                    Actions=[
                        codepipeline.Actions(
                            Name="App",
                            ActionTypeId=codepipeline.ActionTypeId(
                                Category="Source", Owner="AWS", Provider="CodeStarSourceConnection", Version="1"
                            ),
                            RunOrder=1,
                            Configuration={
                                "ConnectionArn": Ref("ConnectionArn"),
                                "FullRepositoryId": "acme/expresso",
                                "BranchName": "main",
                                "OutputArtifactFormat": "CODE_ZIP",
                                "DetectChanges": "true",
                            },
                            OutputArtifacts=[codepipeline.OutputArtifacts(Name="App_source")],
                            Namespace="App",
                        )
                    ],
                ),
                codepipeline.Stages(
                    Name="Build",
                    Actions=[
                        codepipeline.Actions(
                            Name="Image",
                            ActionTypeId=codepipeline.ActionTypeId(
                                Category="Build", Owner="AWS", Provider="CodeBuild", Version="1"
                            ),
                            RunOrder=1,
                            Configuration={"ProjectName": Ref("ImageProject")},
                            InputArtifacts=[codepipeline.InputArtifacts(Name="App_source")],
                            OutputArtifacts=[codepipeline.OutputArtifacts(Name="Image_definitions")],
                            Namespace="Image",
                        )
                    ],
                ),
                codepipeline.Stages(
                    Name="Staging",
                    Actions=[
                        codepipeline.Actions(
                            Name="Deploy",
                            ActionTypeId=codepipeline.ActionTypeId(
                                Category="Deploy", Owner="AWS", Provider="ECS", Version="1"
                            ),
                            RunOrder=1,
                            Configuration={
                                "ClusterName": "staging",
                                "ServiceName": "expresso",
                                "FileName": "imagedefinitions.json",
                                "DeploymentTimeout": "20",
                            },
                            InputArtifacts=[codepipeline.InputArtifacts(Name="Image_definitions")],
                        )
                    ],
                ),
                codepipeline.Stages(
                    Name="Production",
                    Actions=[
                        codepipeline.Actions(
                            Name="Release",
                            ActionTypeId=codepipeline.ActionTypeId(
                                Category="Approval", Owner="AWS", Provider="Manual", Version="1"
                            ),
                            RunOrder=1,
                            Configuration={
                                "NotificationArn": Ref("ReleaseTopicArn"),
                                "CustomData": "Release #{App.CommitId}?",
                                "ExternalEntityLink": "https://staging.expresso.example.com",
                            },
                            TimeoutInMinutes=1440,
                        ),
                        codepipeline.Actions(
                            Name="Deploy",
                            ActionTypeId=codepipeline.ActionTypeId(
                                Category="Deploy", Owner="AWS", Provider="ECS", Version="1"
                            ),
                            RunOrder=2,
                            Configuration={
                                "ClusterName": "production",
                                "ServiceName": "expresso",
                                "FileName": "imagedefinitions.json",
                                "DeploymentTimeout": "30",
                            },
                            InputArtifacts=[codepipeline.InputArtifacts(Name="Image_definitions")],
                        ),
                    ],
                ),
            ],
            Tags=Tags({"team": "coffee"}),
        )
    )


def _add_outputs(template: Template) -> None:
    arn = "arn:${AWS::Partition}:codepipeline:${AWS::Region}:${AWS::AccountId}:${Pipeline}"
    _add_export(template, "PipelineName", Ref("Pipeline"))
    _add_export(template, "PipelineArn", Sub(arn))
    _add_export(template, "PipelineRoleArn", GetAtt("PipelineRole", "Arn"))
    template.add_output(
        Output(
            "PipelineUrl",
            Value=Sub(
                "https://${AWS::Region}.console.aws.amazon.com/codesuite/codepipeline/pipelines/${Pipeline}/view?region=${AWS::Region}"
            ),
        )
    )
    _add_export(template, "ArtifactBucketName", Ref("ArtifactBucket"))
    _add_export(template, "ExpressoRepositoryUri", GetAtt("ExpressoRepository", "RepositoryUri"))
    _add_export(template, "ExpressoRepositoryArn", GetAtt("ExpressoRepository", "Arn"))


def _add_export(template: Template, name: str, value: AWSHelperFn) -> None:
    template.add_output(Output(name, Value=value, Export=Export(f"expresso-pipeline-{name}")))
