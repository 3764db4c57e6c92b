"""An application load balancer of a service's own.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from troposphere import AWSHelperFn, GetAtt, Ref

from pipegen import names
from pipegen.accepted import accepted
from pipegen.errors import Problem
from pipegen.fields.gaps import is_known
from pipegen.model import Model
from pipegen.services.listener import is_range
from pipegen.services.target_group import TargetGroup, TargetType
from pipegen.shape import as_property, contradicts, shown
from pipegen.values import Value, Values, listed

if TYPE_CHECKING:
    from troposphere import ec2
    from troposphere import elasticloadbalancingv2 as elbv2

LOAD_BALANCER, SECURITY_GROUP = "LoadBalancer", "LoadBalancerSecurityGroup"
LISTENER, HTTP_LISTENER, TEST_LISTENER = "Listener", "HttpListener", "TestListener"

_NAME = names.NamePattern(
    r"(?!internal-)[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?",
    "1 to 32 letters, digits or -, not - at an end, not internal- at the beginning",
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html",
    noun="name of a load balancer",
)
_CERTIFICATE = r"arn:aws[a-z-]*:(acm:[a-z0-9-]+:\d{12}:certificate/|iam::\d{12}:server-certificate/).+"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessLogs(Model):
    """Where the load balancer logs every request: an existing bucket of the same region, encrypted with keys of S3,
    whose policy lets Elastic Load Balancing write below `<prefix>/AWSLogs/<account>/`.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html"""

    bucket: Value
    prefix: Value | None = None

    def attributes(self) -> Mapping[str, Value]:
        prefix = {} if self.prefix is None else {"access_logs.s3.prefix": self.prefix}
        return {"access_logs.s3.enabled": "true", "access_logs.s3.bucket": self.bucket, **prefix}

    def problems(self) -> Iterator[Problem]:
        if contradicts(self.bucket, names.BUCKET.matches):
            text = f"{shown(self.bucket)} is not a valid name for a bucket"
            yield Problem("load-balancer-logs", ("bucket",), text, names.BUCKET.words)
        if is_known(self.prefix) and not re.fullmatch(r"(?!.*AWSLogs)[^/](.*[^/])?", self.prefix):
            text = f"{self.prefix!r} is no prefix for logs"
            yield Problem("load-balancer-logs", ("prefix",), text, "no / at an end, and no AWSLogs, which is added")


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadBalancer(Model):
    """An application load balancer that the stack creates for the service alone, with IPv4 addresses.

    scheme: on the internet, or for its networks alone. name: CloudFormation makes one unless given.
    subnets: two or more, or an expression that yields them, each of another availability zone, public ones on the
        internet; the service's unless given.
    certificate: ARN. With it the load balancer speaks HTTPS on port 443, and port 80 redirects there; without it HTTP
        on port 80, unencrypted. ssl_policy: what TLS it speaks; the default takes TLS 1.2 and 1.3, and is what AWS
        recommends.
    access_logs: none unless given. idle_timeout_seconds: how long a silent connection stays open, 1 to 4,000.
    deletion_protection: refuse to delete it, also with its stack. drop_invalid_headers: take off headers whose names
        HTTP does not know.
    test_port: of a listener more, for test traffic; for strategies that have it. It speaks what production's does.
    ingress: ranges of addresses in CIDR notation that may connect; test_ingress: to the test port, as to the others
        unless given.
    container, port: which container gets the requests, and on which of its ports; found where there is but one.
    """

    scheme: Literal["internet-facing", "internal"] = "internet-facing"
    name: Value | None = None
    subnets: Values = ()
    certificate: Value | None = None
    ssl_policy: Value = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
    access_logs: AccessLogs | None = None
    idle_timeout_seconds: int = 60
    deletion_protection: bool = False
    drop_invalid_headers: bool = True
    test_port: int | None = None
    ingress: Sequence[Value] = ("0.0.0.0/0",)
    test_ingress: Sequence[Value] = ()
    target_group: TargetGroup = field(default_factory=TargetGroup)
    container: str | None = None
    port: int | None = None

    @property
    def ports(self) -> Mapping[str, int]:
        """By listener, the port that it listens on."""
        production = {LISTENER: 80} if self.certificate is None else {LISTENER: 443, HTTP_LISTENER: 80}
        return production if self.test_port is None else {**production, TEST_LISTENER: self.test_port}

    def security_group(self, subject: str, vpc: Value, port: int, target_type: TargetType) -> ec2.SecurityGroup:
        """Its security group. `port`: of the container, which is the task's own in target groups of addresses."""
        from troposphere import ec2

        optional: dict[str, Any] = {}
        if "0.0.0.0/0" in self.ingress:
            why = "port 80 is open to whom the definition names, which are all addresses"
            optional["Metadata"] = accepted(CKV_AWS_260=why)
        return ec2.SecurityGroup(
            SECURITY_GROUP,
            GroupDescription=f"Load balancer of {names.shorten(subject, 200)}",
            VpcId=vpc,
            SecurityGroupIngress=[*self._ingress()],
            SecurityGroupEgress=[*self._egress(port, target_type)],
            **optional,
        )

    def _ingress(self) -> Iterator[ec2.Ingress]:
        from troposphere import ec2

        words = {LISTENER: "Requests", HTTP_LISTENER: "Requests to redirect", TEST_LISTENER: "Test traffic"}
        for listener, port in self.ports.items():
            tests = listener == TEST_LISTENER and self.test_ingress
            for source in self.test_ingress if tests else self.ingress:
                yield ec2.Ingress(
                    IpProtocol="tcp", FromPort=port, ToPort=port, CidrIp=source, Description=words[listener]
                )

    def _egress(self, port: int, target_type: TargetType) -> Iterator[ec2.Egress]:
        """To the tasks' ports, wherever they are: security groups that a service brings along are not the stack's, and
        the addresses of a VPC cannot be had from its id. Instances give tasks a port of their own choice."""
        from troposphere import ec2

        check = self.target_group.health_check.port or port
        ports = sorted({port, check}) if target_type == "ip" else [None]
        for each in ports:
            low, high = (1, 65535) if each is None else (each, each)
            yield ec2.Egress(
                IpProtocol="tcp", FromPort=low, ToPort=high, CidrIp="0.0.0.0/0", Description="To the tasks"
            )

    def resource(self, subnets: Values) -> elbv2.LoadBalancer:
        """`subnets`: the service's."""
        from troposphere import elasticloadbalancingv2 as elbv2

        found = subnets if self.subnets == () else self.subnets
        named: dict[str, Any] = {} if self.name is None else {"Name": as_property(self.name)}
        return elbv2.LoadBalancer(
            LOAD_BALANCER,
            **named,
            Type="application",
            Scheme=self.scheme,
            Subnets=listed(found),
            SecurityGroups=[GetAtt(SECURITY_GROUP, "GroupId")],
            LoadBalancerAttributes=[
                elbv2.LoadBalancerAttributes(Key=key, Value=value) for key, value in self._attributes().items()
            ],
            **self._metadata(),
        )

    def _attributes(self) -> Mapping[str, Value]:
        """All that can be said in a definition, as an attribute that a template leaves out keeps its value.
        https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-loadbalancer.html"""
        logs: Mapping[str, Value] = {"access_logs.s3.enabled": "false"}
        return {
            **(logs if self.access_logs is None else self.access_logs.attributes()),
            "deletion_protection.enabled": _switch(self.deletion_protection),
            "idle_timeout.timeout_seconds": str(self.idle_timeout_seconds),
            "routing.http.drop_invalid_header_fields.enabled": _switch(self.drop_invalid_headers),
        }

    def _metadata(self) -> dict[str, Any]:
        reasons = {}
        if self.access_logs is None:
            reasons["CKV_AWS_91"] = "no access logs are asked for; they need a bucket with a policy for them"
        if not self.drop_invalid_headers:
            reasons["CKV_AWS_131"] = "headers with names that HTTP does not know are asked for"
        return {"Metadata": accepted(**reasons)} if reasons else {}

    def listeners(self, forward: Mapping[str, Any]) -> Mapping[str, elbv2.Listener]:
        """By logical id its listeners, which do this with every request, but for the one that redirects."""
        return {
            title: _redirecting() if title == HTTP_LISTENER else self._listener(title, forward) for title in self.ports
        }

    def _listener(self, title: str, forward: Mapping[str, Any]) -> elbv2.Listener:
        from troposphere import elasticloadbalancingv2 as elbv2

        why = "there is no certificate in the definition, so HTTPS would have no name to prove"
        speaks: dict[str, Any] = {"Protocol": "HTTP", "Metadata": accepted(CKV_AWS_2=why, CKV_AWS_103=why)}
        if self.certificate is not None:
            certificates = [elbv2.Certificate(CertificateArn=self.certificate)]
            speaks = {"Protocol": "HTTPS", "Certificates": certificates, "SslPolicy": self.ssl_policy}
        return elbv2.Listener(
            title,
            LoadBalancerArn=Ref(LOAD_BALANCER),
            Port=self.ports[title],
            **speaks,
            DefaultActions=[elbv2.Action(**forward)],
        )

    def problems(self, dynamic_ports: bool = False) -> Iterator[Problem]:
        """`dynamic_ports`: whether the instance finds a port for every task."""
        yield from _own_problems(self)
        yield from _tls_problems(self)
        yield from _test_problems(self)
        yield from _ingress_problems(self)
        if self.access_logs is not None:
            for problem in self.access_logs.problems():
                yield problem.under("access_logs")
        for problem in self.target_group.problems(dynamic_ports):
            yield problem.under("target_group")


