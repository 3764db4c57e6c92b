"""Dedicated Application Load Balancers of services.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from troposphere import GetAtt, Ref

from pipegen import facts
from pipegen.elb.listener import IPV4_RANGE, IPV6_RANGE
from pipegen.elb.target_group import TargetGroup, TargetType
from pipegen.errors import Problem
from pipegen.fields.aws import Property
from pipegen.fields.constraints import Between, Length, Matches
from pipegen.fields.distinct import Distinct
from pipegen.fields.listed import Listed
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.model.suppressions import suppressed
from pipegen.references.arn_parts import BOTH
from pipegen.references.kinds import BUCKET, CERTIFICATE, SERVER_CERTIFICATE, SUBNET
from pipegen.references.mark import Refers
from pipegen.syntax import names
from pipegen.values.create import create
from pipegen.values.expression import Expression
from pipegen.values.number import IntegerValue, number_text
from pipegen.values.shape import as_property
from pipegen.values.value import Value, Values, listed

if TYPE_CHECKING:
    from troposphere import ec2
    from troposphere import elasticloadbalancingv2 as elbv2

LOAD_BALANCER, SECURITY_GROUP = "LoadBalancer", "LoadBalancerSecurityGroup"
LISTENER, HTTP_LISTENER, TEST_LISTENER = "Listener", "HttpListener", "TestListener"

_NAME = Matches(
    r"(?!internal-)[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?",
    "1 to 32 letters, digits or -, not - at either end, not internal- at the start",
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html",
)
_RECOMMENDED = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
_POLICY = Listed(
    "security policy of Elastic Load Balancing",
    facts.ssl_policies,
    also=r"ELBSecurityPolicy-(?:TLS13-1-[0-3](?:-Ext[0-2]|-Res)?-FIPS(?:-PQ)?|FS(?:-1-[12])?(?:-Res)?|TLS-1-0)-20\d\d-\d\d",
)
"""The list contains neither the FIPS 140-3 policies nor those of forward secrecy.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html"""
_PREFIX = Matches(
    r"(?!.*AWSLogs)[^/](.*[^/])?", "a prefix without / at its start or end, and without AWSLogs, which is added to it"
)


@frozen
class AccessLogs(Model):
    """The access logs of a load balancer.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html"""

    aws_type: ClassVar[str] = "AWS::ElasticLoadBalancingV2::LoadBalancer"

    bucket: Annotated[Value, Refers(BUCKET), Property("LoadBalancerAttributes")]
    """The name of an existing bucket in the same region, encrypted with keys that S3 manages. Its policy must allow
    Elastic Load Balancing to write below `<prefix>/AWSLogs/<account>/`."""
    _: KW_ONLY
    prefix: Annotated[Value, _PREFIX, Property("LoadBalancerAttributes")] | None = None
    """The prefix of the object keys. Default: none."""

    def attributes(self) -> Mapping[str, Value]:
        prefix = {} if self.prefix is None else {"access_logs.s3.prefix": self.prefix}
        return {"access_logs.s3.enabled": "true", "access_logs.s3.bucket": self.bucket, **prefix}


@frozen(kw_only=True)
class LoadBalancer(Model):
    """An Application Load Balancer that the stack creates for this service.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html"""

    aws_type: ClassVar[str] = "AWS::ElasticLoadBalancingV2::LoadBalancer"

    scheme: Annotated[Literal["internet-facing", "internal"], Property("Scheme")] = "internet-facing"
    """Whether the load balancer has public addresses (internet-facing) or only private ones (internal)."""
    ip_address_type: Annotated[Literal["ipv4", "dualstack"], Property("IpAddressType")] = "ipv4"
    """Whether the load balancer has only IPv4 addresses, or IPv6 addresses too, which its subnets must have.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#ip-address-type"""
    name: Annotated[Value, _NAME, Property("Name")] | None = None
    """The name of the load balancer. Default: one that CloudFormation generates."""
    subnets: Annotated[Values, Refers(SUBNET), Property("Subnets")] = ()
    """The ids of at least two subnets in different Availability Zones, public ones for `internet-facing`, or an
    expression that yields them. Default: the service's subnets."""
    certificate: (
        Annotated[
            Value,
            Refers(CERTIFICATE, SERVER_CERTIFICATE, near=BOTH),
            Property("AWS::ElasticLoadBalancingV2::Listener.Certificate.CertificateArn"),
        ]
        | None
    ) = None
    """The ARN of a certificate for HTTPS on port 443, with a redirect from port 80. Default: none; the load balancer
    serves unencrypted HTTP on port 80."""
    ssl_policy: Annotated[Value, _POLICY, Property("AWS::ElasticLoadBalancingV2::Listener.SslPolicy")] = _RECOMMENDED
    """The security policy with the accepted TLS versions and ciphers. Default: the policy that AWS recommends, with
    TLS 1.2 and 1.3.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html"""
    access_logs: Annotated[AccessLogs, Property("LoadBalancerAttributes")] | None = None
    """The access logs, with every request. Default: no logs."""
    idle_timeout_seconds: Annotated[IntegerValue, Between(1, 4000), Property("LoadBalancerAttributes")] = 60
    """Seconds after which a connection without data is closed."""
    deletion_protection: Annotated[bool, Property("LoadBalancerAttributes")] = False
    """Whether the load balancer cannot be deleted, not even with its stack."""
    drop_invalid_headers: Annotated[bool, Property("LoadBalancerAttributes")] = True
    """Whether headers with invalid names are removed from requests."""
    test_port: (
        Annotated[IntegerValue, Between(1, 65_535), Property("AWS::ElasticLoadBalancingV2::Listener.Port")] | None
    ) = None
    """The port of a second listener, for test traffic, with the protocol of the production listener. Only for
    deployments that support test traffic."""
    ingress: Annotated[
        Sequence[Annotated[Value, IPV4_RANGE]],
        Length(1, None, "ranges of addresses"),
        Distinct("range"),
        Property("AWS::EC2::SecurityGroup.Ingress.CidrIp"),
    ] = ("0.0.0.0/0",)
    """The ranges of IPv4 addresses that may connect, in CIDR notation. Default: all."""
    ipv6_ingress: (
        Annotated[
            Sequence[Annotated[Value, IPV6_RANGE]],
            Distinct("range"),
            Property("AWS::EC2::SecurityGroup.Ingress.CidrIpv6"),
        ]
        | None
    ) = None
    """The ranges of IPv6 addresses that may connect to a dual-stack load balancer, in CIDR notation. Default: all if
    `ingress` allows all IPv4 addresses, otherwise none."""
    test_ingress: Annotated[
        Sequence[Annotated[Value, IPV4_RANGE]],
        Distinct("range"),
        Property("AWS::EC2::SecurityGroup.Ingress.CidrIp"),
    ] = ()
    """The ranges of IPv4 addresses that may connect to the test port. Default: those of `ingress` and
    `ipv6_ingress`."""
    target_group: TargetGroup = field(default_factory=TargetGroup)
    """How requests reach the tasks."""
    container: Annotated[str, Property("AWS::ECS::Service.LoadBalancer.ContainerName")] | None = None
    """The container that receives the requests. Default: the only one with a port."""
    port: Annotated[int, Property("AWS::ECS::Service.LoadBalancer.ContainerPort")] | None = None
    """The port of the container that receives the requests. Default: its only one."""

    @property
    def ports(self) -> Mapping[str, IntegerValue]:
        """The port of each listener."""
        production: dict[str, IntegerValue] = (
            {LISTENER: 80} if self.certificate is None else {LISTENER: 443, HTTP_LISTENER: 80}
        )
        return production if self.test_port is None else {**production, TEST_LISTENER: self.test_port}

    def security_group(self, subject: str, vpc: Value, port: int, target_type: TargetType) -> ec2.SecurityGroup:
        """The security group of the load balancer. `port`: the port of the container, which tasks with their own
        network interface listen on."""
        from troposphere import ec2

        optional: dict[str, Any] = {}
        if "0.0.0.0/0" in self.ingress:
            why = "the definition opens port 80 to all addresses"
            optional["Metadata"] = suppressed(CKV_AWS_260=why)
        return create(
            ec2.SecurityGroup,
            SECURITY_GROUP,
            GroupDescription=f"Load balancer of {names.shorten(subject, 200)}",
            VpcId=vpc,
            SecurityGroupIngress=[*self._ingress()],
            SecurityGroupEgress=[*self._egress(port, target_type)],
            **optional,
        )

    @property
    def _ipv6_sources(self) -> Sequence[Value]:
        if self.ipv6_ingress is not None:
            return self.ipv6_ingress
        return ("::/0",) if self.ip_address_type == "dualstack" and "0.0.0.0/0" in self.ingress else ()

    def _ingress(self) -> Iterator[ec2.Ingress]:
        from troposphere import ec2

        words = {LISTENER: "Requests", HTTP_LISTENER: "Requests to redirect", TEST_LISTENER: "Test traffic"}
        for listener, port in self.ports.items():
            described: dict[str, Any] = {
                "IpProtocol": "tcp",
                "FromPort": port,
                "ToPort": port,
                "Description": words[listener],
            }
            tests = listener == TEST_LISTENER and self.test_ingress
            for source in self.test_ingress if tests else self.ingress:
                yield create(ec2.Ingress, CidrIp=source, **described)
            for source in () if tests else self._ipv6_sources:
                yield create(ec2.Ingress, CidrIpv6=source, **described)

    def _egress(self, port: int, target_type: TargetType) -> Iterator[ec2.Egress]:
        """Allow the ports of the tasks at all addresses: existing security groups of a service do not belong to the
        stack, and the addresses of a VPC cannot be derived from its id. Instances choose the ports of tasks."""
        from troposphere import ec2

        check = self.target_group.health_check.port or port
        ports = sorted({port, check}) if target_type == "ip" else [None]
        for each in ports:
            low, high = (1, 65535) if each is None else (each, each)
            yield create(
                ec2.Egress, IpProtocol="tcp", FromPort=low, ToPort=high, CidrIp="0.0.0.0/0", Description="To the tasks"
            )

    def resource(self, subnets: Values) -> elbv2.LoadBalancer:
        """The load balancer. `subnets`: those of the service."""
        from troposphere import elasticloadbalancingv2 as elbv2

        chosen = subnets if self.subnets == () else self.subnets
        named: dict[str, Any] = {} if self.name is None else {"Name": as_property(self.name)}
        if self.ip_address_type != "ipv4":
            named["IpAddressType"] = self.ip_address_type
        return create(
            elbv2.LoadBalancer,
            LOAD_BALANCER,
            **named,
            Type="application",
            Scheme=self.scheme,
            Subnets=listed(chosen),
            SecurityGroups=[GetAtt(SECURITY_GROUP, "GroupId")],
            LoadBalancerAttributes=[
                create(elbv2.LoadBalancerAttributes, Key=key, Value=value) for key, value in self._attributes().items()
            ],
            **self._metadata(),
        )

    def _attributes(self) -> Mapping[str, Value]:
        """Every attribute that a definition can set, because an attribute that a template omits keeps its value.
        https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-loadbalancer.html"""
        logs: Mapping[str, Value] = {"access_logs.s3.enabled": "false"}
        return {
            **(logs if self.access_logs is None else self.access_logs.attributes()),
            "deletion_protection.enabled": _switch(self.deletion_protection),
            "idle_timeout.timeout_seconds": number_text(self.idle_timeout_seconds),
            "routing.http.drop_invalid_header_fields.enabled": _switch(self.drop_invalid_headers),
        }

    def _metadata(self) -> dict[str, Any]:
        reasons = {}
        if self.access_logs is None:
            reasons["CKV_AWS_91"] = "the definition has no access_logs; they require a bucket with a policy for them"
        if not self.drop_invalid_headers:
            reasons["CKV_AWS_131"] = "the definition sets drop_invalid_headers: false"
        return {"Metadata": suppressed(**reasons)} if reasons else {}

    def listeners(self, forward: Mapping[str, Any]) -> Mapping[str, elbv2.Listener]:
        """The listeners by logical id. All have this action, except the one that redirects to HTTPS."""
        return {
            title: _redirect_listener() if title == HTTP_LISTENER else self._listener(title, forward)
            for title in self.ports
        }

    def _listener(self, title: str, forward: Mapping[str, Any]) -> elbv2.Listener:
        from troposphere import elasticloadbalancingv2 as elbv2

        why = "the definition has no certificate, which HTTPS requires"
        protocol: dict[str, Any] = {"Protocol": "HTTP", "Metadata": suppressed(CKV_AWS_2=why, CKV_AWS_103=why)}
        if self.certificate is not None:
            certificates = [create(elbv2.Certificate, CertificateArn=self.certificate)]
            protocol = {"Protocol": "HTTPS", "Certificates": certificates, "SslPolicy": self.ssl_policy}
        return create(
            elbv2.Listener,
            title,
            LoadBalancerArn=Ref(LOAD_BALANCER),
            Port=self.ports[title],
            **protocol,
            DefaultActions=[create(elbv2.Action, **forward)],
        )

    def problems(self, dynamic_ports: bool = False) -> Iterator[Problem]:
        """Check the load balancer. dynamic_ports: whether instances choose a port for each task."""
        if self.subnets != ():
            yield from subnet_problems(self.subnets)
        yield from _tls_problems(self)
        if self.ipv6_ingress and self.ip_address_type == "ipv4":
            text = "ipv6_ingress requires ip_address_type dualstack, got ipv4"
            fix = "set ip_address_type: dualstack, or remove ipv6_ingress"
            yield Problem("load-balancer-address", ("ipv6_ingress",), text, fix)
        yield from _test_problems(self)
        for problem in self.target_group.problems(dynamic_ports):
            yield problem.under("target_group")


