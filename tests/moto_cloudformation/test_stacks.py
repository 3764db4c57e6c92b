"""Stacks and the resources of a delivery: the real CLI deploys hand-written templates and reads them back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.cloud import INLINE_TEMPLATE_LIMIT, Cloud, CommandFailed
from tests.support.deployed import NO_CHANGES, outputs, status_of, written

pytestmark = pytest.mark.slow

SHARED = """\
AWSTemplateFormatVersion: 2010-09-09
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      Description: Artifacts
      EnableKeyRotation: true
      KeyPolicy:
        Version: 2012-10-17
        Statement:
          - Effect: Allow
            Principal: {AWS: !Sub "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}
            Action: kms:*
            Resource: "*"
  Alias:
    Type: AWS::KMS::Alias
    Properties: {AliasName: !Sub "alias/${AWS::StackName}", TargetKeyId: !Ref Key}
Outputs:
  KeyArn:
    Value: !GetAtt Key.Arn
    Export: {Name: !Sub "${AWS::StackName}-KeyArn"}
"""

DELIVERY = """\
AWSTemplateFormatVersion: 2010-09-09
Parameters:
  Branch: {Type: String, Default: main}
  Shared: {Type: String, Default: shared}
  Retention: {Type: Number, Default: 30}
  Connection: {Type: String}
Conditions:
  Trunk: !Equals [!Ref Branch, main]
  Feature: !Not [!Condition Trunk]
Resources:
  Artifacts:
    Type: AWS::S3::Bucket
    Properties:
      BucketEncryption:
        ServerSideEncryptionConfiguration:
          - BucketKeyEnabled: true
            ServerSideEncryptionByDefault:
              SSEAlgorithm: aws:kms
              KMSMasterKeyID:
                Fn::ImportValue: !Sub "${Shared}-KeyArn"
      LifecycleConfiguration:
        Rules:
          - Id: expire
            Status: Enabled
            ExpirationInDays: 30
            NoncurrentVersionExpiration: {NoncurrentDays: 7}
            AbortIncompleteMultipartUpload: {DaysAfterInitiation: 1}
      NotificationConfiguration: {EventBridgeConfiguration: {EventBridgeEnabled: true}}
      OwnershipControls: {Rules: [{ObjectOwnership: BucketOwnerEnforced}]}
      PublicAccessBlockConfiguration:
        BlockPublicAcls: true
        BlockPublicPolicy: true
        IgnorePublicAcls: true
        RestrictPublicBuckets: true
      VersioningConfiguration: {Status: Enabled}
      Tags: [{Key: team, Value: delivery}]
  ArtifactsPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Artifacts
      PolicyDocument:
        Version: 2012-10-17
        Statement:
          - Effect: Deny
            Principal: "*"
            Action: s3:*
            Resource: [!GetAtt Artifacts.Arn, !Sub "${Artifacts.Arn}/*"]
            Condition: {Bool: {"aws:SecureTransport": "false"}}
  Images:
    Type: AWS::ECR::Repository
    Properties:
      ImageScanningConfiguration: {ScanOnPush: true}
      ImageTagMutability: IMMUTABLE
      LifecyclePolicy:
        LifecyclePolicyText: >-
          {"rules": [{"rulePriority": 1, "action": {"type": "expire"}, "selection":
          {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 50}}]}
  Logs:
    Type: AWS::Logs::LogGroup
    Properties: {RetentionInDays: !Ref Retention}
  PipelineRole:
    Type: AWS::IAM::Role
    Properties:
      Path: /delivery/
      PermissionsBoundary: !Sub "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/boundary"
      Tags: [{Key: team, Value: delivery}]
      AssumeRolePolicyDocument: &trust
        Version: 2012-10-17
        Statement:
          - Effect: Allow
            Principal: {Service: [codepipeline.amazonaws.com, codebuild.amazonaws.com]}
            Action: sts:AssumeRole
      Policies:
        - PolicyName: pipeline
          PolicyDocument:
            Version: 2012-10-17
            Statement:
              - {Effect: Allow, Action: s3:GetObject*, Resource: !Sub "${Artifacts.Arn}/*"}
  BuildRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: *trust
      ManagedPolicyArns: [!Sub "arn:${AWS::Partition}:iam::aws:policy/AmazonEC2ContainerRegistryPowerUser"]
  EventRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: 2012-10-17
        Statement:
          - {Effect: Allow, Principal: {Service: events.amazonaws.com}, Action: sts:AssumeRole}
  Project:
    Type: AWS::CodeBuild::Project
    Properties:
      ServiceRole: !GetAtt BuildRole.Arn
      Artifacts: {Type: CODEPIPELINE}
      Source:
        Type: CODEPIPELINE
        BuildSpec: !Sub
          - |
            version: 0.2
            phases:
              build:
                commands:
                  - echo "$$ $TAG ${!SHELL} ${Where}"
          - TAG: no
            Where: !Select [1, !Split [":", !GetAtt Logs.Arn]]
      Environment:
        Type: ARM_CONTAINER
        ComputeType: BUILD_GENERAL1_SMALL
        Image: aws/codebuild/amazonlinux-aarch64-standard:3.0
        PrivilegedMode: true
        EnvironmentVariables:
          - {Name: REPOSITORY, Value: !GetAtt Images.RepositoryUri}
          - {Name: TOKEN, Value: /delivery/token, Type: PARAMETER_STORE}
          - !If [Feature, {Name: FEATURE, Value: !Ref Branch}, !Ref AWS::NoValue]
      Cache: {Type: LOCAL, Modes: [LOCAL_DOCKER_LAYER_CACHE, LOCAL_SOURCE_CACHE]}
      LogsConfig: {CloudWatchLogs: {Status: ENABLED, GroupName: !Ref Logs}}
      TimeoutInMinutes: 20
      Tags: [{Key: team, Value: delivery}]
  Pipeline:
    Type: AWS::CodePipeline::Pipeline
    Properties:
      PipelineType: V2
      ExecutionMode: QUEUED
      RoleArn: !GetAtt PipelineRole.Arn
      ArtifactStore:
        Type: S3
        Location: !Ref Artifacts
        EncryptionKey: {Type: KMS, Id: {Fn::ImportValue: !Sub "${Shared}-KeyArn"}}
      Variables: [{Name: Reason, DefaultValue: push}]
      Triggers:
        - ProviderType: CodeStarSourceConnection
          GitConfiguration: {SourceActionName: App, Push: [{Branches: {Includes: [!Ref Branch]}}]}
      Stages:
        - Name: Source
          Actions:
            - Name: App
              ActionTypeId: {Category: Source, Owner: AWS, Provider: CodeStarSourceConnection, Version: "1"}
              Namespace: App
              Configuration:
                ConnectionArn: !Ref Connection
                FullRepositoryId: acme/orders
                BranchName: !Ref Branch
                DetectChanges: false
              OutputArtifacts: [{Name: Source}]
        - Name: Build
          OnFailure: {Result: RETRY, RetryConfiguration: {RetryMode: FAILED_ACTIONS}}
          Actions:
            - Name: Image
              ActionTypeId: {Category: Build, Owner: AWS, Provider: CodeBuild, Version: "1"}
              Namespace: Image
              Configuration: {ProjectName: !Ref Project, PrimarySource: Source}
              InputArtifacts: [{Name: Source}]
              OutputArtifacts: [{Name: Definitions}]
        - Name: Production
          Actions:
            - Name: Deploy
              ActionTypeId: {Category: Deploy, Owner: AWS, Provider: ECS, Version: "1"}
              RunOrder: 2
              TimeoutInMinutes: 30
              Configuration: {ClusterName: production, ServiceName: orders, FileName: imagedefinitions.json}
              InputArtifacts: [{Name: Definitions}]
  Push:
    Type: AWS::Events::Rule
    Properties:
      Name: !Sub "${AWS::StackName}-push"
      EventPattern: {source: [aws.ecr], detail: {repository-name: [!Ref Images]}}
      Targets:
        - Id: pipeline
          Arn: !Sub "arn:${AWS::Partition}:codepipeline:${AWS::Region}:${AWS::AccountId}:${Pipeline}"
          RoleArn: !GetAtt EventRole.Arn
Outputs:
  Pipeline: {Value: !Ref Pipeline}
  Project: {Value: !Ref Project}
  ProjectArn: {Value: !GetAtt Project.Arn}
  Artifacts: {Value: !Ref Artifacts}
  Images: {Value: !Ref Images}
  Logs: {Value: !Ref Logs}
  Version: {Value: !GetAtt Pipeline.Version}
  Feature: {Condition: Feature, Value: !Ref Branch}
"""

OTHERS = """\
Parameters: {Size: {Type: String, Default: "1"}}
Resources:
  Topic: {Type: AWS::SNS::Topic, Properties: {DisplayName: !Sub "topic ${Size}"}}
  TopicPolicy:
    Type: AWS::SNS::TopicPolicy
    Properties:
      Topics: [!Ref Topic]
      PolicyDocument:
        Version: 2012-10-17
        Statement:
          - Effect: Allow
            Principal: {Service: codestar-notifications.amazonaws.com}
            Action: sns:Publish
            Resource: !Ref Topic
  Source: {Type: AWS::CodeCommit::Repository, Properties: {RepositoryName: orders}}
  Image: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: !Ref Size}}
  Reports: {Type: AWS::CodeBuild::ReportGroup, Properties: {Type: TEST}}
  Connection: {Type: AWS::CodeConnections::Connection, Properties: {ConnectionName: hub}}
  Notice:
    Type: AWS::CodeStarNotifications::NotificationRule
    Properties:
      Name: notice
      DetailType: FULL
      EventTypeIds: [codecommit-repository-branches-and-tags-created]
      Resource: !GetAtt Source.Arn
      Targets: [{TargetType: SNS, TargetAddress: !Ref Topic}]
  Reading:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: 2012-10-17
        Statement: [{Effect: Allow, Action: s3:GetObject, Resource: !Sub "arn:aws:s3:::bucket-${Size}/*"}]
  HookRole:
    Type: AWS::IAM::Role
    Properties:
      ManagedPolicyArns: [!Ref Reading]
      AssumeRolePolicyDocument:
        Version: 2012-10-17
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}]
  Hook:
    Type: AWS::Lambda::Function
    Properties:
      Handler: index.handler
      Runtime: python3.12
      Role: !GetAtt HookRole.Arn
      Code: {ZipFile: "def handler(event, context): pass"}
      Environment: {Variables: {SIZE: !Ref Size}}
      Tags: [{Key: team, Value: delivery}]
  HookLogs: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: !Sub "/aws/lambda/${Hook}"}}