def _redirecting() -> elbv2.Listener:
    """After production's listener: where that gets its certificate later on, it must leave port 80 first."""
    from troposphere import elasticloadbalancingv2 as elbv2

    redirect = elbv2.RedirectConfig(Protocol="HTTPS", Port="443", StatusCode="HTTP_301")
    return elbv2.Listener(
        HTTP_LISTENER,
        LoadBalancerArn=Ref(LOAD_BALANCER),
        Port=80,
        Protocol="HTTP",
        DefaultActions=[elbv2.Action(Type="redirect", RedirectConfig=redirect)],
        DependsOn=LISTENER,
    )


def _switch(on: bool) -> str:
    return "true" if on else "false"


def _own_problems(balancer: LoadBalancer) -> Iterator[Problem]:
    if is_known(balancer.name) and not _NAME.matches(balancer.name):
        text = f"{balancer.name!r} is not a valid name for a load balancer"
        yield Problem("load-balancer-name", ("name",), text, _NAME.words)
    if balancer.subnets != ():
        yield from subnet_problems(balancer.subnets)
    if not 1 <= balancer.idle_timeout_seconds <= 4000:
        text = f"connections that may be silent for {balancer.idle_timeout_seconds:,} seconds"
        yield Problem("load-balancer-timeout", ("idle_timeout_seconds",), text, "1 to 4,000")


