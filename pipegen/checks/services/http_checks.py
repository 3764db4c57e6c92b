"""Checks of HTTP checks in a service's deployments, and of the load balancer that they request.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-lifecycle-hooks.html"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import MISSING, fields

from pipegen.codedeploy.service_deployment import CodeDeploy
from pipegen.ecs.http_check import HttpCheck
from pipegen.ecs.lifecycle import LifecycleHook
from pipegen.elb.load_balancer import HTTP_LISTENER, LISTENER, LOAD_BALANCER, TEST_LISTENER, LoadBalancer
from pipegen.errors import Path, Problem
from pipegen.frozen import frozen
from pipegen.services.service import EcsService
from pipegen.values.number import known
from pipegen.values.shape import shapes
from pipegen.values.value import Value

_BEFORE_TESTS = ("RECONCILE_SERVICE", "PRE_SCALE_UP", "POST_SCALE_UP", "before_install", "after_install")
_BEFORE_PRODUCTION = (
    *_BEFORE_TESTS,
    *("TEST_TRAFFIC_SHIFT", "POST_TEST_TRAFFIC_SHIFT", "after_allow_test_traffic", "before_allow_traffic"),
)
"""Lifecycle stages in which requests only reach the old tasks.
https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html"""
_DNS_NAME = "DNSName"


@frozen
class _LocatedCheck:
    """An HTTP check with its path from the service and its lifecycle stages."""

    check: HttpCheck
    path: Path
    stages: Sequence[str]

    def at(self, field: str) -> Path:
        """Return the path of a field, or of the check if the field has its default."""
        [found] = [each for each in fields(HttpCheck) if each.name == field]
        given = found.default is MISSING or getattr(self.check, field) != found.default
        return (*self.path, field) if given else self.path


def _checks(service: EcsService) -> Iterator[_LocatedCheck]:
    deployment = service.deployment
    if isinstance(deployment, CodeDeploy):
        for field in fields(deployment.hooks):
            if isinstance(hook := getattr(deployment.hooks, field.name), HttpCheck):
                yield _LocatedCheck(hook, ("deployment", "hooks", field.name), (field.name,))
        return
    for index, each in enumerate(deployment.hooks):
        if isinstance(each, LifecycleHook) and isinstance(each.function, HttpCheck):
            yield _LocatedCheck(each.function, ("deployment", "hooks", index, "function"), each.stages)


def check_problems(service: EcsService) -> Iterator[Problem]:
    """Find problems of HTTP checks. Paths start at the service."""
    balancer = service.load_balancer
    if not isinstance(balancer, LoadBalancer):
        return
    for located in _checks(service):
        yield from _reach_problems(balancer, located)
        attribute = _own_attribute(located.check.host)
        if attribute == _DNS_NAME:
            yield from _listener_problems(balancer, located)
        elif attribute is not None:
            text = f"host is {attribute or 'the ARN'} of the load balancer, but must be its DNS name"
            yield Problem("hook-host", located.at("host"), text, f"write !GetAtt {LOAD_BALANCER}.{_DNS_NAME}")


def _reach_problems(balancer: LoadBalancer, located: _LocatedCheck) -> Iterator[Problem]:
    """Find checks that cannot reach the load balancer. Default: checks run in the network of Lambda, outside of the
    VPC."""
    sources = balancer.test_ingress or balancer.ingress
    is_open = balancer.scheme == "internet-facing" and "0.0.0.0/0" in sources
    if not is_open and located.check.vpc is None and not isinstance(located.check.host, str):
        text = "the check runs outside of the VPC, but the load balancer does not allow requests from any address"
        fix = "add vpc: {vpc_id: …, subnets: …, security_groups: …} to the check"
        yield Problem("service-check", located.path, text, fix)


def _own_attribute(host: Value) -> str | None:
    """Return the attribute of the service's load balancer in a host, an empty text for its ARN, and None for any other
    host."""
    for each in shapes(host):
        if not each.is_gap or isinstance(each.gaps[0], str):
            continue
        match each.gaps[0].to_dict():
            case {"Ref": name} if name == LOAD_BALANCER:
                return ""
            case {"Fn::GetAtt": [name, str(attribute)]} if name == LOAD_BALANCER:
                return attribute if attribute in _ATTRIBUTES else None
    return None


_ATTRIBUTES = (_DNS_NAME, "CanonicalHostedZoneID", "LoadBalancerArn", "LoadBalancerFullName", "LoadBalancerName")


def _listener_problems(balancer: LoadBalancer, located: _LocatedCheck) -> Iterator[Problem]:
    check = located.check
    if known(check.effective_port) is None or known(balancer.test_port or 0) is None:
        return
    title = next((title for title, port in balancer.ports.items() if port == check.effective_port), None)
    if title is None:
        text = f"the check asks port {check.effective_port}, and the load balancer listens on {_listed(balancer)}"
        yield Problem("service-check", located.at("port"), text, "use one of these ports, or change the load balancer")
        return
    scheme = "http" if balancer.certificate is None or title == HTTP_LISTENER else "https"
    if check.scheme != scheme:
        text = (
            f"the check asks port {check.effective_port} over {check.scheme}, where the load balancer speaks {scheme}"
        )
        yield Problem("service-check", located.at("scheme"), text, f"set scheme: {scheme}")
        return
    if title == HTTP_LISTENER and 301 not in check.statuses:
        text = f"port {check.effective_port} redirects every request to HTTPS with status 301, which does not pass"
        yield Problem("service-check", located.at("port"), text, "use the port of HTTPS or of the test listener")
        return
    if scheme == "https" and check.verify_certificate:
        text = "the certificate of the load balancer does not match its DNS name, so every request would fail"
        yield Problem("service-check", located.at("verify_certificate"), text, "add verify_certificate: false")
    yield from _stage_problems(balancer, title, located)


def _stage_problems(balancer: LoadBalancer, title: str, located: _LocatedCheck) -> Iterator[Problem]:
    early = _BEFORE_TESTS if title == TEST_LISTENER else _BEFORE_PRODUCTION
    if title in (LISTENER, TEST_LISTENER) and located.stages and all(stage in early for stage in located.stages):
        port = located.check.effective_port
        text = f"at {located.stages[-1]} requests to port {port} still reach the old tasks"
        tested = title == LISTENER and balancer.test_port is not None
        fix = f"use the test port, {balancer.test_port}" if tested else "run the check at a later stage"
        yield Problem("service-check", located.at("port"), text, fix, "warning")


def _listed(balancer: LoadBalancer) -> str:
    ports = [known(port) for port in balancer.ports.values()]
    return " and ".join(map(str, sorted(port for port in ports if port is not None)))
