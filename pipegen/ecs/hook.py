"""HTTP checks of deployments: a Lambda function that sends requests to the new tasks.

CodeDeploy calls it at a lifecycle hook of an AppSpec, ECS at a lifecycle hook of the service. The function recognizes
the caller by the event. Its code is `templates/http_check.py`.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from troposphere import AWSObject, GetAtt, Ref

from pipegen.ecs.tasks.ports import PORT
from pipegen.errors import Problem, one_line, quoted
from pipegen.fields.aws import Property
from pipegen.fields.constraints import Between, Length, Matches
from pipegen.fields.gaps import is_known
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.iam.grant import Grant, ServiceRole
from pipegen.model.encryption import EncryptionKey, encrypt, environment_key_grant
from pipegen.model.log_group import RetentionDays, log_grant, log_group
from pipegen.model.network import Vpc
from pipegen.model.suppressions import suppressed
from pipegen.output.scripts import verbatim
from pipegen.syntax import names
from pipegen.values.create import create
from pipegen.values.number import IntegerValue, known, number_text
from pipegen.values.value import ResolvedValue, Value, arn, concat, listed

if TYPE_CHECKING:
    from troposphere import awslambda

PREFIX = "CodeDeployHook_"
"""The managed policy AWSCodeDeployRoleForECSLimited allows CodeDeploy to invoke only functions with this prefix;
AWSCodeDeployRoleForECS allows all. https://docs.aws.amazon.com/codedeploy/latest/userguide/security-iam-awsmanpol.html"""

NAME_LIMIT = 64
"""https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html"""

RUNTIME = "python3.13"
"""https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html"""

REPORT_SECONDS = 10
"""Seconds that the function reserves to report the result. Its code has the same number."""

_PORTS = {"http": 80, "https": 443}

_PATH = Matches(
    r"(?!//)/[!\"$-~]{0,999}",
    "one /, then up to 999 ASCII characters without blanks and #; percent-encode others, such as %20",
)