def _redirect_listener() -> elbv2.Listener:
    """The listener that redirects to HTTPS. It depends on the production listener, which must free port 80 first when
    it gets a certificate in an update."""
    from troposphere import elasticloadbalancingv2 as elbv2

    redirect = create(elbv2.RedirectConfig, Protocol="HTTPS", Port="443", StatusCode="HTTP_301")
    return create(
        elbv2.Listener,
        HTTP_LISTENER,
        LoadBalancerArn=Ref(LOAD_BALANCER),
        Port=80,
        Protocol="HTTP",
        DefaultActions=[create(elbv2.Action, Type="redirect", RedirectConfig=redirect)],
        DependsOn=LISTENER,
    )


def _switch(on: bool) -> str:
    return "true" if on else "false"


def subnet_problems(subnets: Values) -> Iterator[Problem]:
    """Check the subnets of the load balancer, which may be those of the service."""
    if not isinstance(subnets, Expression) and len(subnets) < 2:
        text = f"a load balancer requires at least 2 subnets, got {len(subnets)}"
        yield Problem("load-balancer-subnets", ("subnets",), text, "set subnets in different Availability Zones")


def _tls_problems(balancer: LoadBalancer) -> Iterator[Problem]:
    if balancer.certificate is None and balancer.ssl_policy != _RECOMMENDED:
        text = "ssl_policy has no effect without certificate"
        yield Problem("load-balancer-tls", ("ssl_policy",), text, "set certificate, or remove ssl_policy", "warning")
    version = balancer.target_group.protocol_version
    if balancer.certificate is None and version != "HTTP1":
        text = f"protocol_version {version} requires an HTTPS listener"
        yield Problem("load-balancer-tls", ("target_group", "protocol_version"), text, "set certificate, or use HTTP1")


def _test_problems(balancer: LoadBalancer) -> Iterator[Problem]:
    port = balancer.test_port
    if port is None:
        if balancer.test_ingress:
            text = "test_ingress requires test_port"
            yield Problem("load-balancer-test", ("test_ingress",), text, "set test_port, or remove test_ingress")
        return
    taken = {number for listener, number in balancer.ports.items() if listener != TEST_LISTENER}
    if port in taken:
        text = f"test_port {port} is already used by the production listeners"
        yield Problem("load-balancer-test", ("test_port",), text, "use another port, such as 8443")