Outputs:
  Topic: {Value: !GetAtt Topic.TopicArn}
  Clone: {Value: !GetAtt Source.CloneUrlHttp}
  Image: {Value: !Ref Image}
  ImageValue: {Value: !GetAtt Image.Value}
  Reports: {Value: !GetAtt Reports.Arn}
  Connection: {Value: !GetAtt Connection.ConnectionArn}
  Notice: {Value: !Ref Notice}
  Policy: {Value: !Ref Reading}
  HookRole: {Value: !Ref HookRole}
  Hook: {Value: !Ref Hook}
"""

BUCKET = """\
Resources:
  Bucket: {Type: AWS::S3::Bucket}
"""

CONNECTION = "arn:aws:codeconnections:eu-west-1:123456789012:connection/one"


@pytest.fixture(scope="module")
def cloud(cloud: Cloud) -> Iterator[Cloud]:
    """The cloud of all tests, empty at first and afterwards."""
    cloud.reset()
    yield cloud
    cloud.reset()


@pytest.fixture(scope="module")
def delivery(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The outputs of the pipeline's stack, deployed once for the tests that only read."""
    folder = tmp_path_factory.mktemp("delivery")
    cloud.deploy(written(folder, SHARED), "shared")
    cloud.deploy(written(folder, DELIVERY), "delivery", parameters={"Connection": CONNECTION})
    return outputs(cloud, "delivery")


