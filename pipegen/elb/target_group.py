"""Target groups and their health checks.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pipegen.errors import Problem, quoted
from pipegen.fields.aws import Property
from pipegen.fields.constraints import Between, Matches
from pipegen.fields.gaps import is_known
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.values.create import create
from pipegen.values.number import IntegerValue, known, number_text
from pipegen.values.value import ResolvedValue, Value

if TYPE_CHECKING:
    from troposphere import elasticloadbalancingv2 as elbv2

Protocol = Literal["HTTP", "HTTPS"]
ProtocolVersion = Literal["HTTP1", "HTTP2", "GRPC"]
TargetType = Literal["ip", "instance"]

WEEK = 7 * 24 * 60 * 60
_PATH = Matches(r"(?=.{1,1024}$)/\S*", "a path of at most 1,024 characters that begins with / and has no spaces")
_COOKIE = Matches(
    r"[A-Za-z0-9!#$%&'*+.^_`|~-]+",
    "letters, digits, or ! # $ % & ' * + . ^ _ ` | ~ -",
    "https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2",
)
_SHORTEST = 5
"""The shortest interval between two checks, in seconds."""
_CODES = r"\d{1,3}(-\d{1,3})?(,\d{1,3}(-\d{1,3})?)*"


@frozen
class TargetHealthCheck(Model):
    """How the load balancer checks the health of each task.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html"""

    aws_type: ClassVar[str] = "AWS::ElasticLoadBalancingV2::TargetGroup"

    path: Annotated[Value, _PATH, Property("HealthCheckPath")] | None = None
    """The path to request; with GRPC a method, `/package.service/method`. Default: `/`, with GRPC
    `/AWS.ALB/healthcheck`."""
    _: KW_ONLY
    port: Annotated[int, Between(1, 65_535), Property("HealthCheckPort")] | None = None
    """The port to check. Default: the port that receives the requests. A number, because it decides whether security
    groups have a rule for it."""
    protocol: Annotated[Protocol, Property("HealthCheckProtocol")] | None = None
    """The protocol of the checks. Default: that of the target group."""
    interval_seconds: Annotated[IntegerValue, Between(_SHORTEST, 300), Property("HealthCheckIntervalSeconds")] = 30
    """Seconds from one check to the next."""
    timeout_seconds: Annotated[IntegerValue, Between(2, 120), Property("HealthCheckTimeoutSeconds")] = 5
    """Seconds to wait for a response, less than the interval."""
    healthy_count: Annotated[IntegerValue, Between(2, 10), Property("HealthyThresholdCount")] = 5
    """The number of successful checks in a row after which a task is healthy."""
    unhealthy_count: Annotated[IntegerValue, Between(2, 10), Property("UnhealthyThresholdCount")] = 2
    """The number of failed checks in a row after which a task is unhealthy."""
    matcher: Annotated[ResolvedValue, Property("Matcher")] | None = None
    """The response codes of a healthy task: HTTP codes from 200 to 499, such as `200-299,302`, or gRPC codes from 0 to
    99. Default, as AWS's: 200, with GRPC 12."""

    def properties(self, protocol: Protocol, version: ProtocolVersion) -> Mapping[str, Any]:
        """The properties of a target group with this protocol, with all defaults."""
        from troposphere import elasticloadbalancingv2 as elbv2

        grpc = version == "GRPC"
        codes: dict[str, Any] = {"GrpcCode": self.matcher or "12"} if grpc else {"HttpCode": self.matcher or "200"}
        return {
            "HealthCheckProtocol": self.protocol or protocol,
            "HealthCheckPort": "traffic-port" if self.port is None else str(self.port),
            "HealthCheckPath": self.path or ("/AWS.ALB/healthcheck" if grpc else "/"),
            "HealthCheckIntervalSeconds": self.interval_seconds,
            "HealthCheckTimeoutSeconds": self.timeout_seconds,
            "HealthyThresholdCount": self.healthy_count,
            "UnhealthyThresholdCount": self.unhealthy_count,
            "Matcher": create(elbv2.Matcher, **codes),
        }

    def problems(self, version: ProtocolVersion = "HTTP1", dynamic_ports: bool = False) -> Iterator[Problem]:
        """Check the health check. dynamic_ports: whether instances choose a port for each task."""
        yield from _time_problems(self)
        yield from _path_problems(self.path, version)
        yield from _matcher_problems(self.matcher, version)
        if self.port is not None and dynamic_ports:
            text = "port cannot be set if instances choose a port for each task"
            yield Problem("target-group-health", ("port",), text, "remove port")