@frozen
class HttpCheck(Model):
    """Requests a URL, and lets a deployment continue if the response is as expected.

    In the first deployment of a service by ECS it succeeds without a request; otherwise the stack could not be
    created."""

    aws_type: ClassVar[str] = "AWS::Lambda::Function"

    host: Value
    """A host name or address, such as the DNS name of the load balancer."""
    _: KW_ONLY
    scheme: Literal["http", "https"] = "http"
    """The scheme of the URL."""
    port: Annotated[IntegerValue, PORT] | None = None
    """The port, such as that of the test listener. Default: 80 for http, 443 for https."""
    path: Annotated[Value, _PATH] = "/"
    """The path, optionally with a query. Percent-encode special characters, such as %20."""
    statuses: Annotated[Sequence[Annotated[IntegerValue, Between(200, 599)]], Length(1, 50, "statuses")] = (200,)
    """The accepted status codes. Redirects are not followed: to accept one, list its code, such as 301."""
    body: Annotated[ResolvedValue, Length(1)] | None = None
    """A Python regular expression that must be found in the first 64 KiB of the body; at most 1,000 bytes. Default: any
    body passes."""
    retries: Annotated[IntegerValue, Between(0, 100)] = 5
    """The number of retries after the first attempt."""
    retry_seconds: Annotated[IntegerValue, Between(0, 300)] = 5
    """Seconds between two attempts."""
    timeout_seconds: Annotated[IntegerValue, Between(1, 300)] = 5
    """Seconds for one whole attempt: name resolution, connection and response."""
    deadline_seconds: Annotated[IntegerValue, Between(3, 900), Property("Timeout")] = 120
    """The timeout of the function in seconds. All attempts, and ten seconds to report the result, must fit.
    https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""
    verify_certificate: bool = True
    """Whether the certificate must be valid. Set false for a test listener whose certificate has another name."""
    vpc: Annotated[Vpc, Property("VpcConfig")] | None = None
    """The network of the function. It must reach the API of CodeDeploy, or of ECS if ECS calls it, through NAT or an
    interface endpoint. Default: the function has access to the internet only."""
    log_retention_days: RetentionDays = 90
    """Days for which CloudWatch keeps the log of the function; 0 keeps it forever."""
    encryption_key: Annotated[EncryptionKey, Property("KmsKeyArn")] | None = None
    """The ARN of the KMS key that encrypts the log and the environment variables of the function. Default: the
    `encryption_key` of the service or definition."""

    @property
    def worst_case_seconds(self) -> int | None:
        """The longest possible duration: all attempts time out, the pauses between them, and the report. None if only
        the deployment knows it."""
        retries, timeout, pause = known(self.retries), known(self.timeout_seconds), known(self.retry_seconds)
        if retries is None or timeout is None or pause is None:
            return None
        return (retries + 1) * timeout + retries * pause + REPORT_SECONDS

    @property
    def effective_port(self) -> IntegerValue:
        return self.port or _PORTS[self.scheme]

    @property
    def url(self) -> Value:
        return concat(f"{self.scheme}://", self.host, ":", number_text(self.effective_port), self.path)

    def problems(self) -> Iterator[Problem]:
        yield from _url_problems(self)
        yield from _answer_problems(self)
        yield from _limit_problems(self)


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


_HOST = r"[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\]"


def _url_problems(check: HttpCheck) -> Iterator[Problem]:
    if is_known(check.host) and "@" in check.host:  # the message does not repeat it: a secret would get into logs
        text = "host contains a user name or password, which would be readable in the template"
        yield Problem(
            "hook-host", ("host",), text, "remove the credentials, and check a path that does not require them"
        )
    elif is_known(check.host) and not re.fullmatch(_HOST, check.host):
        text = f"host must be a host name or address, got {quoted(check.host)}"
        yield Problem("hook-host", ("host",), text, "set only the host; scheme, port and path have their own fields")
    elif is_known(check.host) and (reason := _unreachable(check.host, check.vpc)):
        fix = "use the name or address of the new tasks, such as the DNS name of the load balancer"
        yield Problem("hook-host", ("host",), f"the function cannot reach host {check.host}, {reason}", fix)


def _unreachable(host: str, vpc: Vpc | None) -> str:
    """Why the function cannot reach a host; empty if it can."""
    if host.lower() == "localhost":
        return "which is the function itself"
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return ""
    if address.is_loopback or address.is_unspecified:
        return "which is the function itself"
    private = any(
        address in ipaddress.ip_network(each) for each in _PRIVATE if address.version == (6 if ":" in each else 4)
    )
    return "a private address, without vpc" if vpc is None and private else ""


_PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "fc00::/7", "fe80::/10")
"""https://www.iana.org/assignments/iana-ipv4-special-registry, without the ranges for documentation"""


def _answer_problems(check: HttpCheck) -> Iterator[Problem]:
    if not is_known(check.body):
        return
    length = len(check.body.encode(errors="replace"))
    if length > 1000:
        text = f"body must be at most 1,000 bytes, got {length:,}"
        fix = "shorten it; all environment variables of a Lambda function have at most 4 KB together"
        yield Problem("hook-body", ("body",), text, fix)
    try:
        re.compile(check.body)
    except (re.error, OverflowError, RecursionError) as error:
        text = f"body must be a Python regular expression, got {quoted(check.body)}: {one_line(error, 100)}"
        yield Problem("hook-body", ("body",), text, "escape literal characters such as . ( [ with a backslash")


def _limit_problems(check: HttpCheck) -> Iterator[Problem]:
    longest, deadline = check.worst_case_seconds, known(check.deadline_seconds)
    if longest is not None and deadline is not None and longest > deadline:
        text = (
            f"deadline_seconds must be at least {longest}, got {deadline}: "
            f"{(known(check.retries) or 0) + 1} attempts of {check.timeout_seconds} s, {check.retries} pauses of "
            f"{check.retry_seconds} s and {REPORT_SECONDS} s to report the result"
        )
        fix = f"set deadline_seconds: {longest}" if longest <= 900 else "lower retries"
        yield Problem("hook-deadline", ("deadline_seconds",), text, f"{fix}, or lower timeout_seconds")
