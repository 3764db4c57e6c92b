"""DNS names of load balancers: alias records of Route 53.
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-to-elb-load-balancer.html"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from troposphere import GetAtt

from pipegen.elb.listener import SharedListener
from pipegen.elb.load_balancer import LOAD_BALANCER, LoadBalancer
from pipegen.errors import Path, Problem, quoted
from pipegen.fields.aws import Property
from pipegen.fields.constraints import Matches
from pipegen.fields.gaps import is_known
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.references.kinds import HOSTED_ZONE
from pipegen.references.mark import Refers
from pipegen.values.create import create
from pipegen.values.value import Value

if TYPE_CHECKING:
    from troposphere import route53

_LABEL = "[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_DOMAIN = rf"(?:{_LABEL}\.)+{_LABEL}\.?"
_NAME = Matches(rf"(?=.{{1,255}}$)(?:\*\.)?{_DOMAIN}", "a domain name such as orders.example.com")
_ZONE_NAME = Matches(rf"(?=.{{1,255}}$){_DOMAIN}", "a domain name such as example.com")
"""https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html"""
_ZONE_ID = Matches("Z[0-9A-Z]{1,31}", "the ID of a hosted zone, such as Z32O12XQLNTSW2")
"""https://docs.aws.amazon.com/Route53/latest/APIReference/API_AliasTarget.html"""
RECORD, IPV6_RECORD = "DnsRecord", "DnsIpv6Record"


@frozen(kw_only=True)
class AliasTarget(Model):
    """The load balancer of a shared listener, which an ARN of a listener does not tell.
    https://docs.aws.amazon.com/Route53/latest/APIReference/API_AliasTarget.html"""

    aws_type: ClassVar[str] = "AWS::Route53::RecordSet.AliasTarget"

    dns_name: Annotated[Value, _NAME, Property("DNSName")]
    """The DNS name of the load balancer."""
    hosted_zone_id: Annotated[Value, _ZONE_ID, Property("HostedZoneId")]
    """The ID of the hosted zone of the load balancer, its `CanonicalHostedZoneID`. It is not that of the record."""


@frozen
class DnsRecord(Model):
    """A DNS name for the load balancer of a service: an alias record in a hosted zone of Route 53.
    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-to-elb-load-balancer.html"""

    aws_type: ClassVar[str] = "AWS::Route53::RecordSet"

    name: Annotated[Value, _NAME, Property("Name")]
    """The name, such as `orders.example.com`."""
    _: KW_ONLY
    hosted_zone_id: Annotated[Value, Refers(HOSTED_ZONE), Property("HostedZoneId")] | None = None
    """The ID of the hosted zone that the record is created in. Either this or `zone_name` is required."""
    zone_name: Annotated[Value, _ZONE_NAME, Property("HostedZoneName")] | None = None
    """The name of the hosted zone, if only one zone of the account has this name."""
    evaluate_target_health: Annotated[bool, Property("AWS::Route53::RecordSet.AliasTarget.EvaluateTargetHealth")] = (
        False
    )
    """Whether Route 53 answers only while the load balancer is healthy. It considers a target group without tasks
    unhealthy, which one group of a blue/green deployment is most of the time.
    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-values-alias-common.html"""
    ipv6: bool | None = None
    """Whether there is an AAAA record too. Default: true if the stack creates a dual-stack load balancer."""
    target: Annotated[AliasTarget, Property("AliasTarget")] | None = None
    """The load balancer of a shared listener. Default: the load balancer that the stack creates."""

    def resources(self, balancer: LoadBalancer | SharedListener) -> Iterator[route53.RecordSetType]:
        yield self._record(RECORD, "A")
        if _is_dual_stack(balancer) if self.ipv6 is None else self.ipv6:
            yield self._record(IPV6_RECORD, "AAAA")

    def _record(self, logical_id: str, record_type: str) -> route53.RecordSetType:
        from troposphere import route53

        alias_target: Any = route53.RecordSetType.props["AliasTarget"][0]
        zone: dict[str, Any] = {"HostedZoneId": self.hosted_zone_id}
        if is_known(self.zone_name):
            zone = {"HostedZoneName": f"{self.zone_name.rstrip('.')}."}  # AWS requires the dot at the end
        elif self.zone_name is not None:
            zone = {"HostedZoneName": self.zone_name}
        return create(
            route53.RecordSetType,
            logical_id,
            **zone,
            Name=self.name,
            Type=record_type,
            AliasTarget=alias_target(**self._target(), EvaluateTargetHealth=self.evaluate_target_health),
        )

    def _target(self) -> Mapping[str, Value]:
        if self.target is not None:
            return {"DNSName": self.target.dns_name, "HostedZoneId": self.target.hosted_zone_id}
        attributes = {"DNSName": "DNSName", "HostedZoneId": "CanonicalHostedZoneID"}
        return {name: GetAtt(LOAD_BALANCER, attribute) for name, attribute in attributes.items()}

    def problems(self, balancer: LoadBalancer | SharedListener) -> Iterator[Problem]:
        yield from self._zone_problems()
        if isinstance(balancer, SharedListener):
            yield from self._listener_problems(balancer)
        elif self.target is not None:
            text = "target cannot be set for the load balancer that the stack creates"
            yield Problem("dns-target", ("target",), text, "remove target")
        elif self.ipv6 and not _is_dual_stack(balancer):
            text = "ipv6 requires a dual-stack load balancer, got ip_address_type ipv4"
            yield Problem("dns-target", ("ipv6",), text, "set ip_address_type: dualstack, or remove ipv6")

    def _zone_problems(self) -> Iterator[Problem]:
        if (self.hosted_zone_id is None) == (self.zone_name is None):
            path: Path = () if self.zone_name is None else ("zone_name",)
            what = "is missing" if self.zone_name is None else "and zone_name cannot both be set"
            yield Problem("dns-zone", path, f"hosted_zone_id {what}", "set one of hosted_zone_id and zone_name")
        elif is_known(self.zone_name) and is_known(self.name):
            name, zone = (each.rstrip(".").lower() for each in (self.name, self.zone_name))
            if not f".{name}".endswith(f".{zone}"):
                text = f"name must be {zone} or end with .{zone}, the name of its zone, got {quoted(self.name)}"
                yield Problem("dns-zone", ("name",), text, "use a name in the zone, or another zone")

    def _listener_problems(self, listener: SharedListener) -> Iterator[Problem]:
        if self.target is None:
            text = "target is missing; the ARN of a listener does not contain the DNS name of its load balancer"
            yield Problem("dns-target", (), text, "add target: {dns_name: …, hosted_zone_id: …}")
        hosts = [each for each in listener.host_headers if is_known(each)]
        if not hosts or len(hosts) < len(listener.host_headers) or not is_known(self.name):
            return
        if not any(fnmatchcase(self.name.rstrip(".").lower(), each.lower()) for each in hosts):
            text = (
                f"name {quoted(self.name)} matches none of host_headers ({', '.join(hosts)}), "
                "so its requests reach other rules"
            )
            fix = "add it to host_headers, or use a name that matches"
            yield Problem("dns-host", ("name",), text, fix)


def _is_dual_stack(balancer: LoadBalancer | SharedListener) -> bool:
    """Whether a load balancer has IPv6 addresses; a listener does not tell."""
    return isinstance(balancer, LoadBalancer) and balancer.ip_address_type == "dualstack"