@frozen(kw_only=True)
class Stickiness(Model):
    """Sticky sessions: a client's requests go to the task that answered its first one.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#sticky-sessions
    """

    aws_type: ClassVar[str] = "AWS::ElasticLoadBalancingV2::TargetGroup"

    duration_seconds: Annotated[IntegerValue, Between(1, WEEK), Property("TargetGroupAttributes")] = 86_400
    """Seconds that a session lasts, at most a week. Default: a day."""
    cookie: Annotated[ResolvedValue, _COOKIE, Property("TargetGroupAttributes")] | None = None
    """The name of the application's cookie that identifies a session. It must not start with AWSALB. Default: a cookie
    that the load balancer generates."""

    def attributes(self) -> Mapping[str, Value]:
        kind = "lb_cookie" if self.cookie is None else "app_cookie"
        named = {} if self.cookie is None else {"stickiness.app_cookie.cookie_name": self.cookie}
        seconds = {f"stickiness.{kind}.duration_seconds": number_text(self.duration_seconds)}
        return {"stickiness.enabled": "true", "stickiness.type": kind, **named, **seconds}

    def problems(self) -> Iterator[Problem]:
        if is_known(self.cookie) and self.cookie.startswith("AWSALB"):
            text = f"cookie must not start with AWSALB, which the load balancer reserves, got {quoted(self.cookie)}"
            fix = "use the name of an application cookie, or remove cookie"
            yield Problem("target-group-stickiness", ("cookie",), text, fix)


@frozen(kw_only=True)
class TargetGroup(Model):
    """How requests reach the tasks.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html"""

    aws_type: ClassVar[str] = "AWS::ElasticLoadBalancingV2::TargetGroup"

    protocol: Annotated[Protocol, Property("Protocol")] = "HTTP"
    """The protocol between the load balancer and the tasks."""
    protocol_version: Annotated[ProtocolVersion, Property("ProtocolVersion")] = "HTTP1"
    """The version of the protocol. HTTP2 and GRPC require an HTTPS listener."""
    health_check: TargetHealthCheck = field(default_factory=TargetHealthCheck)
    """How the load balancer checks the health of the tasks."""
    deregistration_delay_seconds: Annotated[IntegerValue, Between(0, 3600), Property("TargetGroupAttributes")] = 300
    """Seconds for which a task that is removed can complete its requests."""
    slow_start_seconds: Annotated[IntegerValue, Between(30, 900, or_zero=True), Property("TargetGroupAttributes")] = 0
    """Seconds in which the share of a new task grows to its full size: 30 to 900, or 0 for the full share at once. Only
    with `round_robin`."""
    stickiness: Annotated[Stickiness, Property("TargetGroupAttributes")] | None = None
    """Sticky sessions. Default: none. Not with `weighted_random`."""
    algorithm: Annotated[
        Literal["round_robin", "least_outstanding_requests", "weighted_random"], Property("TargetGroupAttributes")
    ] = "round_robin"
    """How the load balancer chooses the task for a request."""

    def problems(self, dynamic_ports: bool = False) -> Iterator[Problem]:
        """Check the target group. dynamic_ports: whether instances choose a port for each task."""
        for problem in self.health_check.problems(self.protocol_version, dynamic_ports):
            yield problem.under("health_check")
        yield from self._slow_start_problems()
        if self.stickiness is None:
            return
        for problem in self.stickiness.problems():
            yield problem.under("stickiness")
        if self.algorithm == "weighted_random":
            text = "stickiness is not supported with algorithm weighted_random"
            yield Problem(
                "target-group-stickiness", ("stickiness",), text, "remove stickiness, or use another algorithm"
            )

    def _slow_start_problems(self) -> Iterator[Problem]:
        if self.slow_start_seconds and self.algorithm != "round_robin":
            text = f"slow_start_seconds is not supported with algorithm {self.algorithm}"
            fix = "remove slow_start_seconds, or use round_robin"
            yield Problem("target-group-slow-start", ("slow_start_seconds",), text, fix)

    def resource(self, logical_id: str, *, vpc: Value, port: int, target_type: TargetType) -> elbv2.TargetGroup:
        """The target group, without a name: a change of port, protocol or VPC replaces it, and CloudFormation could not
        create the new one while the old one has the name."""
        from troposphere import elasticloadbalancingv2 as elbv2

        attributes = self._attributes().items()
        return create(
            elbv2.TargetGroup,
            logical_id,
            VpcId=vpc,
            TargetType=target_type,
            Protocol=self.protocol,
            ProtocolVersion=self.protocol_version,
            Port=port,
            **self.health_check.properties(self.protocol, self.protocol_version),
            TargetGroupAttributes=[
                create(elbv2.TargetGroupAttribute, Key=key, Value=value) for key, value in attributes
            ],
        )

    def _attributes(self) -> Mapping[str, Value]:
        """Every attribute that a definition can set, because an attribute that a template omits keeps its value.
        https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-targetgroup.html"""
        sticky = {"stickiness.enabled": "false"} if self.stickiness is None else self.stickiness.attributes()
        return {
            "deregistration_delay.timeout_seconds": number_text(self.deregistration_delay_seconds),
            "load_balancing.algorithm.type": self.algorithm,
            "slow_start.duration_seconds": number_text(self.slow_start_seconds),
            **sticky,
        }