def pipeline_of(cloud: Cloud, name: str) -> Any:
    return cloud.aws_json("codepipeline", "get-pipeline", "--name", name)["pipeline"]


def project_of(cloud: Cloud, name: str) -> Any:
    return cloud.aws_json("codebuild", "batch-get-projects", "--names", name)["projects"][0]


def action(name: str, category: str, provider: str, configuration: dict[str, str], **more: Any) -> dict[str, Any]:
    """An action as get-pipeline shows it, with the defaults AWS fills in."""
    kind = {"category": category, "owner": "AWS", "provider": provider, "version": "1"}
    defaults: dict[str, Any] = {"runOrder": 1, "inputArtifacts": [], "outputArtifacts": []}
    return defaults | {"name": name, "actionTypeId": kind, "configuration": configuration} | more


def test_a_pipeline_comes_back_as_its_template_asks(cloud: Cloud, delivery: dict[str, str]) -> None:
    pipeline = pipeline_of(cloud, delivery["Pipeline"])
    key = outputs(cloud, "shared")["KeyArn"]
    push = {"sourceActionName": "App", "push": [{"branches": {"includes": ["main"]}}]}
    del pipeline["stages"]
    assert pipeline.pop("roleArn").startswith("arn:aws:iam::123456789012:role/delivery/delivery-PipelineRole-")
    assert pipeline == {
        "name": delivery["Pipeline"],
        "version": 1,
        "pipelineType": "V2",
        "executionMode": "QUEUED",
        "artifactStore": {
            "type": "S3",
            "location": delivery["Artifacts"],
            "encryptionKey": {"type": "KMS", "id": key},
        },
        "variables": [{"name": "Reason", "defaultValue": "push"}],
        "triggers": [{"providerType": "CodeStarSourceConnection", "gitConfiguration": push}],
    }


def test_stages_and_actions_come_back_as_their_template_asks(cloud: Cloud, delivery: dict[str, str]) -> None:
    source, build, production = pipeline_of(cloud, delivery["Pipeline"])["stages"]
    connection = {
        "ConnectionArn": CONNECTION,
        "FullRepositoryId": "acme/orders",
        "BranchName": "main",
        "DetectChanges": "false",
    }
    to_source = {"namespace": "App", "outputArtifacts": [{"name": "Source"}]}
    assert source == {
        "name": "Source",
        "actions": [action("App", "Source", "CodeStarSourceConnection", connection, **to_source)],
    }
    project = {"ProjectName": delivery["Project"], "PrimarySource": "Source"}
    through = {"inputArtifacts": [{"name": "Source"}], "outputArtifacts": [{"name": "Definitions"}]}
    assert build == {
        "name": "Build",
        "onFailure": {"result": "RETRY", "retryConfiguration": {"retryMode": "FAILED_ACTIONS"}},
        "actions": [action("Image", "Build", "CodeBuild", project, namespace="Image", **through)],
    }
    service = {"ClusterName": "production", "ServiceName": "orders", "FileName": "imagedefinitions.json"}
    late = {"runOrder": 2, "timeoutInMinutes": 30, "inputArtifacts": [{"name": "Definitions"}]}
    assert production == {"name": "Production", "actions": [action("Deploy", "Deploy", "ECS", service, **late)]}


