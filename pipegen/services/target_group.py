"""A target group: the tasks that a load balancer sends requests to, and how it finds out which of them are well.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from pipegen.errors import Problem
from pipegen.fields.gaps import is_known
from pipegen.model import Model
from pipegen.values import Value

if TYPE_CHECKING:
    from troposphere import elasticloadbalancingv2 as elbv2

Protocol = Literal["HTTP", "HTTPS"]
ProtocolVersion = Literal["HTTP1", "HTTP2", "GRPC"]
TargetType = Literal["ip", "instance"]

WEEK = 7 * 24 * 60 * 60
_CODES = r"\d{1,3}(-\d{1,3})?(,\d{1,3}(-\d{1,3})?)*"


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetHealthCheck(Model):
    """What the load balancer asks every task again and again.

    path: what it asks for, 1 to 1,024 characters; `/` unless given. With GRPC a method, `/package.service/method`;
        `/AWS.ALB/healthcheck` unless given.
    port: 1 to 65535; the one that the requests go to unless given. protocol: the target group's unless given.
    interval_seconds: from one question to the next, 5 to 300. timeout_seconds: that it waits for an answer, 2 to 120,
        and less than the interval.
    healthy_count, unhealthy_count: how many answers in a row make a task well or unwell, 2 to 10.
    matcher: what a task that is well answers: HTTP codes 200 to 499 such as `200-299,302`, or gRPC codes 0 to 99; AWS's
        defaults 200 and 12 unless given.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
    """

    path: Value | None = None
    port: int | None = None
    protocol: Protocol | None = None
    interval_seconds: int = 30
    timeout_seconds: int = 5
    healthy_count: int = 5
    unhealthy_count: int = 2
    matcher: str | None = None

    def properties(self, protocol: Protocol, version: ProtocolVersion) -> Mapping[str, Any]:
        """As a target group of that protocol has it; every value is there, whoever reads the template looks for it."""
        from troposphere import elasticloadbalancingv2 as elbv2

        grpc = version == "GRPC"
        codes = {"GrpcCode": self.matcher or "12"} if grpc else {"HttpCode": self.matcher or "200"}
        return {
            "HealthCheckProtocol": self.protocol or protocol,
            "HealthCheckPort": "traffic-port" if self.port is None else str(self.port),
            "HealthCheckPath": self.path or ("/AWS.ALB/healthcheck" if grpc else "/"),
            "HealthCheckIntervalSeconds": self.interval_seconds,
            "HealthCheckTimeoutSeconds": self.timeout_seconds,
            "HealthyThresholdCount": self.healthy_count,
            "UnhealthyThresholdCount": self.unhealthy_count,
            "Matcher": elbv2.Matcher(**codes),
        }

    def problems(self, version: ProtocolVersion = "HTTP1", dynamic_ports: bool = False) -> Iterator[Problem]:
        """`dynamic_ports`: whether the instance finds a port for every task."""
        yield from _range_problems(self)
        yield from _path_problems(self.path, version)
        yield from _matcher_problems(self.matcher, version)
        if self.port is not None and not 1 <= self.port <= 65535:
            yield Problem("target-group-health", ("port",), f"{self.port} is no port", "1 to 65535")
        elif self.port is not None and dynamic_ports:
            text = f"port {self.port} would be asked on the instance, where every task has a port of its own"
            yield Problem("target-group-health", ("port",), text, "leave port out")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stickiness(Model):
    """Keeps a client with the task that answered it first.

    duration_seconds: for how long, 1 to 604,800, a week; a day unless given.
    cookie: the application's own cookie that it goes by; the load balancer makes one unless given.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#sticky-sessions
    """

    duration_seconds: int = 86_400
    cookie: str | None = None

    def attributes(self) -> Mapping[str, str]:
        kind = "lb_cookie" if self.cookie is None else "app_cookie"
        named = {} if self.cookie is None else {"stickiness.app_cookie.cookie_name": self.cookie}
        seconds = {f"stickiness.{kind}.duration_seconds": str(self.duration_seconds)}
        return {"stickiness.enabled": "true", "stickiness.type": kind, **named, **seconds}

    def problems(self) -> Iterator[Problem]:
        if not 1 <= self.duration_seconds <= WEEK:
            text = f"sessions of {self.duration_seconds:,} seconds"
            yield Problem("target-group-stickiness", ("duration_seconds",), text, f"1 to {WEEK:,}, a week")
        if self.cookie is not None and not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", self.cookie):
            text = f"{self.cookie!r} is not a valid name for a cookie"
            yield Problem(
                "target-group-stickiness", ("cookie",), text, "letters, digits, or ! # $ % & ' * + . ^ _ ` | ~ -"
            )
        elif self.cookie is not None and self.cookie.startswith("AWSALB"):
            text = "names that begin with AWSALB are the load balancer's own"
            fix = "name the application's cookie, or leave it out"
            yield Problem("target-group-stickiness", ("cookie",), text, fix)


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetGroup(Model):
    """How requests reach the tasks.

    protocol, protocol_version: what the tasks speak. HTTP2 and GRPC need a listener with HTTPS.
    deregistration_delay_seconds: how long a task that goes may still answer, 0 to 3,600.
    slow_start_seconds: over how long a new task gets its full share, 30 to 900; 0, AWS's default, is at once. With
        round robin alone.
    stickiness: none unless given, and none with weighted_random. algorithm: which task is next.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
    """

    protocol: Protocol = "HTTP"
    protocol_version: ProtocolVersion = "HTTP1"
    health_check: TargetHealthCheck = field(default_factory=TargetHealthCheck)
    deregistration_delay_seconds: int = 300
    slow_start_seconds: int = 0
    stickiness: Stickiness | None = None
    algorithm: Literal["round_robin", "least_outstanding_requests", "weighted_random"] = "round_robin"

    def problems(self, dynamic_ports: bool = False) -> Iterator[Problem]:
        """`dynamic_ports`: whether the instance finds a port for every task."""
        for problem in self.health_check.problems(self.protocol_version, dynamic_ports):
            yield problem.under("health_check")
        if not 0 <= self.deregistration_delay_seconds <= 3600:
            text = f"a delay of {self.deregistration_delay_seconds:,} seconds"
            yield Problem("target-group-delay", ("deregistration_delay_seconds",), text, "0 to 3,600, an hour")
        yield from self._slow_start_problems()
        if self.stickiness is None:
            return
        for problem in self.stickiness.problems():
            yield problem.under("stickiness")
        if self.algorithm == "weighted_random":
            text = "weighted_random takes no sticky sessions"
            yield Problem("target-group-stickiness", ("stickiness",), text, "take off one of them")

    def _slow_start_problems(self) -> Iterator[Problem]:
        if self.slow_start_seconds and not 30 <= self.slow_start_seconds <= 900:
            text = f"a slow start of {self.slow_start_seconds:,} seconds"
            yield Problem("target-group-slow-start", ("slow_start_seconds",), text, "30 to 900, or 0 for none")
        if self.slow_start_seconds and self.algorithm != "round_robin":
            text = f"{self.algorithm} knows no slow start"
            yield Problem("target-group-slow-start", ("slow_start_seconds",), text, "leave it out, or use round_robin")

    def resource(self, logical_id: str, *, vpc: Value, port: int, target_type: TargetType) -> elbv2.TargetGroup:
        """It has no name: a change of port, protocol or VPC takes another group, and CloudFormation could not make one
        while the old one has the name."""
        from troposphere import elasticloadbalancingv2 as elbv2

        attributes = self._attributes().items()
        return elbv2.TargetGroup(
            logical_id,
            VpcId=vpc,
            TargetType=target_type,
            Protocol=self.protocol,
            ProtocolVersion=self.protocol_version,
            Port=port,
            **self.health_check.properties(self.protocol, self.protocol_version),
            TargetGroupAttributes=[elbv2.TargetGroupAttribute(Key=key, Value=value) for key, value in attributes],
        )

    def _attributes(self) -> Mapping[str, str]:
        """All that can be said in a definition, as an attribute that a template leaves out keeps its value.
        https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-targetgroup.html"""
        sticky = {"stickiness.enabled": "false"} if self.stickiness is None else self.stickiness.attributes()
        return {
            "deregistration_delay.timeout_seconds": str(self.deregistration_delay_seconds),
            "load_balancing.algorithm.type": self.algorithm,
            "slow_start.duration_seconds": str(self.slow_start_seconds),
            **sticky,
        }


def forward(groups: Sequence[Value], stickiness: Stickiness | None = None) -> Mapping[str, Any]:
    """The properties of an action that sends all requests to the first of these groups. Others are there with the
    weight 0, so that their tasks are asked for their health and traffic moves by weights.

    1 and 0 are what ECS wants to begin with, later it writes 100 and 0 itself (cdk-real-drift, issue
    1730). Where the sessions of two groups stick, the action must say so too.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/migrate-codedeploy-to-ecs-bluegreen.html
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-action-types.html#forward-actions
    """
    from troposphere import elasticloadbalancingv2 as elbv2

    if len(groups) == 1:
        return {"Type": "forward", "TargetGroupArn": groups[0]}
    weighted = [elbv2.TargetGroupTuple(TargetGroupArn=each, Weight=0 if n else 1) for n, each in enumerate(groups)]
    optional: dict[str, Any] = {}
    if stickiness is not None:
        optional["TargetGroupStickinessConfig"] = elbv2.TargetGroupStickinessConfig(
            Enabled=True, DurationSeconds=stickiness.duration_seconds
        )
    return {"Type": "forward", "ForwardConfig": elbv2.ForwardConfig(TargetGroups=weighted, **optional)}


def _range_problems(check: TargetHealthCheck) -> Iterator[Problem]:
    """That the interval is the longer of the two, ELB says where it is not; https://github.com/aws/aws-cdk/pull/29075"""
    ranges = {
        "interval_seconds": (check.interval_seconds, 5, 300),
        "timeout_seconds": (check.timeout_seconds, 2, 120),
        "healthy_count": (check.healthy_count, 2, 10),
        "unhealthy_count": (check.unhealthy_count, 2, 10),
    }
    for name, (value, low, high) in ranges.items():
        if not low <= value <= high:
            yield Problem("target-group-health", (name,), f"{name} is {value}", f"{low} to {high}")
    if check.timeout_seconds >= check.interval_seconds:
        text = f"a check may take {check.timeout_seconds} seconds, and the next comes after {check.interval_seconds}"
        fix = "make timeout_seconds less than interval_seconds"
        yield Problem("target-group-health", ("timeout_seconds",), text, fix)


