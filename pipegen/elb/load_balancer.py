"""An application load balancer of a service's own.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from troposphere import GetAtt, Ref

from pipegen import facts
from pipegen.elb.listener import IPV4_RANGE
from pipegen.elb.target_group import TargetGroup, TargetType
from pipegen.errors import Problem
from pipegen.fields.aws import Property
from pipegen.fields.constraints import Between, Length, Matches
from pipegen.fields.distinct import Distinct
from pipegen.fields.listed import Listed
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.model.suppressions import suppressed
from pipegen.references.kinds import BUCKET, CERTIFICATE, SERVER_CERTIFICATE, SUBNET
from pipegen.references.mark import Refers
from pipegen.references.places import BOTH
from pipegen.syntax import names
from pipegen.values.expression import Expression
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
"""The list has neither those that meet FIPS 140-3 nor those of forward secrecy.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html"""
_PREFIX = Matches(
    r"(?!.*AWSLogs)[^/](.*[^/])?", "a prefix without / at its start or end, and without AWSLogs, which is added to it"
)


@frozen
class AccessLogs(Model):
    """Where the load balancer logs every request.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html"""

    aws_type: ClassVar[str] = "AWS::ElasticLoadBalancingV2::LoadBalancer"

    bucket: Annotated[Value, Refers(BUCKET), Property("LoadBalancerAttributes")]
    """The name of an existing bucket in the same region, encrypted with keys that S3 manages. Its policy must allow
    Elastic Load Balancing to write below `<prefix>/AWSLogs/<account>/`."""
    _: KW_ONLY
    prefix: Annotated[Value, _PREFIX, Property("LoadBalancerAttributes")] | None = None
    """The prefix of the logs' keys. Default: none."""

    def attributes(self) -> Mapping[str, Value]:
        prefix = {} if self.prefix is None else {"access_logs.s3.prefix": self.prefix}
        return {"access_logs.s3.enabled": "true", "access_logs.s3.bucket": self.bucket, **prefix}


@frozen(kw_only=True)
class LoadBalancer(Model):
    """An application load balancer with IPv4 addresses that the stack creates for this service.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html"""

    aws_type: ClassVar[str] = "AWS::ElasticLoadBalancingV2::LoadBalancer"

    scheme: Annotated[Literal["internet-facing", "internal"], Property("Scheme")] = "internet-facing"
    """Whether it has public addresses or only private ones."""
    name: Annotated[Value, _NAME, Property("Name")] | None = None
    """Its name. Default: one that CloudFormation generates."""
    subnets: Annotated[Values, Refers(SUBNET), Property("Subnets")] = ()
    """The ids of at least two subnets in different availability zones, public ones for `internet-facing`, or an
    expression that yields them. Default: the service's subnets."""
    certificate: (
        Annotated[
            Value,
            Refers(CERTIFICATE, SERVER_CERTIFICATE, near=BOTH),
            Property("AWS::ElasticLoadBalancingV2::Listener.Certificate.CertificateArn"),
        ]
        | None
    ) = None
    """The ARN of a certificate. With it, the load balancer serves HTTPS on port 443 and redirects port 80 there.
    Without one, it serves unencrypted HTTP on port 80."""
    ssl_policy: Annotated[Value, _POLICY, Property("AWS::ElasticLoadBalancingV2::Listener.SslPolicy")] = _RECOMMENDED
    """The TLS versions and ciphers that it accepts. The default is the policy that AWS recommends, with TLS 1.2 and
    1.3.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html"""
    access_logs: Annotated[AccessLogs, Property("LoadBalancerAttributes")] | None = None
    """Where every request is logged. Default: no logs."""
    idle_timeout_seconds: Annotated[int, Between(1, 4000), Property("LoadBalancerAttributes")] = 60
    """Seconds after which a connection without data is closed."""
    deletion_protection: Annotated[bool, Property("LoadBalancerAttributes")] = False
    """Whether the load balancer cannot be deleted, not even with its stack."""
    drop_invalid_headers: Annotated[bool, Property("LoadBalancerAttributes")] = True
    """Whether headers with invalid names are removed from requests."""
    test_port: Annotated[int, Between(1, 65_535), Property("AWS::ElasticLoadBalancingV2::Listener.Port")] | None = None
    """The port of another listener, for test traffic, with the protocol of the production listener. For deployments
    with test traffic."""
    ingress: Annotated[
        Sequence[Annotated[Value, IPV4_RANGE]],
        Length(1, None, "ranges of addresses"),
        Distinct("range"),
        Property("AWS::EC2::SecurityGroup.Ingress.CidrIp"),
    ] = ("0.0.0.0/0",)
    """The ranges of IPv4 addresses that may connect, in CIDR notation. Default: all."""
    test_ingress: Annotated[
        Sequence[Annotated[Value, IPV4_RANGE]],
        Distinct("range"),
        Property("AWS::EC2::SecurityGroup.Ingress.CidrIp"),
    ] = ()
    """The ranges of IPv4 addresses that may connect to the test port. Default: those of `ingress`."""
    target_group: TargetGroup = field(default_factory=TargetGroup)
    """How requests reach the tasks."""
    container: Annotated[str, Property("AWS::ECS::Service.LoadBalancer.ContainerName")] | None = None
    """The container that receives the requests. Default: the only one with a port."""
    port: Annotated[int, Property("AWS::ECS::Service.LoadBalancer.ContainerPort")] | None = None
    """The port of the container that receives the requests. Default: its only one."""

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
            optional["Metadata"] = suppressed(CKV_AWS_260=why)
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
        return {"Metadata": suppressed(**reasons)} if reasons else {}

    def listeners(self, forward: Mapping[str, Any]) -> Mapping[str, elbv2.Listener]:
        """By logical id its listeners, which do this with every request, but for the one that redirects."""
        return {
            title: _redirecting() if title == HTTP_LISTENER else self._listener(title, forward) for title in self.ports
        }

    def _listener(self, title: str, forward: Mapping[str, Any]) -> elbv2.Listener:
        from troposphere import elasticloadbalancingv2 as elbv2

        why = "there is no certificate in the definition, so HTTPS would have no name to prove"
        speaks: dict[str, Any] = {"Protocol": "HTTP", "Metadata": suppressed(CKV_AWS_2=why, CKV_AWS_103=why)}
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
        if self.subnets != ():
            yield from subnet_problems(self.subnets)
        yield from _tls_problems(self)
        yield from _test_problems(self)
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


def subnet_problems(subnets: Values) -> Iterator[Problem]:
    """Of the subnets that the load balancer is in, its own or the service's."""
    if not isinstance(subnets, Expression) and len(subnets) < 2:
        text = f"the load balancer has {len(subnets)} subnet{'' if len(subnets) == 1 else 's'}"
        yield Problem("load-balancer-subnets", ("subnets",), text, "two or more, each of another availability zone")


def _tls_problems(balancer: LoadBalancer) -> Iterator[Problem]:
    if balancer.certificate is None and balancer.ssl_policy != _RECOMMENDED:
        text = "ssl_policy is for HTTPS, and there is no certificate"
        yield Problem(
            "load-balancer-tls", ("ssl_policy",), text, "give a certificate, or leave ssl_policy out", "warning"
        )
    version = balancer.target_group.protocol_version
    if balancer.certificate is None and version != "HTTP1":
        text = f"{version} requires an HTTPS listener"
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
    taken = {number for listener, number in balancer.ports.items() if listener != TEST_LISTENER}
    if port in taken:
        text = f"port {port} is production's"
        yield Problem("load-balancer-test", ("test_port",), text, "another one, such as 8443")
