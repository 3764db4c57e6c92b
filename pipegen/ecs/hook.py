"""The ready-made check of a deployment: a Lambda function that asks the new tasks over HTTP.

CodeDeploy calls it at a lifecycle hook of an appspec, ECS's own blue/green deployments as a lifecycle hook of the
service; the function tells the two apart by its event. Its code is `templates/http_check.py`.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from troposphere import AWSObject, GetAtt, Ref

from pipegen.ecs.tasks.ports import PORT
from pipegen.errors import Problem, one_line
from pipegen.fields.aws import Property
from pipegen.fields.constraints import Between, Length, Matches
from pipegen.fields.gaps import is_known
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.iam.grant import Grant, ServiceRole
from pipegen.model.log_group import RetentionDays, log_grant, log_group
from pipegen.model.network import Vpc
from pipegen.model.suppressions import suppressed
from pipegen.output.scripts import verbatim
from pipegen.syntax import names
from pipegen.values.value import Value, concat, listed

if TYPE_CHECKING:
    from troposphere import awslambda

PREFIX = "CodeDeployHook_"
"""AWS's policy AWSCodeDeployRoleForECSLimited allows CodeDeploy to invoke functions of this name alone;
AWSCodeDeployRoleForECS allows all. https://docs.aws.amazon.com/codedeploy/latest/userguide/security-iam-awsmanpol.html"""

NAME_LIMIT = 64
"""https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html"""

RUNTIME = "python3.13"
"""https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html"""

REPORT_SECONDS = 10
"""What the function keeps for telling the result; the same number as in its code."""

_PORTS = {"http": 80, "https": 443}

_PATH = Matches(
    r"(?!//)/[!\"$-~]{0,999}",
    "one /, then up to 999 ASCII characters without blanks and #; write others as %20 and the like",
)


@frozen(kw_only=True)
class HttpCheck(Model):
    """Requests a URL, and lets a deployment continue if the response is the expected one.

    Called by ECS in a service's first deployment, it succeeds without a request: the stack could not be created
    otherwise."""

    aws_type: ClassVar[str] = "AWS::Lambda::Function"

    host: Value
    """A name or an address, such as the DNS name of the load balancer."""
    scheme: Literal["http", "https"] = "http"
    """The scheme of the URL."""
    port: Annotated[int, PORT] | None = None
    """The port, such as that of the test listener. Default: 80 for http, 443 for https."""
    path: Annotated[str, _PATH] = "/"
    """The path, with a query if need be. Write other characters as %20 and the like."""
    statuses: Annotated[Sequence[Annotated[int, Between(200, 599)]], Length(1, 50, "statuses")] = (200,)
    """The status codes that pass. Redirects are not followed, so 301 passes if it is listed."""
    body: Annotated[str, Length(1)] | None = None
    """A Python regular expression that must be found in the first 64 KiB of the body; at most 1,000 bytes. Default: any
    body passes."""
    retries: Annotated[int, Between(0, 100)] = 5
    """The number of further tries after the first."""
    retry_seconds: Annotated[int, Between(0, 300)] = 5
    """Seconds between two tries."""
    timeout_seconds: Annotated[int, Between(1, 300)] = 5
    """Seconds for one whole try: name resolution, connection and response."""
    deadline_seconds: Annotated[int, Between(3, 900), Property("Timeout")] = 120
    """The timeout of the function in seconds. All tries, and ten seconds to report the result, must fit.
    https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""
    verify_certificate: bool = True
    """Whether the certificate must be valid. Set false for a test listener whose certificate has another name."""
    vpc: Annotated[Vpc, Property("VpcConfig")] | None = None
    """The network of the function. It must reach the API of CodeDeploy, or of ECS if ECS calls it, through NAT or an
    interface endpoint. Default: the function has access to the internet only."""
    log_retention_days: RetentionDays = 90
    """Days for which CloudWatch keeps the log of the function; 0 keeps it forever."""

    @property
    def worst_case_seconds(self) -> int:
        """How long it takes to fail: every try at its time-out, every pause, and the report."""
        return (self.retries + 1) * self.timeout_seconds + self.retries * self.retry_seconds + REPORT_SECONDS

    @property
    def asked_port(self) -> int:
        return self.port or _PORTS[self.scheme]

    @property
    def url(self) -> Value:
        return concat(f"{self.scheme}://", self.host, f":{self.asked_port}{self.path}")

    def problems(self) -> Iterator[Problem]:
        yield from _url_problems(self)
        yield from _answer_problems(self)
        yield from _limit_problems(self)


@frozen(kw_only=True)
class HookFunction:
    """A check as a function of a stack: what a caller puts into `Bound(resources=…, roles=…)`."""

    name: str
    """As an appspec names it."""
    arn: Value
    resources: Sequence[AWSObject]
    role: ServiceRole


def hook_name(name: str) -> str:
    """The function's name in Lambda."""
    return PREFIX + names.shorten(names.hyphenated(name, "_"), NAME_LIMIT - len(PREFIX))


