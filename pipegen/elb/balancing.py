"""The resources between the load balancer and the tasks of a service, by the type of its deployments.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-load-balancing.html"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Annotated, Literal

from troposphere import AWSObject, GetAtt, Join, Ref, Select, Split

from pipegen.elb.listener import RULE, TEST_RULE, SharedListener, rule_for_all
from pipegen.elb.load_balancer import (
    LISTENER,
    LOAD_BALANCER,
    SECURITY_GROUP,
    TEST_LISTENER,
    LoadBalancer,
    subnet_problems,
)
from pipegen.elb.target_group import TargetGroup, TargetType, forward
from pipegen.errors import Path, Problem
from pipegen.fields.marks import Keyed
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.values.shape import Shape, each_branch, shapes
from pipegen.values.value import Value, Values, concat

TARGET_GROUP, ALTERNATE = "TargetGroup", "AlternateTargetGroup"

TrafficMode = Literal["rolling", "codedeploy", "shifting"]
"""How new tasks get traffic: they replace the old ones, CodeDeploy shifts it, or ECS shifts it."""

Balancer = Annotated[LoadBalancer | SharedListener, Keyed(listener=SharedListener, otherwise=LoadBalancer)]
"""A dedicated load balancer, or a listener shared with other services, recognized by its `listener`."""


@frozen(kw_only=True)
class Balancing(Model):
    """The properties of a service that its load balancer depends on.

    subject: the name of the service. subnets: those of the service, the default of a load balancer. port: of the
    container. target_type: ip if each task has its own network interface, otherwise instance.
    """

    subject: str
    vpc: Value
    subnets: Values
    port: int
    target_type: TargetType
    mode: TrafficMode


@frozen(kw_only=True)
class Traffic(Model):
    """The load balancing of a service.

    resources: in reading order.
    balancer_name: the full name of the load balancer, `app/<name>/<id>`, in the dimensions of metrics.
    target_groups: logical ids: of the running tasks and, if traffic shifts, of the new tasks.
    production_listener, test_listener: ARNs. production_rule, test_rule: the ARNs of the rules that ECS modifies.
    security_group: the id of the load balancer's security group, if it is known.
    before_service: logical ids that the service must wait for, because ECS requires that its target group has a load
        balancer; empty if the service refers to the rules.
    outputs: outputs of the stack.
    request_label: the load balancer and the target group, for ALBRequestCountPerTarget; None if deployments alternate
        between two target groups, because it can only name one.
    immutable: by logical id the properties that deployments rewrite. A stack update that changes them resets the
        traffic.
    """

    resources: Sequence[AWSObject]
    target_groups: Sequence[str]
    production_listener: Value
    balancer_name: Value
    test_listener: Value | None = None
    production_rule: Value | None = None
    test_rule: Value | None = None
    security_group: Value | None = None
    before_service: Sequence[str] = ()
    outputs: Mapping[str, Value] = field(default_factory=dict)
    request_label: Value | None = None
    immutable: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def bind_own(balancer: LoadBalancer, balancing: Balancing) -> Traffic:
    """Create a dedicated load balancer whose listeners send every request to the running tasks.

    If ECS shifts traffic, rules do the same with a higher priority, because ECS cannot use default actions. The
    listeners do not change when a service switches to such a deployment.
    """
    groups = _target_groups(balancer.target_group, balancing)
    listeners = balancer.listeners(forward([Ref(TARGET_GROUP)]))
    full_name = GetAtt(LOAD_BALANCER, "LoadBalancerFullName")
    rules = _weighted_rules(balancer, groups, listeners) if balancing.mode == "shifting" else {}
    serving = [each for each in (LISTENER, TEST_LISTENER) if each in listeners]
    return Traffic(
        resources=[
            balancer.security_group(balancing.subject, balancing.vpc, balancing.port, balancing.target_type),
            balancer.resource(balancing.subnets),
            *groups.values(),
            *listeners.values(),
            *rules.values(),
        ],
        target_groups=[*groups],
        production_listener=Ref(LISTENER),
        test_listener=_reference(TEST_LISTENER, listeners),
        production_rule=_reference(RULE, rules),
        test_rule=_reference(TEST_RULE, rules),
        security_group=GetAtt(SECURITY_GROUP, "GroupId"),
        before_service=() if rules else serving,
        outputs=dict(_outputs(balancer)),
        balancer_name=full_name,
        request_label=_request_label(full_name, balancing.mode),
        immutable=_immutable(balancing.mode, serving, rules),
    )


def bind_shared(listener: SharedListener, balancing: Balancing) -> Traffic:
    """Create a rule on a shared listener, and one for test traffic."""
    groups = _target_groups(listener.target_group, balancing)
    full_name = _balancer_name(listener.listener)
    shifting = balancing.mode == "shifting"
    forwarded = groups if shifting else [TARGET_GROUP]
    rules = listener.rules(forward([Ref(each) for each in forwarded], listener.target_group.stickiness))
    return Traffic(
        resources=[*groups.values(), *rules.values()],
        target_groups=[*groups],
        production_listener=listener.listener,
        test_listener=listener.test_listener,
        production_rule=_reference(RULE, rules),
        test_rule=_reference(TEST_RULE, rules),
        security_group=listener.security_group,
        before_service=() if shifting else [*rules],
        balancer_name=full_name,
        request_label=_request_label(full_name, balancing.mode),
        immutable=_immutable(balancing.mode, (), rules),
    )


def balancing_problems(
    balancer: LoadBalancer | SharedListener,
    mode: TrafficMode,
    subnets: Values | None,
    dynamic_ports: bool = False,
) -> Iterator[Problem]:
    """Check the load balancer of a service.

    subnets: those of the service, if it has a network. dynamic_ports: whether instances choose a port for each task.
    """
    yield from balancer.problems(dynamic_ports)
    if isinstance(balancer, LoadBalancer) and balancer.subnets == () and subnets is not None:
        yield from subnet_problems(subnets)
    yield from _test_problems(balancer, mode)
    yield from _stickiness_problems(balancer.target_group, mode)


def _test_problems(balancer: LoadBalancer | SharedListener, mode: TrafficMode) -> Iterator[Problem]:
    own = isinstance(balancer, LoadBalancer)
    path = "test_port" if own else "test"
    if getattr(balancer, path) is None:
        return
    if mode == "rolling":
        text = f"{path} requires a deployment with test traffic, got rolling"
        fix = f"remove {path}, or use deployment blue-green, canary, linear or codedeploy"
        yield Problem("balancing-test", (path,), text, fix)
    elif mode == "codedeploy" and isinstance(balancer, SharedListener) and balancer.tests_on_same_listener:
        text = "CodeDeploy requires separate listeners for test traffic and production traffic"
        yield Problem("balancing-test", (path,), text, "set another listener for test traffic")


def _stickiness_problems(group: TargetGroup, mode: TrafficMode) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#sticky-sessions"""
    if group.stickiness is None or mode == "rolling":
        return
    path = ("target_group", "stickiness")
    if mode == "shifting" and group.stickiness.cookie is not None:
        text = "stickiness with an application cookie does not work with the weighted target groups of ECS"
        yield Problem("balancing-stickiness", path, text, "remove cookie; the load balancer then generates one")
    elif mode == "codedeploy":
        text = "stickiness with weighted target groups requires sticky rules, which CodeDeploy may not create"
        fix = "remove stickiness, or test a deployment before you rely on it"
        yield Problem("balancing-stickiness", path, text, fix, severity="warning")


