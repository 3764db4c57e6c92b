"""Service Connect: short names by which services of one namespace reach each other through a proxy in every task.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect.html"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, field, replace
from typing import Annotated, Any, ClassVar

from troposphere import ecs

from pipegen.ecs import serialization
from pipegen.ecs.serialization import aws
from pipegen.ecs.tasks.log_options import log_problems
from pipegen.ecs.tasks.logs import LogConfiguration
from pipegen.ecs.tasks.ports import PortMapping, mapping
from pipegen.ecs.tasks.task_definition import TaskDefinition
from pipegen.errors import Problem, quoted, there_are
from pipegen.fields.aws import Property
from pipegen.fields.constraints import Between, Length, Matches
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.references.kinds import NAMESPACE_ARN, NAMESPACE_NAME
from pipegen.references.mark import Refers
from pipegen.values.create import create_from
from pipegen.values.expression import Expression
from pipegen.values.number import IntegerValue, known
from pipegen.values.shape import shown
from pipegen.values.value import ResolvedValue, Value

_DISCOVERY_NAME = Matches(
    r"[a-z0-9_][a-z0-9_-]{0,63}",
    "1 to 64 lower-case letters, digits, _ or -, not - first",
    "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceConnectService.html",
)
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_DNS_NAME = Matches(
    rf"(?=.{{1,127}}$){_LABEL}(?:\.{_LABEL})*",
    "parts of 1 to 63 lower-case letters, digits, _ or -, with dots between them, 127 characters at most",
    "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceConnectClientAlias.html",
)
_HEADER = Matches(
    r"[A-Za-z0-9!#$%&'*+.^_`|~-]+",
    "the name of a header, such as x-test",
    "https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2",
)
_PORT = Between(1, 65_535)

_TIMEOUTS = ("IdleTimeoutSeconds", "PerRequestTimeoutSeconds")
_SECONDS = Between(0, 2**31 - 1)
"""https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TimeoutConfiguration.html"""


@frozen(kw_only=True)
class _Exactly(Model):
    exact: Value


def _exactly(value: Value) -> _Exactly:
    return _Exactly(exact=value)


@frozen
class HeaderMatch(Model):
    """A header of a request.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceConnectTestTrafficHeaderRules.html"""

    serialized_as: ClassVar[str] = "AWS::ECS::Service.ServiceConnectTestTrafficRulesHeader"

    name: Annotated[Value, _HEADER]
    """The name of the header."""
    value: Value | None = field(default=None, metadata=aws(convert=_exactly))
    """The exact value of the header. Default: any value."""


@frozen(kw_only=True)
class _Rules(Model):
    header: HeaderMatch


def _rules(header: HeaderMatch) -> _Rules:
    return _Rules(header=header)


@frozen
class ClientAlias(Model):
    """The port and name by which clients reach the service.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceConnectClientAlias.html"""

    port: Annotated[IntegerValue, _PORT]
    """The port that clients connect to."""
    _: KW_ONLY
    dns_name: Annotated[ResolvedValue, _DNS_NAME] | None = None
    """The name that clients use. Default: `<discovery_name>.<namespace>`."""
    test_header: HeaderMatch | None = field(default=None, metadata=aws("testTrafficRules", convert=_rules))
    """The header of requests that go to the new tasks during a blue/green, canary or linear deployment by ECS. Default:
    x-amzn-ecs-blue-green-test. Not with plain TCP.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-blue-green.html"""


@frozen
class ConnectService(Model):
    """A port of the task that clients in the namespace can reach.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceConnectService.html"""

    serialized_as: ClassVar[str] = "AWS::ECS::Service.ServiceConnectService"

    port_name: str
    """The name of a port of the task definition."""
    _: KW_ONLY
    discovery_name: Annotated[ResolvedValue, _DISCOVERY_NAME] | None = None
    """The name in the namespace. Default: the name of the port."""
    aliases: Annotated[Sequence[ClientAlias], Length(0, 1, "aliases")] = field(
        default=(), metadata=aws("clientAliases")
    )
    """The port and name that clients use. Default: the container's port and the discovery name."""
    ingress_port: Annotated[IntegerValue, _PORT] | None = field(default=None, metadata=aws("ingressPortOverride"))
    """The port that the proxy listens on instead of the container's. Connections to the container's port then bypass
    the proxy."""
    idle_timeout_seconds: (
        Annotated[IntegerValue, _SECONDS, Property("AWS::ECS::Service.TimeoutConfiguration.IdleTimeoutSeconds")] | None
    ) = None
    """Seconds after which an idle connection is closed; 0 for never. AWS's default is 300, for plain TCP 3,600."""
    per_request_timeout_seconds: (
        Annotated[IntegerValue, _SECONDS, Property("AWS::ECS::Service.TimeoutConfiguration.PerRequestTimeoutSeconds")]
        | None
    ) = None
    """Seconds to wait for a response; 0 for no limit. AWS's default is 15. Not with plain TCP."""

    @property
    def endpoint(self) -> Value:
        """The name in the namespace."""
        return self.discovery_name or self.port_name

    def properties(self, port: PortMapping) -> dict[str, Any]:
        """The CloudFormation properties. `port`: the port with the name `port_name`."""
        # The API requires an alias with a port, although the guide says that it defaults to the task definition's.
        aliases = self.aliases or [ClientAlias(port=port.container_port or 0)]
        serialized = serialization.properties(replace(self, aliases=aliases))
        timeout = {name: serialized.pop(name) for name in _TIMEOUTS if name in serialized}
        return {**serialized, "Timeout": timeout} if timeout else serialized


