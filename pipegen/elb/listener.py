"""Shared listeners: each service has a rule that selects its requests.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-rules.html"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pipegen.elb.target_group import TargetGroup
from pipegen.errors import Path, Problem, quoted
from pipegen.fields.aws import Property
from pipegen.fields.constraints import Between, Length, Matches
from pipegen.fields.distinct import Distinct
from pipegen.fields.gaps import is_known
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.references.arn_parts import BOTH
from pipegen.references.kinds import APPLICATION_LISTENER, SECURITY_GROUP
from pipegen.references.mark import Refers
from pipegen.values.create import create
from pipegen.values.number import IntegerValue, known
from pipegen.values.shape import shown
from pipegen.values.value import Value

if TYPE_CHECKING:
    from troposphere import elasticloadbalancingv2 as elbv2

RULE, TEST_RULE = "ListenerRule", "TestListenerRule"

_VALUES, _WILDCARDS = 5, 6
"""The limits of all conditions of a rule together. Another page states five wildcards, and three values per condition.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html"""

_CONDITION = "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RuleCondition.html"
_TEXT = Matches(r"[ -~]{1,128}", "1 to 128 visible characters of ASCII", _CONDITION)
_PATH_PATTERN = Matches(
    r"(?=.{1,128}$)[/*?][A-Za-z0-9_.$/~\"'@:+&*?-]*",
    "/ or *, then letters, digits, _ - . $ / ~ \" ' @ : + & or the wildcards * ?, 128 characters at most",
    _CONDITION,
)
"""AWS also allows other first characters, but no request has a path that starts with them."""
_HOST = Matches(
    r"(?=.{1,128}$)[A-Za-z0-9.*?-]*\.[A-Za-z]+",
    "a host name such as *.example.com: letters, digits, - . * ?, only letters after the last dot, 128 at most",
    _CONDITION,
)
_METHOD = Matches(r"[A-Z_-]{1,40}", "a method in upper case, such as GET", _CONDITION)

_HEADER = Matches(
    r"[A-Za-z0-9!#$%&'+.^_`|~-]{1,40}",
    "1 to 40 letters, digits or -, without wildcards",
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_HttpHeaderConditionConfig.html",
)

_BYTE, _GROUP = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])", "[0-9A-Fa-f]{1,4}"
_IPV4 = rf"(?:{_BYTE}\.){{3}}{_BYTE}/(?:3[0-2]|[12]?[0-9])"
_SHORTENED = r"(?=[^/]*::)(?![^/]*::[^/]*::|[^/]*:::|:[^:]|[^/]*[^:]:/)"
"""The form of an IPv6 address with omitted groups of zeros."""
_IPV6 = (
    rf"(?:(?:{_GROUP}:){{7}}{_GROUP}|{_SHORTENED}(?:(?:{_GROUP})?:){{2,8}}(?:{_GROUP})?)"
    r"/(?:12[0-8]|1[01][0-9]|[1-9]?[0-9])"
)
IPV4_RANGE = Matches(_IPV4, "a range of IPv4 addresses in CIDR notation, such as 192.0.2.0/24")
IPV6_RANGE = Matches(_IPV6, "a range of IPv6 addresses in CIDR notation, such as 2001:db8::/32")
_RANGE = Matches(
    rf"(?!255\.255\.255\.255/32$)(?:{_IPV4}|{_IPV6})",
    "a range of addresses in CIDR notation, such as 192.0.2.0/24",
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_SourceIpConditionConfig.html",
)

Headers = Mapping[
    Annotated[str, _HEADER], Annotated[Sequence[Annotated[Value, _TEXT]], Length(1, None, "values"), Distinct("value")]
]
"""Names of headers and their possible values."""


@frozen(kw_only=True)
class TestRule(Model):
    """The rule for test traffic, which reaches the new tasks before production traffic does. It has the conditions of
    the production rule, on another listener or with further headers."""

    aws_type: ClassVar[str] = "AWS::ElasticLoadBalancingV2::ListenerRule"

    priority: Annotated[IntegerValue, Between(1, 50_000), Property("Priority")]
    """The priority of the rule. On the production listener it must be smaller than that of the production rule.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html"""
    listener: Annotated[Value, Refers(APPLICATION_LISTENER, near=BOTH), Property("ListenerArn")] | None = None
    """The ARN of the listener. Default: the production listener, which ECS supports and CodeDeploy does not."""
    headers: Annotated[Headers, Property("RuleCondition.HttpHeaderConfig")] = field(default_factory=dict)
    """Headers of test traffic: each must have one of its values. Required on the production listener."""


@frozen
class SharedListener(Model):
    """An existing listener of an Application Load Balancer, and the conditions of the requests that the service
    receives. A request must match one value of every condition that is set. At least one condition is required; all
    conditions together have at most five values and six wildcards.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html"""

    aws_type: ClassVar[str] = "AWS::ElasticLoadBalancingV2::ListenerRule"

    listener: Annotated[Value, Refers(APPLICATION_LISTENER, near=BOTH), Property("ListenerArn")]
    """The ARN of the listener."""
    _: KW_ONLY
    priority: Annotated[IntegerValue, Between(1, 50_000), Property("Priority")]
    """The priority of the rule: a request goes to the matching rule with the smallest number. It must be unique on the
    listener. https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html"""
    security_group: (
        Annotated[Value, Refers(SECURITY_GROUP), Property("AWS::EC2::SecurityGroup.Ingress.SourceSecurityGroupId")]
        | None
    ) = None
    """The id of the load balancer's security group, which may then connect to the tasks. Required with the security
    group that the stack creates for the service."""
    path_patterns: Annotated[
        Sequence[Annotated[Value, _PATH_PATTERN]], Distinct("path"), Property("PathPatternConfig.Values")
    ] = ()
    """Paths without the query, case-sensitive, with the wildcards * and ?."""
    host_headers: Annotated[
        Sequence[Annotated[Value, _HOST]], Distinct("host name"), Property("HostHeaderConfig.Values")
    ] = ()
    """Host names, with the wildcards * and ?."""
    methods: Annotated[
        Sequence[Annotated[Value, _METHOD]], Distinct("method"), Property("HttpRequestMethodConfig.Values")
    ] = ()
    """HTTP methods, such as GET."""
    headers: Annotated[Headers, Property("RuleCondition.HttpHeaderConfig")] = field(default_factory=dict)
    """Headers: each must have one of its values, which are not case-sensitive and may have the wildcards * and ?."""
    query: Annotated[
        Mapping[Annotated[str, _TEXT], Annotated[Value, _TEXT]], Property("RuleCondition.QueryStringConfig")
    ] = field(default_factory=dict)
    """Parameters of the query: each must have its value, which is not case-sensitive and may have the wildcards * and
    ?."""
    source_ips: Annotated[Sequence[Annotated[Value, _RANGE]], Distinct("range"), Property("SourceIpConfig.Values")] = ()
    """The ranges of addresses of the clients, in CIDR notation. Behind a proxy, the proxy is the client."""
    test: TestRule | None = None
    """A rule for test traffic. Only for deployments that support test traffic."""
    target_group: TargetGroup = field(default_factory=TargetGroup)
    """How requests reach the tasks."""
    container: Annotated[str, Property("AWS::ECS::Service.LoadBalancer.ContainerName")] | None = None
    """The container that receives the requests. Default: the only one with a port."""
    port: Annotated[int, Property("AWS::ECS::Service.LoadBalancer.ContainerPort")] | None = None
    """The port of the container that receives the requests. Default: its only one."""

    @property
    def test_listener(self) -> Value | None:
        """The listener for test traffic, if any."""
        return None if self.test is None else self.test.listener or self.listener

    @property
    def tests_on_same_listener(self) -> bool:
        return self.test is not None and self.test_listener == self.listener

    def rules(self, forward: Mapping[str, Any]) -> Mapping[str, elbv2.ListenerRule]:
        """The rules for production traffic and test traffic, by logical id, with this action."""
        conditions = self._conditions()
        rules = {RULE: _rule(RULE, self.listener, self.priority, conditions, forward)}
        if self.test is not None:
            further = [*conditions, *_header_conditions(self.test.headers)]
            listener = self.test.listener or self.listener
            rules[TEST_RULE] = _rule(TEST_RULE, listener, self.test.priority, further, forward)
        return rules

    def _conditions(self) -> list[elbv2.Condition]:
        from troposphere import elasticloadbalancingv2 as elbv2

        simple: dict[str, tuple[Sequence[Value], str, Any]] = {
            "host-header": (self.host_headers, "HostHeaderConfig", elbv2.HostHeaderConfig),
            "path-pattern": (self.path_patterns, "PathPatternConfig", elbv2.PathPatternConfig),
            "http-request-method": (self.methods, "HttpRequestMethodConfig", elbv2.HttpRequestMethodConfig),
            "source-ip": (self.source_ips, "SourceIpConfig", elbv2.SourceIpConfig),
        }
        conditions = [
            create(elbv2.Condition, Field=name, **{key: kind(Values=list(values))})
            for name, (values, key, kind) in simple.items()
            if values
        ]
        pairs = [create(elbv2.QueryStringKeyValue, Key=key, Value=value) for key, value in self.query.items()]
        queries = [
            create(
                elbv2.Condition, Field="query-string", QueryStringConfig=create(elbv2.QueryStringConfig, Values=[pair])
            )
            for pair in pairs
        ]
        return [*conditions, *_header_conditions(self.headers), *queries]

    def problems(self, dynamic_ports: bool = False) -> Iterator[Problem]:
        """Check the conditions and the target group. dynamic_ports: whether instances choose a port for each task."""
        yield from _condition_problems(self)
        if self.test is not None:
            for problem in _test_problems(self, self.test):
                yield problem.under("test")
        for problem in self.target_group.problems(dynamic_ports):
            yield problem.under("target_group")


def _rule(
    title: str,
    listener: Value,
    priority: IntegerValue,
    conditions: Sequence[elbv2.Condition],
    forward: Mapping[str, Any],
) -> elbv2.ListenerRule:
    from troposphere import elasticloadbalancingv2 as elbv2

    return create(
        elbv2.ListenerRule,
        title,
        ListenerArn=listener,
        Priority=priority,
        Conditions=list(conditions),
        Actions=[create(elbv2.ListenerRuleAction, **forward)],
    )


def rule_for_all(title: str, listener: Value, forward: Mapping[str, Any]) -> elbv2.ListenerRule:
    """A rule that matches every request, before the default action of the listener."""
    from troposphere import elasticloadbalancingv2 as elbv2

    every = create(
        elbv2.Condition, Field="path-pattern", PathPatternConfig=create(elbv2.PathPatternConfig, Values=["/*"])
    )
    return _rule(title, listener, 1, [every], forward)


def _header_conditions(headers: Mapping[str, Sequence[Value]]) -> list[elbv2.Condition]:
    from troposphere import elasticloadbalancingv2 as elbv2

    configured = (
        create(elbv2.HttpHeaderConfig, HttpHeaderName=name, Values=list(each)) for name, each in headers.items()
    )
    return [create(elbv2.Condition, Field="http-header", HttpHeaderConfig=each) for each in configured]


def _balancer(listener: str) -> str:
    """The start of the ARN of a listener that identifies its load balancer."""
    return "/".join(listener.split("/")[:4])


def _test_problems(shared: SharedListener, test: TestRule) -> Iterator[Problem]:
    both = [each for each in (shared.listener, test.listener) if is_known(each) and ":listener/app/" in each]
    if test.listener is not None and len({_balancer(each) for each in both}) > 1:
        text = f"listener must be on the same load balancer as the production listener, got {shown(test.listener)}"
        yield Problem("listener-test", ("listener",), text, "use another listener of the production load balancer")
    yield from _header_problems(test.headers)
    values = [*_values(shared), *_header_values(test.headers)]
    if len([*_values(shared)]) <= _VALUES < len(values):
        text = f"the conditions of a rule must have at most {_VALUES} values together, got {len(values)}"
        fix = "remove some; the rule for test traffic includes the conditions of the production rule"
        yield Problem("listener-condition", ("headers",), text, fix)
    if not shared.tests_on_same_listener:
        return
    if not test.headers:
        text = "headers is missing, so the rule for test traffic would match all production traffic on this listener"
        yield Problem("listener-test", ("headers",), text, "set headers that identify test traffic")
        return
    own, production = known(test.priority), known(shared.priority)
    if test.headers and own is not None and production is not None and own >= production:
        text = f"priority must be smaller than that of the production rule ({production}), got {own}"
        yield Problem("listener-test", ("priority",), text, "use a smaller number")


def _values(shared: SharedListener) -> Iterator[tuple[Path, Value]]:
    """The values of all conditions, each with its path."""
    for name in ("path_patterns", "host_headers", "methods", "source_ips"):
        for index, value in enumerate(getattr(shared, name)):
            yield (name, index), value
    yield from _header_values(shared.headers)
    for key, value in shared.query.items():
        yield ("query", key), value


def _header_values(headers: Mapping[str, Sequence[Value]]) -> Iterator[tuple[Path, Value]]:
    for name, values in headers.items():
        for index, value in enumerate(values):
            yield ("headers", name, index), value


def _condition_problems(shared: SharedListener) -> Iterator[Problem]:
    values = [*_values(shared)]
    if not values:
        fix = "set path_patterns, host_headers, methods, headers, query or source_ips"
        yield Problem("listener-condition", (), "a listener rule requires at least one condition", fix)
    if len(values) > _VALUES:
        text = f"the conditions must have at most {_VALUES} values together, got {len(values)}"
        yield Problem("listener-condition", (), text, "remove some, or split them over several listeners or services")
    wild = ("path_patterns", "host_headers", "headers", "query")
    literals = (value for path, value in values if path[0] in wild and isinstance(value, str))
    wildcards = sum(len(re.findall(r"(?<!\\)[*?]", value)) for value in literals)
    if wildcards > _WILDCARDS:
        text = f"the conditions must have at most {_WILDCARDS} wildcards together, got {wildcards}"
        yield Problem("listener-condition", (), text, "remove some of them")
    yield from _header_problems(shared.headers)


def _header_problems(headers: Mapping[str, Sequence[Value]]) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_HttpHeaderConditionConfig.html"""
    for name in headers:
        if name.lower() == "host":
            text = f"headers cannot contain {quoted(name)}"
            yield Problem("listener-condition", ("headers", name), text, "use host_headers")