def target_group_ids(mode: TrafficMode) -> Sequence[str]:
    """The logical ids of the target groups of a service."""
    return (TARGET_GROUP,) if mode == "rolling" else (TARGET_GROUP, ALTERNATE)


def _target_groups(group: TargetGroup, balancing: Balancing) -> Mapping[str, AWSObject]:
    titles = target_group_ids(balancing.mode)
    vpc, port, kind = balancing.vpc, balancing.port, balancing.target_type
    return {title: group.resource(title, vpc=vpc, port=port, target_type=kind) for title in titles}


def _weighted_rules(
    balancer: LoadBalancer, groups: Iterable[str], listeners: Mapping[str, AWSObject]
) -> Mapping[str, AWSObject]:
    weighted = forward([Ref(each) for each in groups], balancer.target_group.stickiness)
    on = {RULE: LISTENER, TEST_RULE: TEST_LISTENER}
    return {
        title: rule_for_all(title, Ref(listener), weighted) for title, listener in on.items() if listener in listeners
    }


def _reference(title: str, resources: Mapping[str, AWSObject]) -> Value | None:
    return Ref(title) if title in resources else None


def _immutable(mode: TrafficMode, listeners: Iterable[str], rules: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """ECS rewrites the rules of the service; CodeDeploy rewrites all actions of its listeners that forward to its
    target groups."""
    if mode == "rolling":
        return {}
    rewritten = listeners if mode == "codedeploy" else ()
    return {**dict.fromkeys(rewritten, ("DefaultActions",)), **dict.fromkeys(rules, ("Actions",))}


def _outputs(balancer: LoadBalancer) -> Iterator[tuple[str, Value]]:
    """The outputs of the stack. With a certificate the URL is not known: the certificate is for another host name."""
    name = GetAtt(LOAD_BALANCER, "DNSName")
    yield "LoadBalancerDnsName", name
    yield "LoadBalancerHostedZoneId", GetAtt(LOAD_BALANCER, "CanonicalHostedZoneID")
    if balancer.certificate is None:
        yield "Url", concat("http://", name, "/")


def _balancer_name(listener: Value) -> Value:
    """The `app/<name>/<id>` of the load balancer, from the ARN of a listener.
    https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html"""
    return each_branch(listener, _balancer_in)


def _balancer_in(listener: Shape) -> Value:
    parts = listener.text.split("/")
    if len(parts) == 5 and ":listener/" in listener.text:
        return listener.value("/".join(parts[1:4]))
    return Join("/", [Select(index, Split("/", listener.value())) for index in (1, 2, 3)])


def label_problems(balancer: LoadBalancer | SharedListener, code: str, path: Path) -> Iterator[Problem]:
    """Report a listener from whose ARN the load balancer cannot be derived, as the field with this path requires."""
    if isinstance(balancer, SharedListener) and any(
        each.is_late and len(each.text.split("/")) != 5 for each in shapes(balancer.listener)
    ):
        text = "CloudFormation resolves {{resolve:…}} too late to derive the load balancer from the ARN of the listener"
        fix = "use a parameter of the type AWS::SSM::Parameter::Value<String> for the listener"
        yield Problem(code, path, text, fix)


def _request_label(balancer: Value, mode: TrafficMode) -> Value | None:
    """https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PredefinedMetricSpecification.html"""
    if mode != "rolling":
        return None
    return concat(balancer, "/", GetAtt(TARGET_GROUP, "TargetGroupFullName"))