def test_a_project_comes_back_as_its_template_asks(cloud: Cloud, delivery: dict[str, str]) -> None:
    project = project_of(cloud, delivery["Project"])
    assert project["arn"] == delivery["ProjectArn"]
    assert project["source"]["buildspec"].splitlines()[-1] == '      - echo "$$ $TAG ${SHELL} aws"'
    assert project["environment"] == {
        "type": "ARM_CONTAINER",
        "computeType": "BUILD_GENERAL1_SMALL",
        "image": "aws/codebuild/amazonlinux-aarch64-standard:3.0",
        "privilegedMode": True,
        "environmentVariables": [
            {"name": "REPOSITORY", "value": f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/{delivery['Images']}"},
            {"name": "TOKEN", "value": "/delivery/token", "type": "PARAMETER_STORE"},
        ],
    }
    assert project["cache"] == {"type": "LOCAL", "modes": ["LOCAL_DOCKER_LAYER_CACHE", "LOCAL_SOURCE_CACHE"]}
    assert project["logsConfig"] == {"cloudWatchLogs": {"status": "ENABLED", "groupName": delivery["Logs"]}}
    assert project["timeoutInMinutes"] == 20
    assert project["tags"] == [{"key": "team", "value": "delivery"}]


def test_a_bucket_comes_back_as_its_template_asks(cloud: Cloud, delivery: dict[str, str]) -> None:
    def read(what: str) -> Any:
        return cloud.aws_json("s3api", f"get-{what}", "--bucket", delivery["Artifacts"])

    encryption = read("bucket-encryption")["ServerSideEncryptionConfiguration"]["Rules"]
    assert encryption == [
        {
            "ApplyServerSideEncryptionByDefault": {
                "SSEAlgorithm": "aws:kms",
                "KMSMasterKeyID": outputs(cloud, "shared")["KeyArn"],
            },
            "BucketKeyEnabled": True,
        }
    ]
    rule = read("bucket-lifecycle-configuration")["Rules"][0]
    assert rule["ID"] == "expire"
    assert rule["Expiration"]["Days"] == 30
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 7}
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
    assert read("bucket-notification-configuration") == {"EventBridgeConfiguration": {}}
    controls = read("bucket-ownership-controls")["OwnershipControls"]
    assert controls == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    assert set(read("public-access-block")["PublicAccessBlockConfiguration"].values()) == {True}
    assert read("bucket-versioning") == {"Status": "Enabled"}
    assert read("bucket-tagging")["TagSet"] == [{"Key": "team", "Value": "delivery"}]
    assert "aws:SecureTransport" in read("bucket-policy")["Policy"]


def test_roles_come_back_as_their_template_asks(cloud: Cloud, delivery: dict[str, str]) -> None:
    role_arn = pipeline_of(cloud, delivery["Pipeline"])["roleArn"]
    name = role_arn.rsplit("/")[-1]
    role = cloud.aws_json("iam", "get-role", "--role-name", name)["Role"]
    assert role["Path"] == "/delivery/"
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"].endswith(":policy/boundary")
    assert role["AssumeRolePolicyDocument"]["Version"] == "2012-10-17"
    policy = cloud.aws_json("iam", "get-role-policy", "--role-name", name, "--policy-name", "pipeline")
    assert policy["PolicyDocument"]["Statement"][0]["Resource"] == f"arn:aws:s3:::{delivery['Artifacts']}/*"
    build_role = project_of(cloud, delivery["Project"])["serviceRole"].rsplit("/")[-1]
    attached = cloud.aws_json("iam", "list-attached-role-policies", "--role-name", build_role)
    assert [each["PolicyName"] for each in attached["AttachedPolicies"]] == ["AmazonEC2ContainerRegistryPowerUser"]


def test_key_repository_logs_and_rule_come_back(cloud: Cloud, delivery: dict[str, str]) -> None:
    key = outputs(cloud, "shared")["KeyArn"]
    rotation = cloud.aws_json("kms", "get-key-rotation-status", "--key-id", key)
    assert rotation["KeyRotationEnabled"] is True
    policy = cloud.aws_json("kms", "get-key-policy", "--key-id", key, "--policy-name", "default")
    assert "arn:aws:iam::123456789012:root" in policy["Policy"]
    found = cloud.aws_json("ecr", "describe-repositories", "--repository-names", delivery["Images"])
    assert found["repositories"][0]["imageScanningConfiguration"] == {"scanOnPush": True}
    assert found["repositories"][0]["imageTagMutability"] == "IMMUTABLE"
    lifecycle = cloud.aws_json("ecr", "get-lifecycle-policy", "--repository-name", delivery["Images"])
    assert '"countNumber": 50' in lifecycle["lifecyclePolicyText"]
    groups = cloud.aws_json("logs", "describe-log-groups", "--log-group-name-prefix", delivery["Logs"])
    assert groups["logGroups"][0]["retentionInDays"] == 30
    target = cloud.aws_json("events", "list-targets-by-rule", "--rule", "delivery-push")["Targets"][0]
    assert target["Arn"] == f"arn:aws:codepipeline:eu-west-1:123456789012:{delivery['Pipeline']}"
    assert ":role/delivery-EventRole-" in target["RoleArn"]