def subnet_problems(subnets: Values) -> Iterator[Problem]:
    """Of the subnets that the load balancer is in, its own or the service's."""
    if not isinstance(subnets, AWSHelperFn) and len(subnets) < 2:
        text = f"the load balancer has {len(subnets)} subnet{'' if len(subnets) == 1 else 's'}"
        yield Problem("load-balancer-subnets", ("subnets",), text, "two or more, each of another availability zone")


def _tls_problems(balancer: LoadBalancer) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html"""
    certificate, policy = balancer.certificate, balancer.ssl_policy
    if is_known(certificate) and not re.fullmatch(_CERTIFICATE, certificate):
        fix = "give its ARN: arn:aws:acm:…:certificate/…"
        yield Problem("load-balancer-tls", ("certificate",), f"{certificate!r} is no certificate's ARN", fix)
    if is_known(policy) and not re.fullmatch(r"ELBSecurityPolicy-[A-Za-z0-9-]+", policy):
        fix = "one of Elastic Load Balancing, such as ELBSecurityPolicy-TLS13-1-2-2021-06"
        yield Problem("load-balancer-tls", ("ssl_policy",), f"{policy!r} is no security policy", fix)
    version = balancer.target_group.protocol_version
    if certificate is None and version != "HTTP1":
        text = f"{version} reaches tasks through a listener with HTTPS alone"
        yield Problem(
            "load-balancer-tls", ("target_group", "protocol_version"), text, "give a certificate, or use HTTP1"
        )


def _test_problems(balancer: LoadBalancer) -> Iterator[Problem]:
    port = balancer.test_port
    if port is None:
        if balancer.test_ingress:
            text = "there is no test port that they could connect to"
            yield Problem("load-balancer-test", ("test_ingress",), text, "add test_port")
        return
    if not 1 <= port <= 65535:
        yield Problem("load-balancer-test", ("test_port",), f"{port} is no port", "1 to 65535")
    taken = {number for listener, number in balancer.ports.items() if listener != TEST_LISTENER}
    if port in taken:
        text = f"port {port} is production's"
        yield Problem("load-balancer-test", ("test_port",), text, "another one, such as 8443")


def _ingress_problems(balancer: LoadBalancer) -> Iterator[Problem]:
    if not balancer.ingress:
        fix = "list ranges of addresses, or leave it out for all"
        yield Problem("load-balancer-ingress", ("ingress",), "nobody may connect to the load balancer", fix)
    for name in ("ingress", "test_ingress"):
        for index, source in enumerate(getattr(balancer, name)):
            if is_known(source) and not is_range(source, 4):
                text = f"{source!r} is no range of IPv4 addresses"
                yield Problem("load-balancer-ingress", (name, index), text, "CIDR notation, such as 192.0.2.0/24")