@frozen
class ServiceConnect(Model):
    """Service Connect: the service reaches the others of a namespace by name, and they reach its `services`.

    The proxy needs 64 MiB of the task's memory beyond that of the containers; AWS recommends 256 CPU units for it.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect.html"""

    aws_type: ClassVar[str] = "AWS::ECS::Service.ServiceConnectConfiguration"

    namespace: Annotated[Value, Refers(NAMESPACE_NAME, NAMESPACE_ARN), Property("Namespace")]
    """The name or ARN of the Cloud Map namespace."""
    _: KW_ONLY
    services: Annotated[Sequence[ConnectService], Property("Services")] = ()
    """The ports that other services can reach. Default: none; the service is only a client."""
    log_configuration: Annotated[LogConfiguration, Property("LogConfiguration")] | None = None
    """Where the proxy writes its log. Default: nowhere."""

    def configuration(self, task_definition: TaskDefinition) -> ecs.ServiceConnectConfiguration:
        """The property of the ECS service."""
        ports = _named_ports(task_definition)
        properties: dict[str, Any] = {"Enabled": True, "Namespace": self.namespace}
        if self.services:
            properties["Services"] = [each.properties(ports[each.port_name]) for each in self.services]
        if self.log_configuration is not None:
            properties["LogConfiguration"] = serialization.properties(self.log_configuration)
        return create_from(ecs.ServiceConnectConfiguration, "ServiceConnect", properties)

    def problems(self, task_definition: TaskDefinition) -> Iterator[Problem]:
        """Check Service Connect for a task definition. Paths start at the Service Connect."""
        if self.log_configuration is not None:
            problems = log_problems(self.log_configuration, fargate=task_definition.is_for_fargate)
            yield from (problem.under("log_configuration") for problem in problems)
        yield from _task_problems(task_definition)
        ports = _named_ports(task_definition)
        for index, each in enumerate(self.services):
            for problem in (*_port_problems(each, ports), *_protocol_problems(each, ports)):
                yield problem.under("services", index)
        for index, taken in _duplicates([shown(each.endpoint) for each in self.services]):
            text = f"two services have the discovery name {taken}"
            yield Problem("connect-name", ("services", index), text, "set another discovery_name for one of them")
        yield from _alias_problems(self.services)


def _alias_problems(services: Sequence[ConnectService]) -> Iterator[Problem]:
    """Report clients that would reach two services by the same name and port. Paths start at the Service Connect."""
    taken: dict[tuple[str, str], str] = {}
    for index, each in enumerate(services):
        for number, alias in enumerate(each.aliases):
            key = (shown(alias.dns_name or each.endpoint), _words(alias.port))
            if key in taken:
                text = f"clients already reach {taken[key]} by the name {key[0]} and port {key[1]}"
                fix = "set another dns_name or port for one of them"
                yield Problem("connect-name", ("services", index, "aliases", number), text, fix)
            taken.setdefault(key, _words(each.endpoint))


