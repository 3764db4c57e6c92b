"""Checks of new tasks over HTTP, before users reach them."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY
from typing import Annotated, ClassVar, Literal

from pipegen.ecs.tasks.ports import PORT
from pipegen.errors import Problem, one_line, quoted
from pipegen.fields.aws import Property
from pipegen.fields.constraints import Between, Length, Matches
from pipegen.fields.gaps import is_known
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.model.encryption import EncryptionKey
from pipegen.model.log_group import RetentionDays
from pipegen.model.network import Vpc
from pipegen.values.number import IntegerValue, known, number_text
from pipegen.values.value import ResolvedValue, Value, concat

REPORT_SECONDS = 10
"""Seconds that the function reserves to report the result. Its code has the same number."""

PORTS = {"http": 80, "https": 443}

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
        return self.port or PORTS[self.scheme]

    @property
    def url(self) -> Value:
        return concat(f"{self.scheme}://", self.host, ":", number_text(self.effective_port), self.path)

    def problems(self) -> Iterator[Problem]:
        yield from _url_problems(self)
        yield from _answer_problems(self)
        yield from _limit_problems(self)


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