COMMANDS = """\
Parameters: {Command: {Type: String, Default: make}}
Resources:
  Bucket: {Type: AWS::S3::Bucket}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: {Service: codepipeline.amazonaws.com}, Action: sts:AssumeRole}]
  Pipeline:
    Type: AWS::CodePipeline::Pipeline
    Properties:
      PipelineType: V2
      RoleArn: !GetAtt Role.Arn
      ArtifactStore: {Type: S3, Location: !Ref Bucket}
      Stages:
        - Name: Source
          Actions:
            - Name: App
              ActionTypeId: {Category: Source, Owner: AWS, Provider: S3, Version: "1"}
              Configuration: {S3Bucket: !Ref Bucket, S3ObjectKey: app.zip, PollForSourceChanges: false}
              OutputArtifacts: [{Name: Source}]
        - Name: Build
          Actions:
            - Name: Run
              ActionTypeId: {Category: Compute, Owner: AWS, Provider: Commands, Version: "1"}
              Configuration: {ComputeType: BUILD_GENERAL1_MEDIUM}
              Commands: [!Ref Command, echo done]
              InputArtifacts: [{Name: Source}]
              OutputArtifacts: [{Name: Result, Files: [out/*, report.xml]}]
              OutputVariables: [VERSION]
              EnvironmentVariables: [{Name: STAGE, Value: test}, {Name: TOKEN, Value: token, Type: SECRETS_MANAGER}]
Outputs: {Pipeline: {Value: !Ref Pipeline}}
"""


def test_an_action_of_commands_comes_back_and_changes(cloud: Cloud, tmp_path: Path) -> None:
    template = written(tmp_path, COMMANDS)
    cloud.deploy(template, "commands")
    name = outputs(cloud, "commands")["Pipeline"]
    run = action(
        "Run",
        "Compute",
        "Commands",
        {"ComputeType": "BUILD_GENERAL1_MEDIUM"},
        commands=["make", "echo done"],
        inputArtifacts=[{"name": "Source"}],
        outputArtifacts=[{"name": "Result", "files": ["out/*", "report.xml"]}],
        outputVariables=["VERSION"],
        environmentVariables=[
            {"name": "STAGE", "value": "test"},
            {"name": "TOKEN", "value": "token", "type": "SECRETS_MANAGER"},
        ],
    )
    assert pipeline_of(cloud, name)["stages"][1]["actions"] == [run]
    cloud.deploy(template, "commands", parameters={"Command": "make all"})
    pipeline = pipeline_of(cloud, name)
    assert pipeline["stages"][1]["actions"] == [run | {"commands": ["make all", "echo done"]}]
    assert pipeline["version"] == 2


def test_an_unchanged_template_has_no_changes_to_deploy(cloud: Cloud, delivery: dict[str, str], tmp_path: Path) -> None:
    template = written(tmp_path, DELIVERY)
    with_parameters = cloud.deploy(template, "delivery", parameters={"Connection": CONNECTION})
    assert NO_CHANGES in with_parameters.stdout
    with_previous_parameters = cloud.deploy(template, "delivery")
    assert NO_CHANGES in with_previous_parameters.stdout
    assert delivery == outputs(cloud, "delivery")


def test_a_change_reaches_what_depends_on_it_and_nothing_else(
    cloud: Cloud, delivery: dict[str, str], tmp_path: Path
) -> None:
    template = written(tmp_path, DELIVERY)
    cloud.deploy(template, "changing", parameters={"Connection": CONNECTION})
    before = outputs(cloud, "changing")
    created = project_of(cloud, before["Project"])["created"]

    changed = cloud.deploy(template, "changing", parameters={"Branch": "next", "Retention": "7"})
    assert NO_CHANGES not in changed.stdout
    after = outputs(cloud, "changing")
    assert after == before | {"Version": "2", "Feature": "next"}
    pipeline = pipeline_of(cloud, after["Pipeline"])
    assert pipeline["version"] == 2
    assert pipeline["stages"][0]["actions"][0]["configuration"]["BranchName"] == "next"
    project = project_of(cloud, after["Project"])
    assert project["environment"]["environmentVariables"][-1] == {"name": "FEATURE", "value": "next"}
    assert project["created"] == created
    groups = cloud.aws_json("logs", "describe-log-groups", "--log-group-name-prefix", after["Logs"])
    assert [group["retentionInDays"] for group in groups["logGroups"]] == [7]

    again = cloud.deploy(template, "changing")
    assert NO_CHANGES in again.stdout
    cloud.deploy(written(tmp_path, DELIVERY.replace("acme/orders", "acme/invoices")), "changing")
    assert pipeline_of(cloud, after["Pipeline"])["version"] == 3


def test_deleting_a_stack_removes_what_it_made(cloud: Cloud, delivery: dict[str, str], tmp_path: Path) -> None:
    cloud.deploy(written(tmp_path, DELIVERY), "passing", parameters={"Connection": CONNECTION})
    passing = outputs(cloud, "passing")
    cloud.aws("cloudformation", "delete-stack", "--stack-name", "passing")
    cloud.aws("cloudformation", "wait", "stack-delete-complete", "--stack-name", "passing")
    for listing in (
        ("codepipeline", "list-pipelines"),
        ("codebuild", "list-projects"),
        ("s3api", "list-buckets"),
        ("logs", "describe-log-groups"),
        ("iam", "list-roles"),
    ):
        assert "passing" not in cloud.aws(*listing).stdout
    with pytest.raises(CommandFailed, match="PipelineNotFoundException"):
        pipeline_of(cloud, passing["Pipeline"])