def _words(value: Value | IntegerValue) -> str:
    """A name or port in a message."""
    return shown(value) if isinstance(value, Expression) else str(value)


def connect_clashes(services: Mapping[str, ServiceConnect | None]) -> Iterator[Problem]:
    """Report services of a definition with the same discovery name in one namespace. Paths start at the definition.

    services: the Service Connect of each service by its key.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceConnectService.html (discoveryName)"""
    taken: dict[tuple[str, str], str] = {}
    for key, connect in services.items():
        for index, each in enumerate(connect.services if connect else ()):
            namespace = connect.namespace if connect else ""
            name = (shown(namespace), shown(each.endpoint))
            if taken.setdefault(name, key) != key:
                field = "port_name" if each.discovery_name is None else "discovery_name"
                text = f"the service {taken[name]} also has the discovery name {name[1]}"
                path = ("services", key, "service_connect", "services", index, field)
                yield Problem("connect-name", path, text, "set another discovery_name for one of them")


def _named_ports(task_definition: TaskDefinition) -> dict[str, PortMapping]:
    ports = [mapping(port) for container in task_definition.containers for port in container.ports]
    return {port.name: port for port in ports if port.name is not None}


def _duplicates(names: Sequence[str]) -> Iterator[tuple[int, str]]:
    for index, name in enumerate(names):
        if name in names[:index]:
            yield index, name


def _task_problems(task_definition: TaskDefinition) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-concepts-deploy.html (considerations)
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-concepts.html (links)"""
    memory, containers = known(task_definition.memory), task_definition.containers
    limits = [known(each.memory) or 0 for each in containers]
    if task_definition.memory is None or (memory is not None and sum(limits) >= memory):
        text = "Service Connect requires task memory for its proxy beyond the memory of the containers"
        fix = f"set memory of the task definition to at least {sum(limits) + 64} MiB"
        yield Problem("connect-task", (), text, fix)
    if any(each.links for each in containers):
        text = "Service Connect does not support links between containers"
        yield Problem("connect-task", (), text, "remove links from the task definition")
    if task_definition.network_mode == "bridge" and any(each.hostname is not None for each in containers):
        text = "Service Connect does not support hostname in network_mode bridge"
        yield Problem("connect-task", (), text, "remove hostname from the task definition")
    platform = task_definition.runtime_platform
    family = platform.operating_system_family if platform is not None else None
    if isinstance(family, str) and family.startswith("WINDOWS"):
        yield Problem("connect-task", (), "Service Connect does not support Windows", "use service_discovery")


def _port_problems(service: ConnectService, ports: Mapping[str, PortMapping]) -> Iterator[Problem]:
    port = ports.get(service.port_name)
    if port is None:
        text = f"the task definition has no port named {quoted(service.port_name, 60)}"
        fix = f"{there_are(ports)}; name a port with {{container_port: …, name: …}}"
        yield Problem("connect-port", ("port_name",), text, fix)
    elif port.container_port is None and not service.aliases:
        text = f"the port {quoted(service.port_name)} is a range, so aliases is required"
        yield Problem("connect-port", (), text, "set the port with aliases: [{port: …}]")


def _protocol_problems(service: ConnectService, ports: Mapping[str, PortMapping]) -> Iterator[Problem]:
    port = ports.get(service.port_name)
    if port is None or port.app_protocol is not None:
        return
    fix = "set app_protocol of the port in the task definition to http, http2 or grpc"
    if service.per_request_timeout_seconds is not None:
        text = "per_request_timeout_seconds requires a port with app_protocol"
        yield Problem("connect-protocol", ("per_request_timeout_seconds",), text, fix)
    for index, alias in enumerate(service.aliases):
        if alias.test_header is not None:
            text = "test_header requires a port with app_protocol"
            yield Problem("connect-protocol", ("aliases", index, "test_header"), text, fix)