def hook_resources(
    check: HttpCheck,
    *,
    logical_id: str,
    name: str,
    deployment_group_arn: Value | None = None,
    service_deployments_arn: Value | None = None,
) -> HookFunction:
    """The check as a function with its log group and role.

    deployment_group_arn: where CodeDeploy calls it, the group that it may report to
        (`arn:…:deploymentgroup:<application>/<group>`).
    service_deployments_arn: where ECS calls it, the deployments that it may look up.
    """
    function = hook_name(name)
    log_name = f"/aws/lambda/{function}"
    group = log_group(
        f"{logical_id}LogGroup",
        log_name,
        check.log_retention_days,
        "CloudWatch Logs encrypts with a key of its own; the log has at most 200 characters of an answer",
    )
    role = ServiceRole(
        logical_id=f"{logical_id}Role",
        service="lambda.amazonaws.com",
        grants=(
            log_grant(log_name),
            *_report_grants(deployment_group_arn),
            *_look_up_grants(service_deployments_arn),
            *_vpc_grants(check.vpc),
        ),
    )
    return HookFunction(
        name=function,
        arn=GetAtt(logical_id, "Arn"),
        resources=(group, _function(check, logical_id, function)),
        role=role,
    )


def _function(check: HttpCheck, logical_id: str, name: str) -> awslambda.Function:
    from troposphere import awslambda  # takes a while, and few definitions have a check

    optional: dict[str, Any] = {}
    if check.vpc is not None:
        optional["VpcConfig"] = awslambda.VPCConfig(
            SubnetIds=listed(check.vpc.subnets), SecurityGroupIds=listed(check.vpc.security_groups)
        )
    return awslambda.Function(
        logical_id,
        Metadata=_accepted(check),
        FunctionName=name,
        Description="Asks the new tasks over HTTP before a deployment goes on",
        Runtime=RUNTIME,
        Handler="index.handler",
        Code=awslambda.Code(ZipFile=verbatim("http_check.py")),
        Role=GetAtt(f"{logical_id}Role", "Arn"),
        MemorySize=256,  # with 128 MB, and the share of a processor that goes with it, boto3 takes seconds to start
        Timeout=check.deadline_seconds,
        Environment=awslambda.Environment(Variables=_variables(check)),
        LoggingConfig=awslambda.LoggingConfig(LogGroup=Ref(f"{logical_id}LogGroup")),
        **optional,
    )


def _variables(check: HttpCheck) -> dict[str, Value]:
    """The configuration as the function's code reads it."""
    found: dict[str, Value] = {
        "URL": check.url,
        "STATUSES": ",".join(map(str, check.statuses)),
        "RETRIES": str(check.retries),
        "RETRY_SECONDS": str(check.retry_seconds),
        "TIMEOUT_SECONDS": str(check.timeout_seconds),
        "VERIFY_CERTIFICATE": "true" if check.verify_certificate else "false",
    }
    return found if check.body is None else {**found, "BODY": check.body}


