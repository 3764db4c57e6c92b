"""What AWS documents that pipelines, builds, services and deployments call, for those that a cloud has.

Written from AWS's pages and from what is deployed, not from the code that makes the roles.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.support.cloud import Cloud
from tests.support.iam_calls import Call

ACTIONS = {
    "CodeBuild": ("codebuild:BatchGetBuilds", "codebuild:StartBuild"),
    "CodeCommit": (
        "codecommit:CancelUploadArchive",
        "codecommit:GetBranch",
        "codecommit:GetCommit",
        "codecommit:GetUploadArchiveStatus",
        "codecommit:UploadArchive",
    ),
    "CodePipeline": ("codepipeline:StartPipelineExecution",),
    "CodeStarSourceConnection": ("codestar-connections:UseConnection",),
    "ECR": ("ecr:DescribeImages",),
    "Manual": ("sns:Publish",),
    "CloudFormation": (
        "cloudformation:CreateStack",
        "cloudformation:DescribeStacks",
        "cloudformation:UpdateStack",
    ),
}
"""Of the role of an action, on its resource.
https://docs.aws.amazon.com/codepipeline/latest/userguide/how-to-custom-role.html"""

PULL = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
"""https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html"""
PUSH = (
    *PULL,
    "ecr:CompleteLayerUpload",
    "ecr:InitiateLayerUpload",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
)
"""https://docs.aws.amazon.com/codebuild/latest/userguide/sample-docker.html"""
KEY = ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo")
"""https://docs.aws.amazon.com/codepipeline/latest/userguide/S3-artifact-encryption.html"""
LOGS = ("logs:CreateLogStream", "logs:PutLogEvents")
OF_EVENTBRIDGE = {
    "codepipeline": "codepipeline:StartPipelineExecution",
    "events": "events:PutEvents",
    "lambda": "lambda:InvokeFunction",
}
TASKS = "ecs-tasks.amazonaws.com"


@dataclass(frozen=True, slots=True)
class Place:
    """An account and region."""

    account: str
    region: str

    def arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"


def place(cloud: Cloud) -> Place:
    return Place(cloud.account, cloud.region)


def pipeline_calls(pipeline: Mapping[str, Any], home: Place) -> Iterator[Call]:
    """Those of CodePipeline: as the role of the pipeline, and as the role of each action that has one."""
    role = pipeline["roleArn"]
    yield Call("codepipeline.amazonaws.com", "sts:AssumeRole", role, home.account)
    for store in stores(pipeline):
        yield from artifact_calls(role, store, home.account)
    for action in (action for stage in pipeline["stages"] for action in stage["actions"]):
        yield from _as_action(action, pipeline, home)


