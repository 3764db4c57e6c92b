"""A listener that many services share: each has a rule on it, which says what requests are the service's.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-rules.html"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pipegen.arns import APPLICATION_LISTENER
from pipegen.errors import Path, Problem
from pipegen.fields.gaps import is_known
from pipegen.model import Model
from pipegen.services.target_group import TargetGroup
from pipegen.shape import shown
from pipegen.values import Value

if TYPE_CHECKING:
    from troposphere import elasticloadbalancingv2 as elbv2

RULE, TEST_RULE = "ListenerRule", "TestListenerRule"

_VALUES, _WILDCARDS = 5, 6
"""Of a rule, all its conditions together. Another page allows five wildcards, and three values in a condition.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html"""

_TEXT, _TEXT_WORDS = r"[ -~]{1,128}", "1 to 128 visible characters of ASCII"
_FORMS = {
    "path_patterns": (
        "pattern of paths",
        r"(?=.{1,128}$)[/*?][A-Za-z0-9_.$/~\"'@:+&*?-]*",
        "begin it with / or *; then letters, digits, or _ - . $ / ~ \" ' @ : + & and the wildcards * ?, 128 at most",
    ),
    "host_headers": (
        "name of hosts",
        r"(?=.{1,128}$)[A-Za-z0-9.*?-]*\.[A-Za-z]+",
        "a name such as *.example.com: letters, digits, - . * ?, letters alone after the last dot, 128 at most",
    ),
    "methods": ("method", r"[A-Z_-]{1,40}", "upper case, such as GET"),
    "headers": ("value of a header", _TEXT, _TEXT_WORDS),
    "query": ("value of a query", _TEXT, _TEXT_WORDS),
}
"""What a literal value of a condition is called, what it may be, and that in words. That a path begins so is no rule of
AWS's: no request has another.
https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RuleCondition.html"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TestRule(Model):
    """The rule for test traffic, which reaches new tasks before production's does: what production's rule takes, on
    another listener or with further headers.

    listener: ARN; production's unless given, which does for ECS, but not for CodeDeploy. priority: on the same listener
        a smaller number than production's. headers: name -> values, one of which the header must have; required on the
        same listener.
    """

    priority: int
    listener: Value | None = None
    headers: Mapping[str, Sequence[Value]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedListener(Model):
    """An existing listener of an application load balancer, and what requests on it are the service's: those that meet
    every kind of condition given, each by one of its values. At least one condition, five values in all.

    listener: ARN. security_group: the load balancer's; it may then reach the tasks.
    priority: of the rule, 1 to 50000; of the rules that a request meets the one with the smallest number takes it.
        No other rule of the listener may have it.
    path_patterns: case-sensitive, without the query. host_headers: names of hosts. Both with the wildcards * and ?.
    methods: such as GET. headers: name -> values, with wildcards, not case-sensitive. query: key -> value, too;
        every key must be met. source_ips: ranges in CIDR notation, of whoever connects, which may be a proxy.
    test: a rule for test traffic; for strategies that have it.
    container, port: which container gets the requests, and on which of its ports; found where there is but one.
    """

    listener: Value
    priority: int
    security_group: Value | None = None
    path_patterns: Sequence[Value] = ()
    host_headers: Sequence[Value] = ()
    methods: Sequence[str] = ()
    headers: Mapping[str, Sequence[Value]] = field(default_factory=dict)
    query: Mapping[str, Value] = field(default_factory=dict)
    source_ips: Sequence[Value] = ()
    test: TestRule | None = None
    target_group: TargetGroup = field(default_factory=TargetGroup)
    container: str | None = None
    port: int | None = None

    @property
    def test_listener(self) -> Value | None:
        """Where test traffic comes in, if it does."""
        return None if self.test is None else self.test.listener or self.listener

    @property
    def tests_on_same_listener(self) -> bool:
        return self.test is not None and self.test_listener == self.listener

    def rules(self, forward: Mapping[str, Any]) -> Mapping[str, elbv2.ListenerRule]:
        """By logical id the rule for production's traffic, and the one for test traffic if any; both do this."""
        conditions = self._conditions()
        made = {RULE: _rule(RULE, self.listener, self.priority, conditions, forward)}
        if self.test is not None:
            further = [*conditions, *_header_conditions(self.test.headers)]
            listener = self.test.listener or self.listener
            made[TEST_RULE] = _rule(TEST_RULE, listener, self.test.priority, further, forward)
        return made

    def _conditions(self) -> list[elbv2.Condition]:
        from troposphere import elasticloadbalancingv2 as elbv2

        simple: dict[str, tuple[Sequence[Value], str, Any]] = {
            "host-header": (self.host_headers, "HostHeaderConfig", elbv2.HostHeaderConfig),
            "path-pattern": (self.path_patterns, "PathPatternConfig", elbv2.PathPatternConfig),
            "http-request-method": (self.methods, "HttpRequestMethodConfig", elbv2.HttpRequestMethodConfig),
            "source-ip": (self.source_ips, "SourceIpConfig", elbv2.SourceIpConfig),
        }
        made = [
            elbv2.Condition(Field=name, **{key: kind(Values=list(values))})
            for name, (values, key, kind) in simple.items()
            if values
        ]
        pairs = [elbv2.QueryStringKeyValue(Key=key, Value=value) for key, value in self.query.items()]
        queries = [
            elbv2.Condition(Field="query-string", QueryStringConfig=elbv2.QueryStringConfig(Values=[pair]))
            for pair in pairs
        ]
        return [*made, *_header_conditions(self.headers), *queries]

    def problems(self, dynamic_ports: bool = False) -> Iterator[Problem]:
        """`dynamic_ports`: whether the instance finds a port for every task."""
        yield from _listener_problems(self.listener, self.priority)
        yield from _condition_problems(self)
        if self.test is not None:
            for problem in _test_problems(self, self.test):
                yield problem.under("test")
        for problem in self.target_group.problems(dynamic_ports):
            yield problem.under("target_group")


def is_range(text: str, *versions: int) -> bool:
    """Whether it is a range of addresses in CIDR notation, of these versions of IP."""
    try:
        return "/" in text and ipaddress.ip_network(text, strict=False).version in versions
    except ValueError:
        return False


def _rule(
    title: str, listener: Value, priority: int, conditions: Sequence[elbv2.Condition], forward: Mapping[str, Any]
) -> elbv2.ListenerRule:
    from troposphere import elasticloadbalancingv2 as elbv2

    return elbv2.ListenerRule(
        title,
        ListenerArn=listener,
        Priority=priority,
        Conditions=list(conditions),
        Actions=[elbv2.ListenerRuleAction(**forward)],
    )


def rule_for_all(title: str, listener: Value, forward: Mapping[str, Any]) -> elbv2.ListenerRule:
    """A rule that takes every request before the listener's default action does."""
    from troposphere import elasticloadbalancingv2 as elbv2

    every = elbv2.Condition(Field="path-pattern", PathPatternConfig=elbv2.PathPatternConfig(Values=["/*"]))
    return _rule(title, listener, 1, [every], forward)


def _header_conditions(headers: Mapping[str, Sequence[Value]]) -> list[elbv2.Condition]:
    from troposphere import elasticloadbalancingv2 as elbv2

    configured = (elbv2.HttpHeaderConfig(HttpHeaderName=name, Values=list(each)) for name, each in headers.items())
    return [elbv2.Condition(Field="http-header", HttpHeaderConfig=each) for each in configured]


def _listener_problems(listener: Value | None, priority: int) -> Iterator[Problem]:
    if listener is not None and APPLICATION_LISTENER.refuses(listener):
        text = f"{shown(listener)} is not the ARN of a listener of an application load balancer"
        fix = "give it: arn:aws:elasticloadbalancing:REGION:ACCOUNT:listener/app/NAME/ID/ID"
        yield Problem("listener-arn", ("listener",), text, fix)
    if not 1 <= priority <= 50_000:
        yield Problem("listener-priority", ("priority",), f"a priority of {priority}", "1 to 50000")


def _test_problems(shared: SharedListener, test: TestRule) -> Iterator[Problem]:
    yield from _listener_problems(test.listener, test.priority)
    yield from _header_problems(test.headers)
    values = [*_values(shared), *_header_values(test.headers)]
    if len([*_values(shared)]) <= _VALUES < len(values):
        text = f"the rule for test traffic has {len(values)} values with production's"
        yield Problem("listener-condition", ("headers",), text, f"{_VALUES} at most in all")
    if not shared.tests_on_same_listener:
        return
    if not test.headers:
        text = "on production's listener the rule for test traffic would take all of production's"
        yield Problem("listener-test", ("headers",), text, "say by which header test traffic is known")
    if test.priority >= shared.priority:
        text = f"production's rule, with the priority {shared.priority}, takes test traffic first"
        yield Problem("listener-test", ("priority",), text, "give the rule for test traffic a smaller number")


def _values(shared: SharedListener) -> Iterator[tuple[Path, Value]]:
    """Every value of its conditions, with its path."""
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
        fix = "give path_patterns, host_headers, methods, headers, query or source_ips"
        yield Problem("listener-condition", (), "no condition says what requests are the service's", fix)
    if len(values) > _VALUES:
        text = f"the conditions have {len(values)} values together"
        yield Problem("listener-condition", (), text, f"{_VALUES} at most; divide them over listeners or services")
    wild = ("path_patterns", "host_headers", "headers", "query")
    literals = (value for path, value in values if path[0] in wild and isinstance(value, str))
    wildcards = sum(len(re.findall(r"(?<!\\)[*?]", value)) for value in literals)
    if wildcards > _WILDCARDS:
        text = f"the conditions have {wildcards} wildcards together"
        yield Problem("listener-condition", (), text, f"{_WILDCARDS} at most")
    yield from _header_name_problems(shared.headers)
    for path, value in values:
        yield from _value_problems(path, value)
    for key in shared.query:
        if not re.fullmatch(_TEXT, key):
            yield Problem("listener-condition", ("query", key), f"{key!r} is not a key of a query", _TEXT_WORDS)


def _header_problems(headers: Mapping[str, Sequence[Value]]) -> Iterator[Problem]:
    yield from _header_name_problems(headers)
    for path, value in _header_values(headers):
        yield from _value_problems(path, value)


def _header_name_problems(headers: Mapping[str, Sequence[Value]]) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_HttpHeaderConditionConfig.html"""
    for name, values in headers.items():
        path = ("headers", name)
        if not re.fullmatch(r"[A-Za-z0-9!#$%&'+.^_`|~-]{1,40}", name):
            fix = "letters, digits and -, 40 at most, without wildcards"
            yield Problem("listener-condition", path, f"{name!r} is not a valid name for a header", fix)
        elif name.lower() == "host":
            text = "a condition for headers does not take the host's"
            yield Problem("listener-condition", path, text, "use host_headers")
        if not values:
            yield Problem("listener-condition", path, f"the header {name} has no values", "give one, such as *")


def _value_problems(path: Path, value: Value) -> Iterator[Problem]:
    if not is_known(value):
        return
    kind = str(path[0])
    if kind == "source_ips":
        if not is_range(value, 4, 6) or value == "255.255.255.255/32":
            fix = "a range in CIDR notation, such as 192.0.2.0/24"
            yield Problem("listener-condition", path, f"{value!r} is no range of addresses", fix)
    else:
        noun, form, words = _FORMS[kind]
        if not re.fullmatch(form, value):
            yield Problem("listener-condition", path, f"{value!r} is no {noun}", words)