def forward(groups: Sequence[Value], stickiness: Stickiness | None = None) -> Mapping[str, Any]:
    """The properties of an action that forwards all requests to the first of these target groups. The others have the
    weight 0, so that their tasks are health-checked and traffic can shift by weights.

    ECS requires the initial weights 1 and 0; later it sets 100 and 0 (cdk-real-drift, issue 1730). With stickiness and
    two target groups, the action must set it too.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/migrate-codedeploy-to-ecs-bluegreen.html
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-action-types.html#forward-actions
    """
    from troposphere import elasticloadbalancingv2 as elbv2

    if len(groups) == 1:
        return {"Type": "forward", "TargetGroupArn": groups[0]}
    weighted = [
        create(elbv2.TargetGroupTuple, TargetGroupArn=each, Weight=0 if n else 1) for n, each in enumerate(groups)
    ]
    optional: dict[str, Any] = {}
    if stickiness is not None:
        optional["TargetGroupStickinessConfig"] = create(
            elbv2.TargetGroupStickinessConfig, Enabled=True, DurationSeconds=stickiness.duration_seconds
        )
    return {"Type": "forward", "ForwardConfig": create(elbv2.ForwardConfig, TargetGroups=weighted, **optional)}


def _time_problems(check: TargetHealthCheck) -> Iterator[Problem]:
    """Elastic Load Balancing requires the interval to be longer than the timeout: https://github.com/aws/aws-cdk/pull/29075"""
    timeout, interval = known(check.timeout_seconds), known(check.interval_seconds)
    if timeout is not None and interval is not None and timeout >= interval >= _SHORTEST:
        text = f"timeout_seconds must be less than interval_seconds ({interval}), got {timeout}"
        fix = "lower timeout_seconds, or raise interval_seconds"
        yield Problem("target-group-health", ("timeout_seconds",), text, fix)


def _path_problems(path: Value | None, version: ProtocolVersion) -> Iterator[Problem]:
    if version != "GRPC" or not is_known(path) or not _PATH.matches(path):
        return
    if not re.fullmatch(r"/[^/\s]+/[^/\s]+", path):
        text = f"path must be a gRPC method such as /package.service/method, got {quoted(path)}"
        yield Problem("target-group-health", ("path",), text, "use the name of a method, or remove path")


def _matcher_problems(matcher: Value | None, version: ProtocolVersion) -> Iterator[Problem]:
    low, high = (0, 99) if version == "GRPC" else (200, 499)
    if is_known(matcher) and not _matches(matcher, low, high):
        text = f"matcher must be a list of codes from {low} to {high}, got {quoted(matcher)}"
        example = "0,12" if version == "GRPC" else "200-299,302"
        yield Problem("target-group-health", ("matcher",), text, f"write codes and ranges such as {example}")


def _matches(matcher: str, low: int, high: int) -> bool:
    if not re.fullmatch(_CODES, matcher):
        return False
    ranges = [[int(code) for code in part.split("-")] for part in matcher.split(",")]
    return all(low <= codes[0] <= codes[-1] <= high for codes in ranges)
