"""The checks of a service's deployments, and the load balancer that they ask.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-lifecycle-hooks.html"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import MISSING, fields

from pipegen.codedeploy.service_deployment import CodeDeploy
from pipegen.ecs.hook import HttpCheck
from pipegen.ecs.lifecycle import LifecycleHook
from pipegen.elb.load_balancer import HTTP_LISTENER, LISTENER, LOAD_BALANCER, TEST_LISTENER, LoadBalancer
from pipegen.errors import Path, Problem
from pipegen.frozen import frozen
from pipegen.services.service import EcsService
from pipegen.values.shape import shapes
from pipegen.values.value import Value

_BEFORE_TESTS = ("RECONCILE_SERVICE", "PRE_SCALE_UP", "POST_SCALE_UP", "before_install", "after_install")
_BEFORE_PRODUCTION = (
    *_BEFORE_TESTS,
    *("TEST_TRAFFIC_SHIFT", "POST_TEST_TRAFFIC_SHIFT", "after_allow_test_traffic", "before_allow_traffic"),
)
"""When requests still reach the old tasks only.
https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html"""
_DNS_NAME = "DNSName"


@frozen
class _Placed:
    """A check with its path from the service, and when it is made."""

    check: HttpCheck
    path: Path
    stages: Sequence[str]

    def at(self, field: str) -> Path:
        """The path of a field, or of the check itself where it was left out."""
        [found] = [each for each in fields(HttpCheck) if each.name == field]
        given = found.default is MISSING or getattr(self.check, field) != found.default
        return (*self.path, field) if given else self.path


def _checks(service: EcsService) -> Iterator[_Placed]:
    deployment = service.deployment
    if isinstance(deployment, CodeDeploy):
        for field in fields(deployment.hooks):
            if isinstance(hook := getattr(deployment.hooks, field.name), HttpCheck):
                yield _Placed(hook, ("deployment", "hooks", field.name), (field.name,))
        return
    for index, each in enumerate(deployment.hooks):
        if isinstance(each, LifecycleHook) and isinstance(each.function, HttpCheck):
            yield _Placed(each.function, ("deployment", "hooks", index, "function"), each.stages)


def check_problems(service: EcsService) -> Iterator[Problem]:
    """Paths start at the service."""
    balancer = service.load_balancer
    if not isinstance(balancer, LoadBalancer):
        return
    for placed in _checks(service):
        yield from _reach_problems(balancer, placed)
        attribute = _own_attribute(placed.check.host)
        if attribute == _DNS_NAME:
            yield from _listener_problems(balancer, placed)
        elif attribute is not None:
            text = f"host is {attribute or 'the ARN'} of the load balancer, where its DNS name is needed"
            yield Problem("hook-host", placed.at("host"), text, f"!GetAtt {LOAD_BALANCER}.{_DNS_NAME}")


def _reach_problems(balancer: LoadBalancer, placed: _Placed) -> Iterator[Problem]:
    """Checks ask from a network of Lambda's own unless they have another."""
    sources = balancer.test_ingress or balancer.ingress
    is_open = balancer.scheme == "internet-facing" and "0.0.0.0/0" in sources
    if not is_open and placed.check.vpc is None and not isinstance(placed.check.host, str):
        text = "the check asks from outside the network, and the load balancer does not let everybody in"
        fix = "give the check a vpc: {vpc_id: …, subnets: …, security_groups: …}"
        yield Problem("service-check", placed.path, text, fix)


def _own_attribute(host: Value) -> str | None:
    """The attribute of the service's load balancer that a host is, empty for its ARN; None for any other host."""
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


def _listener_problems(balancer: LoadBalancer, placed: _Placed) -> Iterator[Problem]:
    check = placed.check
    title = next((title for title, port in balancer.ports.items() if port == check.effective_port), None)
    if title is None:
        text = f"the check asks port {check.effective_port}, and the load balancer listens on {_listed(balancer)}"
        yield Problem("service-check", placed.at("port"), text, "ask one of these, or change the load balancer")
        return
    scheme = "http" if balancer.certificate is None or title == HTTP_LISTENER else "https"
    if check.scheme != scheme:
        text = (
            f"the check asks port {check.effective_port} over {check.scheme}, where the load balancer speaks {scheme}"
        )
        yield Problem("service-check", placed.at("scheme"), text, f"scheme: {scheme}")
        return
    if title == HTTP_LISTENER and 301 not in check.statuses:
        text = f"port {check.effective_port} answers every request with 301, a redirect to HTTPS, which does not pass"
        yield Problem("service-check", placed.at("port"), text, "ask the port of HTTPS or of the test listener")
        return
    if scheme == "https" and check.verify_certificate:
        text = "the certificate of the load balancer is for another name than its DNS name, so no request would succeed"
        yield Problem("service-check", placed.at("verify_certificate"), text, "add verify_certificate: false")
    yield from _stage_problems(balancer, title, placed)


def _stage_problems(balancer: LoadBalancer, title: str, placed: _Placed) -> Iterator[Problem]:
    early = _BEFORE_TESTS if title == TEST_LISTENER else _BEFORE_PRODUCTION
    if title in (LISTENER, TEST_LISTENER) and placed.stages and all(stage in early for stage in placed.stages):
        port = placed.check.effective_port
        text = f"at {placed.stages[-1]} requests to port {port} still reach the old tasks, so the check says nothing"
        tested = title == LISTENER and balancer.test_port is not None
        fix = f"ask the test port, {balancer.test_port}" if tested else "check at a later stage"
        yield Problem("service-check", placed.at("port"), text, fix, "warning")


def _listed(balancer: LoadBalancer) -> str:
    return " and ".join(map(str, sorted(balancer.ports.values())))