def test_the_other_kinds_keep_their_names_through_an_update(cloud: Cloud, tmp_path: Path) -> None:
    template = written(tmp_path, OTHERS)
    cloud.deploy(template, "others")
    before = outputs(cloud, "others")
    cloud.deploy(template, "others", parameters={"Size": "2"})
    after = outputs(cloud, "others")
    assert after == before | {"ImageValue": "2"}
    assert after["Reports"].startswith("arn:aws:codebuild:eu-west-1:123456789012:report-group/others-Reports-")

    topic = cloud.aws_json("sns", "get-topic-attributes", "--topic-arn", after["Topic"])["Attributes"]
    assert topic["DisplayName"] == "topic 2"
    assert "codestar-notifications.amazonaws.com" in topic["Policy"]
    image = cloud.aws_json("ssm", "get-parameter", "--name", after["Image"])["Parameter"]
    assert (image["Value"], image["Version"]) == ("2", 2)
    attached = cloud.aws_json("iam", "list-attached-role-policies", "--role-name", after["HookRole"])
    assert [each["PolicyArn"] for each in attached["AttachedPolicies"]] == [after["Policy"]]
    hook = cloud.aws_json("lambda", "get-function", "--function-name", after["Hook"])
    assert hook["Configuration"]["Environment"] == {"Variables": {"SIZE": "2"}}
    assert hook["Tags"] == {"team": "delivery"}


EXPORTING = """\
Parameters: {{Name: {{Type: String, Default: one}}}}
Resources:
  Logs: {{Type: AWS::Logs::LogGroup, Properties: {{LogGroupName: !Sub "exported-${{Name}}"}}}}
  Reports: {{Type: AWS::Logs::LogGroup, Properties: {{RetentionInDays: {days}}}}}
Outputs:
  Logs: {{Value: !Ref Logs, Export: {{Name: "{export}"}}}}
  Reports: {{Value: !Ref Reports}}
"""

IMPORTING = """\
Resources:
  Topic: {Type: AWS::SNS::Topic, Properties: {DisplayName: {"Fn::ImportValue": exported}}}
Outputs: {Topic: {Value: !Ref Topic}}
"""


def last_reason(cloud: Cloud, stack: str) -> tuple[str, str]:
    events = cloud.aws_json("cloudformation", "describe-stack-events", "--stack-name", stack)["StackEvents"]
    reasons = [(each["ResourceStatus"], each["ResourceStatusReason"]) for each in events if is_reason(each)]
    return reasons[0]


def is_reason(event: dict[str, str]) -> bool:
    return event.get("ResourceStatusReason") not in (None, "User Initiated")


def test_an_export_in_use_keeps_its_stack(cloud: Cloud, delivery: dict[str, str]) -> None:
    assert delivery  # it imports the shared key
    cloud.aws("cloudformation", "delete-stack", "--stack-name", "shared")
    status, reason = last_reason(cloud, "shared")
    assert reason.startswith("Export shared-KeyArn cannot be deleted as it is in use by ")
    assert status == "CREATE_COMPLETE"
    assert status_of(cloud, "shared") == "CREATE_COMPLETE"
    assert cloud.aws_json("kms", "describe-key", "--key-id", outputs(cloud, "shared")["KeyArn"])


def test_an_export_in_use_neither_changes_nor_goes(cloud: Cloud, tmp_path: Path) -> None:
    def exporting(days: int = 1, export: str = "exported") -> Path:
        return written(tmp_path, EXPORTING.format(days=days, export=export))

    cloud.deploy(exporting(), "exporting")
    before = outputs(cloud, "exporting")
    cloud.deploy(written(tmp_path, IMPORTING), "importing")
    topic = cloud.aws_json("sns", "get-topic-attributes", "--topic-arn", outputs(cloud, "importing")["Topic"])
    assert topic["Attributes"]["DisplayName"] == "exported-one"

    with pytest.raises(CommandFailed) as changed:
        cloud.deploy(exporting(days=7), "exporting", parameters={"Name": "two"})
    assert "Export exported cannot be updated as it is in use by importing" in changed.value.__notes__[0]
    with pytest.raises(CommandFailed) as gone:
        cloud.deploy(exporting(days=7, export="another"), "exporting")
    assert "Export exported cannot be deleted as it is in use by importing" in gone.value.__notes__[0]

    # Back to what it was, the log group of the earlier name never having gone.
    assert status_of(cloud, "exporting") == "UPDATE_ROLLBACK_COMPLETE"
    assert outputs(cloud, "exporting") == before
    groups = cloud.aws_json("logs", "describe-log-groups", "--log-group-name-prefix", "exported-")["logGroups"]
    assert [group["logGroupName"] for group in groups] == ["exported-one"]
    reports = cloud.aws_json("logs", "describe-log-groups", "--log-group-name-prefix", before["Reports"])
    assert reports["logGroups"][0]["retentionInDays"] == 1
    assert NO_CHANGES in cloud.deploy(exporting(), "exporting").stdout

    cloud.aws("cloudformation", "delete-stack", "--stack-name", "importing")
    cloud.deploy(exporting(export="another"), "exporting", parameters={"Name": "two"})
    exports = {each["Name"]: each["Value"] for each in cloud.aws_json("cloudformation", "list-exports")["Exports"]}
    assert (exports["another"], "exported" in exports) == ("exported-two", False)