def stores(pipeline: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list(pipeline["artifactStores"].values()) if "artifactStores" in pipeline else [pipeline["artifactStore"]]


def artifact_calls(role: str, store: Mapping[str, Any], account: str) -> Iterator[Call]:
    """Reading and writing artifacts. account: the one of the bucket."""
    bucket = f"arn:aws:s3:::{store['location']}"
    yield Call(role, "s3:GetBucketLocation", bucket, account)
    for action in ("s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"):
        yield Call(role, action, f"{bucket}/orders/App_source/a1b2c3", account)
    if "encryptionKey" in store:
        yield from (Call(role, action, store["encryptionKey"]["id"]) for action in KEY)


def _as_action(action: Mapping[str, Any], pipeline: Mapping[str, Any], home: Place) -> Iterator[Call]:
    role = action.get("roleArn", pipeline["roleArn"])
    there = Place(role.split(":")[4], action.get("region", home.region))
    if role != pipeline["roleArn"]:
        yield Call(pipeline["roleArn"], "sts:AssumeRole", role)
        store = pipeline["artifactStores"][there.region] if "artifactStores" in pipeline else pipeline["artifactStore"]
        if action["inputArtifacts"] or action["outputArtifacts"]:
            yield from artifact_calls(role, store, home.account)
    kind = action["actionTypeId"]
    of_category = CALLS.get(f"{kind['category']} {kind['provider']}")
    yield from (of_category or CALLS[kind["provider"]])(role, action, there)


def _on(resource: Callable[[Mapping[str, str], Place], str]) -> Callable[..., Iterator[Call]]:
    """The documented actions of a provider on the resource that its configuration names."""

    def calls(role: str, action: Mapping[str, Any], there: Place) -> Iterator[Call]:
        found = resource(action["configuration"], there)
        names = ACTIONS[action["actionTypeId"]["provider"]] if found else ()
        yield from (Call(role, name, found) for name in names)

    return calls


def _connection(role: str, action: Mapping[str, Any], there: Place) -> Iterator[Call]:
    """The prefix of the action is that of the ARN."""
    arn = action["configuration"]["ConnectionArn"]
    yield Call(role, f"{arn.split(':')[2]}:UseConnection", arn)


def _object(role: str, action: Mapping[str, Any], there: Place) -> Iterator[Call]:
    bucket = f"arn:aws:s3:::{action['configuration']['S3Bucket']}"
    yield from (Call(role, name, bucket, there.account) for name in ("s3:GetBucketAcl", "s3:GetBucketVersioning"))
    key = f"{bucket}/{action['configuration']['S3ObjectKey']}"
    yield from (Call(role, name, key, there.account) for name in ("s3:GetObject", "s3:GetObjectVersion"))


def _service(role: str, action: Mapping[str, Any], there: Place) -> Iterator[Call]:
    cluster, service = (action["configuration"][name] for name in ("ClusterName", "ServiceName"))
    for name in ("ecs:DescribeServices", "ecs:UpdateService"):
        yield Call(role, name, there.arn("ecs", f"service/{cluster}/{service}"))
    yield Call(role, "ecs:DescribeTaskDefinition")


def _codedeploy(role: str, action: Mapping[str, Any], there: Place) -> Iterator[Call]:
    application, group = (action["configuration"][name] for name in ("ApplicationName", "DeploymentGroupName"))
    for name in ("codedeploy:CreateDeployment", "codedeploy:GetDeployment"):
        yield Call(role, name, there.arn("codedeploy", f"deploymentgroup:{application}/{group}"))
    for name in ("GetApplication", "GetApplicationRevision", "RegisterApplicationRevision"):
        yield Call(role, f"codedeploy:{name}", there.arn("codedeploy", f"application:{application}"))
    default = there.arn("codedeploy", "deploymentconfig:CodeDeployDefault.ECSAllAtOnce")
    yield Call(role, "codedeploy:GetDeploymentConfig", default)


def _commands(role: str, action: Mapping[str, Any], there: Place) -> Iterator[Call]:
    """What the commands call of Systems Manager; the log group has the name of the pipeline."""
    for name in re.findall(r"ssm put-parameter .* --name (\S+)", "\n".join(action["commands"])):
        yield Call(role, "ssm:PutParameter", there.arn("ssm", f"parameter/{name.strip(chr(39)).removeprefix('/')}"))


def _function(role: str, action: Mapping[str, Any], there: Place) -> Iterator[Call]:
    """https://docs.aws.amazon.com/codepipeline/latest/userguide/actions-invoke-lambda-function.html"""
    name = action["configuration"]["FunctionName"]
    yield Call(role, "lambda:InvokeFunction", there.arn("lambda", f"function:{name}"))
    yield Call(role, "lambda:ListFunctions")


def _site(role: str, action: Mapping[str, Any], there: Place) -> Iterator[Call]:
    """https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-S3Deploy.html"""
    bucket = f"arn:aws:s3:::{action['configuration']['BucketName']}"
    yield from (Call(role, name, bucket, there.account) for name in ("s3:GetBucketAcl", "s3:GetBucketVersioning"))
    key = f"{bucket}/{action['configuration'].get('ObjectKey', '')}index.html"
    yield Call(role, "s3:PutObject", key, there.account)


def _execution(role: str, action: Mapping[str, Any], there: Place) -> Iterator[Call]:
    """https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-StepFunctions.html"""
    machine = action["configuration"]["StateMachineArn"]
    yield from (Call(role, f"states:{name}", machine) for name in ("DescribeStateMachine", "StartExecution"))
    execution = f"execution:{machine.rpartition(':')[2]}:a1b2c3"
    yield Call(role, "states:DescribeExecution", there.arn("states", execution))


def _product(role: str, action: Mapping[str, Any], there: Place) -> Iterator[Call]:
    """https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ServiceCatalog.html"""
    product = there.arn("catalog", f"product/{action['configuration']['ProductId']}")
    for name in ("CreateProvisioningArtifact", "ListProvisioningArtifacts", "UpdateProduct"):
        yield Call(role, f"servicecatalog:{name}", product)
    yield Call(role, "cloudformation:ValidateTemplate")


CALLS: Mapping[str, Callable[[str, Mapping[str, Any], Place], Iterator[Call]]] = {
    "CloudFormation": _on(lambda settings, there: there.arn("cloudformation", f"stack/{settings['StackName']}/a1b2c3")),
    "CodeBuild": _on(lambda settings, there: there.arn("codebuild", f"project/{settings['ProjectName']}")),
    "CodeCommit": _on(lambda settings, there: there.arn("codecommit", settings["RepositoryName"])),
    "CodeDeployToECS": _codedeploy,
    "CodePipeline": _on(lambda settings, there: there.arn("codepipeline", settings["PipelineName"])),
    "CodeStarSourceConnection": _connection,
    "Deploy S3": _site,
    "Commands": _commands,
    "ECR": _on(lambda settings, there: there.arn("ecr", f"repository/{settings['RepositoryName']}")),
    "ECS": _service,
    "Lambda": _function,
    "Manual": _on(lambda settings, there: settings.get("NotificationArn", "")),
    "S3": _object,
    "ServiceCatalog": _product,
    "StepFunctions": _execution,
}
"""By provider, or by category and provider if two categories have a provider of the name. An action of another
provider is an error: it has to be added here."""


def build_calls(project: Mapping[str, Any], store: Mapping[str, Any], home: Place) -> Iterator[Call]:
    """Those of CodeBuild as the role of a project, and of an image build.
    https://docs.aws.amazon.com/codebuild/latest/userguide/setting-up-service-role.html"""
    role = project["serviceRole"]
    trusted = {"aws:SourceAccount": home.account, "aws:SourceArn": home.arn("codebuild", f"project/{project['name']}")}
    yield Call("codebuild.amazonaws.com", "sts:AssumeRole", role, context=trusted)
    group = project["logsConfig"]["cloudWatchLogs"]["groupName"]
    yield from (Call(role, name, home.arn("logs", f"log-group:{group}:log-stream:a1b2")) for name in LOGS)
    yield from artifact_calls(role, store, home.account)
    for variable in project["environment"].get("environmentVariables", ()):
        if variable["name"].startswith("REPOSITORY_"):
            yield from _registry(role, variable["value"], PUSH)


def _registry(role: str, image: str, actions: tuple[str, ...]) -> Iterator[Call]:
    match = re.fullmatch(r"(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com/([^:@]+).*", image)
    if match:
        yield Call(role, "ecr:GetAuthorizationToken")
        account, region, name = match.groups()
        yield from (Call(role, action, Place(account, region).arn("ecr", f"repository/{name}")) for action in actions)


def task_calls(task: Mapping[str, Any], images: tuple[str, ...], home: Place) -> Iterator[Call]:
    """Those of ECS as the execution role of a task. images: further ones that its service may get.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html"""
    role = task["executionRoleArn"]
    yield Call(TASKS, "sts:AssumeRole", role, context={"aws:SourceAccount": home.account})
    for container in task["containerDefinitions"]:
        group = container.get("logConfiguration", {}).get("options", {}).get("awslogs-group")
        streams = home.arn("logs", f"log-group:{group}:log-stream:a1b2")
        yield from (Call(role, name, streams) for name in LOGS if group)
    for image in (*images, *(container["image"] for container in task["containerDefinitions"])):
        yield from _registry(role, image, PULL)
    if "taskRoleArn" in task:
        context = {"aws:SourceAccount": home.account, "aws:SourceArn": home.arn("ecs", "task/main/a1b2")}
        yield Call(TASKS, "sts:AssumeRole", task["taskRoleArn"], context=context)


def pass_calls(deployer: str, task: Mapping[str, Any]) -> Iterator[Call]:
    """Registering a task definition passes its roles to ECS.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECS.html"""
    family = task["taskDefinitionArn"].rpartition(":")[0]
    yield Call(deployer, "ecs:RegisterTaskDefinition", f"{family}:*")
    for name in ("executionRoleArn", "taskRoleArn"):
        if name in task:
            yield Call(deployer, "iam:PassRole", task[name], context={"iam:PassedToService": TASKS})


def rule_calls(rule: Mapping[str, Any], target: Mapping[str, str], home: Place) -> Iterator[Call]:
    """Those of EventBridge for a rule that starts a pipeline, passes events on or invokes a function.
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-identity-based.html
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html"""
    context = {"aws:SourceAccount": home.account, "aws:SourceArn": rule["Arn"]}
    action = OF_EVENTBRIDGE[target["Arn"].split(":")[2]]
    if "RoleArn" in target:
        yield Call("events.amazonaws.com", "sts:AssumeRole", target["RoleArn"], context=context)
        yield Call(target["RoleArn"], action, target["Arn"])
    else:
        yield Call("events.amazonaws.com", action, target["Arn"], context={"aws:SourceArn": rule["Arn"]})


def publish_calls(topic: str, home: Place) -> Iterator[Call]:
    """Those of notification rules of the account.
    https://docs.aws.amazon.com/dtconsole/latest/userguide/security_iam_troubleshoot.html"""
    context = {"aws:SourceAccount": home.account}
    yield Call("codestar-notifications.amazonaws.com", "sns:Publish", topic, context=context)


def shift_calls(group: Mapping[str, Any], task: Mapping[str, Any], home: Place) -> Iterator[Call]:
    """Those of CodeDeploy as the role of a deployment group, which moves the traffic of a service.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/codedeploy_IAM_role.html"""
    role, names = group["serviceRoleArn"], f"{group['applicationName']}/{group['deploymentGroupName']}"
    context = {"aws:SourceAccount": home.account, "aws:SourceArn": home.arn("codedeploy", f"deploymentgroup:{names}")}
    yield Call("codedeploy.amazonaws.com", "sts:AssumeRole", role, context=context)
    [service] = [f"{each['clusterName']}/{each['serviceName']}" for each in group["ecsServices"]]
    for name in ("ecs:DescribeServices", "ecs:UpdateServicePrimaryTaskSet"):
        yield Call(role, name, home.arn("ecs", f"service/{service}"))
    for name in ("ecs:CreateTaskSet", "ecs:DeleteTaskSet"):
        yield Call(role, name, home.arn("ecs", f"task-set/{service}/a1b2"))
    [pair] = group["loadBalancerInfo"]["targetGroupPairInfoList"]
    for listener in pair["prodTrafficRoute"]["listenerArns"]:
        yield Call(role, "elasticloadbalancing:ModifyListener", listener)
    for name in ("DescribeListeners", "DescribeRules", "DescribeTargetGroups"):
        yield Call(role, f"elasticloadbalancing:{name}")
    for name in ("executionRoleArn", "taskRoleArn"):
        yield Call(role, "iam:PassRole", task[name], context={"iam:PassedToService": TASKS})


def foreign(call: Call) -> Iterator[Call]:
    """The same on resources of others: another name, another account, another service that gets a role."""
    if call.resource == "*" or call.action in ANY_RESOURCE or call.caller == TASKS:
        return
    *start, account, resource = call.resource.split(":", 5)
    other = _renamed(resource, bucket=call.resource.startswith("arn:aws:s3:::"))
    if call.action != "sts:AssumeRole":
        yield _at(call, ":".join([*start, account, other]))
        if account:
            yield _at(call, ":".join([*start, "999999999999", resource]))
    for key in call.context:
        yield Call(call.caller, call.action, call.resource, call.account, {**call.context, key: FOREIGN[key]})


def _renamed(resource: str, *, bucket: bool) -> str:
    """The same resource with another name; what follows the name stays."""
    for start in ("task-set/", "listener/app/", "execution:"):
        if resource.startswith(start):
            return f"{start}foreign-{resource.removeprefix(start)}"
    end = "/" if bucket else ":log-stream:" if resource.startswith("log-group:") else ":*"
    name, mark, rest = resource.partition(end)
    return f"{name}-foreign{mark}{rest}"


def _at(call: Call, resource: str) -> Call:
    return Call(call.caller, call.action, resource, call.account, call.context)


FOREIGN = {
    "aws:SourceAccount": "999999999999",
    "aws:SourceArn": "arn:aws:codebuild:eu-west-1:999999999999:project/foreign",
    "iam:PassedToService": "ec2.amazonaws.com",
}
ANY_RESOURCE = ("codedeploy:GetDeploymentConfig",)
"""They are for any resource."""
