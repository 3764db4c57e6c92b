"""How a service gets its requests: everything between the load balancer and the tasks, by the way that deployments move
traffic. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-load-balancing.html"""

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
from pipegen.errors import Problem
from pipegen.fields.model import Keyed, Model
from pipegen.frozen import frozen
from pipegen.values.shape import Shape, each_branch, shapes
from pipegen.values.value import Value, Values, concat

TARGET_GROUP, ALTERNATE = "TargetGroup", "AlternateTargetGroup"

Way = Literal["rolling", "codedeploy", "shifting"]
"""Who moves traffic to new tasks: nobody, as they take the old ones' place; CodeDeploy; or ECS itself."""

Balancer = Annotated[LoadBalancer | SharedListener, Keyed(listener=SharedListener, otherwise=LoadBalancer)]
"""A load balancer of the service's own, or a listener that it shares with others, known by its `listener`."""


@frozen(kw_only=True)
class Balancing(Model):
    """What the load balancer must know of the service.

    subject: the service's name. subnets: its own; of a load balancer that has none said. port: of the container.
    target_type: ip for tasks with a network interface of their own, else instance.
    """

    subject: str
    vpc: Value
    subnets: Values
    port: int
    target_type: TargetType
    way: Way


@frozen(kw_only=True)
class Traffic(Model):
    """How requests come to the service.

    resources: in an order in which a reader understands them.
    target_groups: logical ids; the one of the running tasks, and where traffic is moved the one of the new tasks.
    production_listener, test_listener: ARNs. production_rule, test_rule: ARNs of the rules that ECS moves traffic with.
    security_group: the load balancer's id, where it is known.
    before_service: logical ids that the service must wait for, as ECS wants its target group to have a load balancer;
        none where the service refers to the rules anyway.
    outputs: what people want to know when the stack is there.
    request_label: names the load balancer and the target group to ALBRequestCountPerTarget; none where two target
        groups take turns, of which it can name one.
    immutable: by logical id the properties that deployments rewrite: a stack that changes them resets the traffic.
    """

    resources: Sequence[AWSObject]
    target_groups: Sequence[str]
    production_listener: Value
    test_listener: Value | None = None
    production_rule: Value | None = None
    test_rule: Value | None = None
    security_group: Value | None = None
    before_service: Sequence[str] = ()
    outputs: Mapping[str, Value] = field(default_factory=dict)
    request_label: Value | None = None
    immutable: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def bind_own(balancer: LoadBalancer, balancing: Balancing) -> Traffic:
    """A load balancer of the service's own. Its listeners send every request to the running tasks. Where ECS moves
    traffic, rules do so before them, as ECS takes no default action; a service that changes to that keeps its listeners
    as they are."""
    groups = _target_groups(balancer.target_group, balancing)
    listeners = balancer.listeners(forward([Ref(TARGET_GROUP)]))
    rules = _own_rules(balancer, groups, listeners) if balancing.way == "shifting" else {}
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
        request_label=_request_label(GetAtt(LOAD_BALANCER, "LoadBalancerFullName"), balancing.way),
        immutable=_immutable(balancing.way, serving, rules),
    )


def bind_shared(listener: SharedListener, balancing: Balancing) -> Traffic:
    """A rule on a listener that services share, and one for test traffic."""
    groups = _target_groups(listener.target_group, balancing)
    shifting = balancing.way == "shifting"
    served = groups if shifting else [TARGET_GROUP]
    rules = listener.rules(forward([Ref(each) for each in served], listener.target_group.stickiness))
    return Traffic(
        resources=[*groups.values(), *rules.values()],
        target_groups=[*groups],
        production_listener=listener.listener,
        test_listener=listener.test_listener,
        production_rule=_reference(RULE, rules),
        test_rule=_reference(TEST_RULE, rules),
        security_group=listener.security_group,
        before_service=() if shifting else [*rules],
        request_label=_request_label(_balancer_name(listener.listener), balancing.way),
        immutable=_immutable(balancing.way, (), rules),
    )


def balancing_problems(
    balancer: LoadBalancer | SharedListener,
    way: Way,
    subnets: Values | None,
    dynamic_ports: bool = False,
) -> Iterator[Problem]:
    """What is wrong with a service's load balancer, by itself and with this service. `subnets`: the
    service's, if it has a network. `dynamic_ports`: whether the instance finds a port for every task."""
    yield from balancer.problems(dynamic_ports)
    if isinstance(balancer, LoadBalancer) and balancer.subnets == () and subnets is not None:
        yield from subnet_problems(subnets)
    yield from _test_problems(balancer, way)
    yield from _stickiness_problems(balancer.target_group, way)