def _path_problems(path: Value | None, version: ProtocolVersion) -> Iterator[Problem]:
    if not is_known(path):
        return
    if version == "GRPC" and not re.fullmatch(r"/[^/\s]+/[^/\s]+", path):
        text = f"{path!r} is no method of gRPC"
        yield Problem("target-group-health", ("path",), text, "/package.service/method, or leave it out")
    elif not re.fullmatch(r"/\S*", path):
        yield Problem("target-group-health", ("path",), f"{path!r} is no path", "begin it with /, without spaces")
    if len(path) > 1024:
        yield Problem("target-group-health", ("path",), f"a path of {len(path):,} characters", "1,024 at most")


def _matcher_problems(matcher: str | None, version: ProtocolVersion) -> Iterator[Problem]:
    low, high = (0, 99) if version == "GRPC" else (200, 499)
    if matcher is not None and not _matches(matcher, low, high):
        text = f"{matcher!r} is no list of codes from {low} to {high}"
        example = "0,12" if version == "GRPC" else "200-299,302"
        yield Problem("target-group-health", ("matcher",), text, f"codes and ranges, such as {example}")


def _matches(matcher: str, low: int, high: int) -> bool:
    if not re.fullmatch(_CODES, matcher):
        return False
    ranges = [[int(code) for code in part.split("-")] for part in matcher.split(",")]
    return all(low <= codes[0] <= codes[-1] <= high for codes in ranges)
