"""HTTP checks of deployments: a Lambda function that sends requests to the new tasks.

CodeDeploy calls it at a lifecycle hook of an AppSpec, ECS at a lifecycle hook of the service. The function recognizes
the caller by the event. Its code is `templates/http_check.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from troposphere import AWSObject, GetAtt, Ref

from pipegen.ecs.http_check import HttpCheck
from pipegen.frozen import frozen
from pipegen.iam.grant import Grant, ServiceRole
from pipegen.model.encryption import encrypt, environment_key_grant
from pipegen.model.log_group import log_grant, log_group
from pipegen.model.network import Vpc
from pipegen.model.suppressions import suppressed
from pipegen.output.scripts import verbatim
from pipegen.syntax import names
from pipegen.values.create import create
from pipegen.values.number import number_text
from pipegen.values.value import Value, arn, concat, listed

if TYPE_CHECKING:
    from troposphere import awslambda

PREFIX = "CodeDeployHook_"
"""The managed policy AWSCodeDeployRoleForECSLimited allows CodeDeploy to invoke only functions with this prefix;
AWSCodeDeployRoleForECS allows all. https://docs.aws.amazon.com/codedeploy/latest/userguide/security-iam-awsmanpol.html"""

NAME_LIMIT = 64
"""https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html"""

RUNTIME = "python3.13"
"""https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html"""


@frozen(kw_only=True)
class HookFunction:
    """A check as a Lambda function of a stack. Callers add it to `Bound(resources=…, roles=…)`."""

    name: str
    """The name by which an AppSpec refers to it."""
    arn: Value
    resources: Sequence[AWSObject]
    role: ServiceRole


def hook_name(name: str) -> str:
    """The name of the Lambda function."""
    return PREFIX + names.shorten(names.hyphenated(name, "_"), NAME_LIMIT - len(PREFIX))


def hook_resources(
    check: HttpCheck,
    *,
    logical_id: str,
    name: str,
    deployment_group_arn: Value | None = None,
    service_deployments_arn: Value | None = None,
    encryption_key: Value | None = None,
) -> HookFunction:
    """Create the Lambda function of a check, with its log group and role.

    deployment_group_arn: if CodeDeploy calls it, the deployment group that it reports to
        (`arn:…:deploymentgroup:<application>/<group>`).
    service_deployments_arn: if ECS calls it, the service deployments that it may describe.
    encryption_key: the key of a check without its own.
    """
    function = hook_name(name)
    log_name = f"/aws/lambda/{function}"
    key = encryption_key if check.encryption_key is None else check.encryption_key
    group = log_group(
        f"{logical_id}LogGroup",
        log_name,
        check.log_retention_days,
        "CloudWatch Logs encrypts with its own key; the log has at most 200 characters of a response",
    )
    role = ServiceRole(
        logical_id=f"{logical_id}Role",
        service="lambda.amazonaws.com",
        grants=(
            log_grant(log_name),
            *_report_grants(deployment_group_arn),
            *_look_up_grants(service_deployments_arn),
            *_vpc_grants(check.vpc),
            *(() if key is None else (environment_key_grant(key, arn("lambda", "function:", function)),)),
        ),
    )
    return HookFunction(
        name=function,
        arn=GetAtt(logical_id, "Arn"),
        resources=(encrypt(group, key), encrypt(_function(check, logical_id, function), key)),
        role=role,
    )


def _function(check: HttpCheck, logical_id: str, name: str) -> awslambda.Function:
    from troposphere import awslambda  # slow to import, and few definitions have a check

    optional: dict[str, Any] = {}
    if check.vpc is not None:
        optional["VpcConfig"] = create(
            awslambda.VPCConfig, SubnetIds=listed(check.vpc.subnets), SecurityGroupIds=listed(check.vpc.security_groups)
        )
    return create(
        awslambda.Function,
        logical_id,
        Metadata=_suppressions(check),
        FunctionName=name,
        Description="Sends HTTP requests to the new tasks before a deployment continues",
        Runtime=RUNTIME,
        Handler="index.handler",
        Code=create(awslambda.Code, ZipFile=verbatim("http_check.py")),
        Role=GetAtt(f"{logical_id}Role", "Arn"),
        MemorySize=256,  # with 128 MB, and the share of CPU that comes with it, boto3 takes seconds to start
        Timeout=check.deadline_seconds,
        Environment=create(awslambda.Environment, Variables=_variables(check)),
        LoggingConfig=create(awslambda.LoggingConfig, LogGroup=Ref(f"{logical_id}LogGroup")),
        **optional,
    )


def _variables(check: HttpCheck) -> dict[str, Value]:
    """The environment variables that the function's code reads."""
    variables: dict[str, Value] = {
        "URL": check.url,
        "STATUSES": _statuses(check),
        "RETRIES": number_text(check.retries),
        "RETRY_SECONDS": number_text(check.retry_seconds),
        "TIMEOUT_SECONDS": number_text(check.timeout_seconds),
        "VERIFY_CERTIFICATE": "true" if check.verify_certificate else "false",
    }
    return variables if check.body is None else {**variables, "BODY": check.body}


def _statuses(check: HttpCheck) -> Value:
    """The accepted status codes with commas between them."""
    separated = [part for each in check.statuses for part in (",", number_text(each))]
    return concat(*separated[1:])


def _suppressions(check: HttpCheck) -> dict[str, Any]:
    reasons = {
        "CKV_AWS_115": "it runs once per deployment; reserved concurrency would reduce that of the account",
        "CKV_AWS_116": "it reports its result to the deployment, which is rolled back if it does not",
        "CKV_AWS_173": "its variables describe the request, without secrets; Lambda encrypts them with its own key",
    }
    if check.vpc is None:
        reasons["CKV_AWS_117"] = "it requests a public address; set vpc of the check if there is none"
    return suppressed(**reasons)


def _report_grants(deployment_group_arn: Value | None) -> Iterator[Grant]:
    """SAM's guide and the CDK also grant the ARN of the deployment group, though the reference lists no resource.
    https://github.com/aws/serverless-application-model/blob/master/docs/safe_lambda_deployments.rst"""
    if deployment_group_arn is not None:
        yield Grant(
            actions=("codedeploy:PutLifecycleEventHookExecutionStatus",),
            resources=(deployment_group_arn,),
            because="reports the result to CodeDeploy",
        )


def _look_up_grants(service_deployments_arn: Value | None) -> Iterator[Grant]:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment-permissions.html"""
    if service_deployments_arn is not None:
        yield Grant(
            actions=("ecs:DescribeServiceDeployments",),
            resources=(service_deployments_arn,),
            because="determines whether this is the service's first deployment",
        )


def _vpc_grants(vpc: Vpc | None) -> Iterator[Grant]:
    """https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions

    That page recommends to deny the same actions to the function's own code, which lambda:SourceFunctionArn identifies.
    To allow them only if that key is absent has the same effect.
    """
    if vpc is not None:
        yield Grant(
            actions=(
                "ec2:AssignPrivateIpAddresses",
                "ec2:CreateNetworkInterface",
                "ec2:DeleteNetworkInterface",
                "ec2:DescribeNetworkInterfaces",
                "ec2:DescribeSubnets",
                "ec2:UnassignPrivateIpAddresses",
            ),
            resources=("*",),
            conditions={"Null": {"lambda:SourceFunctionArn": "true"}},
            because="Lambda requires them on all resources for network interfaces; the function's code cannot use them",
        )