def test_an_import_that_nobody_exports_fails_the_stack(cloud: Cloud, tmp_path: Path) -> None:
    in_an_output = "Resources: {A: {Type: AWS::Logs::LogGroup}}\nOutputs: {A: {Value: {'Fn::ImportValue': nothing}}}\n"
    for stack, text in (("importer", IMPORTING.replace("exported", "nothing")), ("showing", in_an_output)):
        with pytest.raises(CommandFailed) as failure:
            cloud.deploy(written(tmp_path, text), stack)
        assert "No export named nothing found" in failure.value.__notes__[0]
        assert status_of(cloud, stack) == "ROLLBACK_COMPLETE"


def test_a_long_template_goes_through_a_bucket(cloud: Cloud, tmp_path: Path) -> None:
    template = written(tmp_path, BUCKET + f"# {'x' * INLINE_TEMPLATE_LIMIT}\n")
    cloud.deploy(template, "long")
    assert NO_CHANGES in cloud.deploy(template, "long").stdout


def test_a_failed_stack_says_why_and_leaves_nothing(cloud: Cloud, tmp_path: Path) -> None:
    untrusted = """\
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: 2012-10-17
        Statement: [{Effect: Allow, Principal: {Service: ecs.amazonaws.com}, Action: sts:AssumeRole}]
  Project:
    Type: AWS::CodeBuild::Project
    Properties:
      ServiceRole: !GetAtt Role.Arn
      Artifacts: {Type: NO_ARTIFACTS}
      Source: {Type: NO_SOURCE}
      Environment: {Type: LINUX_CONTAINER, ComputeType: BUILD_GENERAL1_SMALL, Image: alpine}
"""
    with pytest.raises(CommandFailed) as failure:
        cloud.deploy(written(tmp_path, BUCKET + untrusted), "failing")
    assert "codebuild.amazonaws.com is not authorized" in failure.value.__notes__[0]
    assert "failing" not in cloud.aws("s3api", "list-buckets").stdout
    with pytest.raises(CommandFailed, match="ROLLBACK_COMPLETE state and can not be updated"):
        cloud.deploy(written(tmp_path, BUCKET), "failing")


@pytest.mark.parametrize(("policy", "stays"), [("Retain", True), ("RetainExceptOnCreate", False)])
@pytest.mark.parametrize("there", [False, True])
def test_what_a_failed_operation_made_stays_where_it_is_retained(
    cloud: Cloud, tmp_path: Path, policy: str, stays: bool, there: bool
) -> None:
    name = f"left-{policy}-{there}".lower()
    named = (
        f"  Named: {{Type: AWS::ECR::Repository, DeletionPolicy: {policy}, Properties: {{RepositoryName: {name}}}}}\n"
    )
    broken = (
        "  Broken: {Type: AWS::Logs::LogGroup, DependsOn: Named, Properties: {LogGroupName: !ImportValue nothing}}\n"
    )
    if there:
        cloud.deploy(written(tmp_path, BUCKET), name)
    with pytest.raises(CommandFailed):
        cloud.deploy(written(tmp_path, BUCKET + named + broken), name)
    repositories = cloud.aws_json("ecr", "describe-repositories")["repositories"]
    assert (name in [each["repositoryName"] for each in repositories]) is stays


@pytest.mark.parametrize(
    ("resource", "message"),
    [
        ("{Type: AWS::Nothing::Known}", r"Unrecognized resource types: \[AWS::Nothing::Known\]"),
        (
            "{Type: AWS::IAM::Role, Properties: {RoleName: mine, AssumeRolePolicyDocument: {}}}",
            r"InsufficientCapabilitiesException.*CAPABILITY_NAMED_IAM",
        ),
    ],
)
def test_cloudformation_rejects_at_once(cloud: Cloud, tmp_path: Path, resource: str, message: str) -> None:
    template = written(tmp_path, f"Resources:\n  Refused: {resource}\n")
    with pytest.raises(CommandFailed, match=message):
        cloud.deploy(template, "refused")


def test_an_unknown_property_is_rejected(cloud: Cloud, tmp_path: Path) -> None:
    template = written(tmp_path, "Resources: {A: {Type: AWS::S3::Bucket, Properties: {Colour: blue}}}")
    with pytest.raises(CommandFailed) as failure:
        cloud.deploy(template, "colourful")
    assert "unsupported property Colour" in failure.value.__notes__[0]


def test_a_parameter_without_a_value_is_rejected(cloud: Cloud, tmp_path: Path) -> None:
    with pytest.raises(CommandFailed, match=r"Parameters: \[Connection\] must have values"):
        cloud.deploy(written(tmp_path, DELIVERY), "incomplete")