def _accepted(check: HttpCheck) -> dict[str, Any]:
    reasons = {
        "CKV_AWS_115": "it runs once in a deployment; reserved concurrency would be taken from the account's",
        "CKV_AWS_116": "it tells its result to the deployment; one that is not told fails and is rolled back",
        "CKV_AWS_173": "its variables say what to ask and hold no secrets; Lambda encrypts them with its own key",
    }
    if check.vpc is None:
        reasons["CKV_AWS_117"] = "it asks a public address; give the check a vpc: where there is none"
    return suppressed(**reasons)


def _report_grants(deployment_group_arn: Value | None) -> Iterator[Grant]:
    """The group's ARN is what SAM's guide and the CDK grant, though the reference lists no resource for the action.
    https://github.com/aws/serverless-application-model/blob/master/docs/safe_lambda_deployments.rst"""
    if deployment_group_arn is not None:
        yield Grant(
            actions=("codedeploy:PutLifecycleEventHookExecutionStatus",),
            resources=(deployment_group_arn,),
            because="tells CodeDeploy the result",
        )


def _look_up_grants(service_deployments_arn: Value | None) -> Iterator[Grant]:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment-permissions.html"""
    if service_deployments_arn is not None:
        yield Grant(
            actions=("ecs:DescribeServiceDeployments",),
            resources=(service_deployments_arn,),
            because="finds out whether this is the service's first deployment",
        )


def _vpc_grants(vpc: Vpc | None) -> Iterator[Grant]:
    """https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions

    That page advises to deny the same actions to the function's own code, known by lambda:SourceFunctionArn; to allow
    them only where that key is absent says the same.
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
            because="Lambda wants them on all resources for its interfaces; the function's code may not use them",
        )


_HOST = r"[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\]"


def _url_problems(check: HttpCheck) -> Iterator[Problem]:
    if is_known(check.host) and "@" in check.host:  # not repeated: it would be a secret in a log
        text = "the host holds a user or a password, which anybody could read in the template"
        yield Problem("hook-host", ("host",), text, "give the host alone, and let a path answer without credentials")
    elif is_known(check.host) and not re.fullmatch(_HOST, check.host):
        text = f"{one_line(repr(check.host), 80)} is no host"
        yield Problem("hook-host", ("host",), text, "a name or an address alone; scheme:, port: and path: are fields")
    elif is_known(check.host) and (reason := _unreachable(check.host, check.vpc)):
        fix = "name what the new tasks are reached by, such as the DNS name of the load balancer"
        yield Problem("hook-host", ("host",), f"host is {check.host}, {reason}", fix)


def _unreachable(host: str, vpc: Vpc | None) -> str:
    """Why a function cannot reach a host; nothing if it may."""
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
    return "a private address, and the check has no vpc" if vpc is None and private else ""


_PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "fc00::/7", "fe80::/10")
"""https://www.iana.org/assignments/iana-ipv4-special-registry, without the ranges for documentation"""


def _answer_problems(check: HttpCheck) -> Iterator[Problem]:
    if check.body is None:
        return
    length = len(check.body.encode(errors="replace"))
    if length > 1000:
        text = f"the regular expression is {length:,} bytes"
        yield Problem("hook-body", ("body",), text, "1,000 at most: Lambda's variables have 4 KB together")
    try:
        re.compile(check.body)
    except (re.error, OverflowError, RecursionError) as error:
        text = f"{one_line(repr(check.body), 80)} is no regular expression: {one_line(error, 100)}"
        yield Problem("hook-body", ("body",), text, "Python's syntax; escape a literal . ( [ with a backslash")


def _limit_problems(check: HttpCheck) -> Iterator[Problem]:
    if check.worst_case_seconds > check.deadline_seconds:
        tries = check.retries + 1
        text = (
            f"{tries} tries of {check.timeout_seconds} s, {check.retries} pauses of {check.retry_seconds} s and "
            f"{REPORT_SECONDS} s for reporting take {check.worst_case_seconds} s, "
            f"but the function has {check.deadline_seconds} s"
        )
        fix = f"deadline_seconds: {check.worst_case_seconds}" if check.worst_case_seconds <= 900 else "fewer retries"
        yield Problem("hook-deadline", ("deadline_seconds",), text, f"{fix}, or shorter tries")