def _test_problems(balancer: LoadBalancer | SharedListener, way: Way) -> Iterator[Problem]:
    own = isinstance(balancer, LoadBalancer)
    path = "test_port" if own else "test"
    if getattr(balancer, path) is None:
        return
    if way == "rolling":
        text = "in a rolling deployment new tasks get no test traffic: they take the old ones' place"
        fix = f"take off {path}, or deploy by blue-green, canary, linear or codedeploy"
        yield Problem("balancing-test", (path,), text, fix)
    elif way == "codedeploy" and isinstance(balancer, SharedListener) and balancer.tests_on_same_listener:
        text = "CodeDeploy moves test traffic and production's by their listeners, and both use the same"
        yield Problem("balancing-test", (path,), text, "name a listener of its own for test traffic")


def _stickiness_problems(group: TargetGroup, way: Way) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#sticky-sessions"""
    if group.stickiness is None or way == "rolling":
        return
    path = ("target_group", "stickiness")
    if way == "shifting" and group.stickiness.cookie is not None:
        text = "sessions by an application's cookie do not work with weights, by which ECS moves traffic"
        yield Problem("balancing-stickiness", path, text, "leave cookie out: the load balancer then makes one")
    elif way == "codedeploy":
        text = "traffic that CodeDeploy moves by weights wants sticky rules too, and nothing says that it makes these"
        fix = "leave stickiness out, or try a deployment before you rely on it"
        yield Problem("balancing-stickiness", path, text, fix, severity="warning")


def _target_groups(group: TargetGroup, balancing: Balancing) -> Mapping[str, AWSObject]:
    titles = (TARGET_GROUP,) if balancing.way == "rolling" else (TARGET_GROUP, ALTERNATE)
    vpc, port, kind = balancing.vpc, balancing.port, balancing.target_type
    return {title: group.resource(title, vpc=vpc, port=port, target_type=kind) for title in titles}


def _own_rules(
    balancer: LoadBalancer, groups: Iterable[str], listeners: Mapping[str, AWSObject]
) -> Mapping[str, AWSObject]:
    weighted = forward([Ref(each) for each in groups], balancer.target_group.stickiness)
    on = {RULE: LISTENER, TEST_RULE: TEST_LISTENER}
    return {
        title: rule_for_all(title, Ref(listener), weighted) for title, listener in on.items() if listener in listeners
    }


def _reference(title: str, resources: Mapping[str, AWSObject]) -> Value | None:
    return Ref(title) if title in resources else None


def _immutable(way: Way, listeners: Iterable[str], rules: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """ECS rewrites the rules that it is given, CodeDeploy whatever of a listener it is given sends to its groups."""
    if way == "rolling":
        return {}
    rewritten = listeners if way == "codedeploy" else ()
    return {**dict.fromkeys(rewritten, ("DefaultActions",)), **dict.fromkeys(rules, ("Actions",))}


def _outputs(balancer: LoadBalancer) -> Iterator[tuple[str, Value]]:
    """With a certificate there is no URL to print: it is for another name than the load balancer's."""
    name = GetAtt(LOAD_BALANCER, "DNSName")
    yield "LoadBalancerDnsName", name
    yield "LoadBalancerHostedZoneId", GetAtt(LOAD_BALANCER, "CanonicalHostedZoneID")
    if balancer.certificate is None:
        yield "Url", concat("http://", name, "/")


def _balancer_name(listener: Value) -> Value:
    """`app/<name>/<id>` of the load balancer: the ARN's parts before the listener's own.
    https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html"""
    return each_branch(listener, _balancer_in)


def _balancer_in(listener: Shape) -> Value:
    parts = listener.text.split("/")
    if len(parts) == 5 and ":listener/" in listener.text:
        return listener.value("/".join(parts[1:4]))
    return Join("/", [Select(index, Split("/", listener.value())) for index in (1, 2, 3)])


def label_problems(balancer: LoadBalancer | SharedListener) -> Iterator[Problem]:
    """Where the name of the load balancer, which autoscaling by requests takes, cannot be had from the listener."""
    if isinstance(balancer, SharedListener) and any(
        each.is_late and len(each.text.split("/")) != 5 for each in shapes(balancer.listener)
    ):
        text = "CloudFormation fills in {{resolve:…}} too late to find the load balancer's name in the listener's ARN"
        fix = "take the listener from a parameter of the type AWS::SSM::Parameter::Value<String>"
        yield Problem("autoscaling-requests", ("autoscaling", "requests_per_target"), text, fix)


def _request_label(balancer: Value, way: Way) -> Value | None:
    """https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PredefinedMetricSpecification.html"""
    if way != "rolling":
        return None
    return concat(balancer, "/", GetAtt(TARGET_GROUP, "TargetGroupFullName"))