LOOKING_UP = """\
Parameters:
  Image: {Type: AWS::SSM::Parameter::Value<String>, Default: /image}
  Zones: {Type: AWS::SSM::Parameter::Value<List<String>>, Default: /zones}
  Path: {Type: AWS::SSM::Parameter::Name, Default: /image}
Resources:
  Topic: {Type: AWS::SNS::Topic, Properties: {DisplayName: !Ref Image}}
  Other: {Type: AWS::SNS::Topic, Properties: {DisplayName: !Ref Path}}
Outputs:
  Image: {Value: !Sub "image ${Image}"}
  Zone: {Value: !Select [1, !Ref Zones]}
  Topic: {Value: !Ref Topic}
  Other: {Value: !Ref Other}
"""


def put_parameter(cloud: Cloud, name: str, value: str) -> None:
    cloud.aws("ssm", "put-parameter", "--name", name, "--type", "String", "--overwrite", "--value", value)


def display_name(cloud: Cloud, topic: str) -> str:
    attributes = cloud.aws_json("sns", "get-topic-attributes", "--topic-arn", topic)["Attributes"]
    return str(attributes["DisplayName"])


def test_a_value_that_changed_in_parameter_store_is_a_change(cloud: Cloud, tmp_path: Path) -> None:
    put_parameter(cloud, "/image", "one")
    put_parameter(cloud, "/zones", "a, b")
    template = written(tmp_path, LOOKING_UP)
    cloud.deploy(template, "looking-up")
    before = outputs(cloud, "looking-up")
    assert (before["Image"], before["Zone"]) == ("image one", "b")
    assert NO_CHANGES in cloud.deploy(template, "looking-up").stdout
    put_parameter(cloud, "/image", "two")
    cloud.deploy(template, "looking-up")
    assert outputs(cloud, "looking-up") == before | {"Image": "image two"}
    assert display_name(cloud, before["Topic"]) == "two"
    assert display_name(cloud, before["Other"]) == "/image"

    shown = cloud.aws_json("cloudformation", "describe-stacks", "--stack-name", "looking-up")["Stacks"][0]
    expected = {"ParameterKey": "Image", "ParameterValue": "/image", "ResolvedValue": "two"}
    assert expected in shown["Parameters"]


def test_a_parameter_that_is_not_in_the_store_fails_the_stack(cloud: Cloud, tmp_path: Path) -> None:
    text = LOOKING_UP.replace("/image", "/absent/image").replace("/zones", "/absent/zones")
    template = written(tmp_path, text)
    unable = r"CreateChangeSet operation: Unable to fetch parameters \[/absent/{}\] from parameter store"
    with pytest.raises(CommandFailed, match=unable.format("image")):
        cloud.deploy(template, "absent")
    put_parameter(cloud, "/zones/here", "a,b")
    put_parameter(cloud, "/image/here", "one")
    # The default is absent still, and nobody asks for it.
    cloud.deploy(template, "absent", parameters={"Image": "/image/here", "Zones": "/zones/here"})
    cloud.aws("ssm", "delete-parameter", "--name", "/image/here")
    with pytest.raises(CommandFailed, match=r"Unable to fetch parameters \[/image/here\]"):
        cloud.deploy(template, "absent")
    assert status_of(cloud, "absent") == "CREATE_COMPLETE"


def test_a_failed_update_goes_back_to_the_values_it_had(cloud: Cloud, tmp_path: Path) -> None:
    put_parameter(cloud, "/image", "one")
    put_parameter(cloud, "/zones", "a,b")
    cloud.deploy(written(tmp_path, LOOKING_UP), "going-back")
    put_parameter(cloud, "/image", "two")
    late = "  Wrong: {Type: AWS::S3::Bucket, DependsOn: Topic, Properties: {Colour: blue}}\nOutputs:"
    with pytest.raises(CommandFailed) as failure:
        cloud.deploy(written(tmp_path, LOOKING_UP.replace("Outputs:", late)), "going-back")
    assert "unsupported property Colour" in failure.value.__notes__[0]
    made = outputs(cloud, "going-back")
    assert (made["Image"], display_name(cloud, made["Topic"])) == ("image one", "one")
    assert status_of(cloud, "going-back") == "UPDATE_ROLLBACK_COMPLETE"


def test_a_stored_value_is_written_again_only_where_a_property_changed(cloud: Cloud, tmp_path: Path) -> None:
    text = """\
Resources:
  Live: {Type: AWS::SSM::Parameter, Properties: {Name: /live, Type: String, Value: first, Tags: {team: one}}}
  Topic: {Type: AWS::SNS::Topic, Properties: {DisplayName: one}}
"""

    def live() -> tuple[str, int]:
        found = cloud.aws_json("ssm", "get-parameter", "--name", "/live")["Parameter"]
        return found["Value"], found["Version"]

    cloud.deploy(written(tmp_path, text), "storing")
    put_parameter(cloud, "/live", "second")
    cloud.deploy(written(tmp_path, text.replace("DisplayName: one", "DisplayName: two")), "storing")
    assert live() == ("second", 2)
    cloud.deploy(written(tmp_path, text.replace("team: one", "crew: two")), "storing")
    assert live() == ("first", 3)
    asked = ("--resource-type", "Parameter", "--resource-id", "/live")
    assert cloud.aws_json("ssm", "list-tags-for-resource", *asked)["TagList"] == [{"Key": "crew", "Value": "two"}]
