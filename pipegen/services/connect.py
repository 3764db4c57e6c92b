"""Service Connect: short names by which services of one namespace reach each other through a proxy in every task.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect.html"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from troposphere import ecs

from pipegen.deployments import spelling
from pipegen.deployments.logs import LogConfiguration, option_problems
from pipegen.deployments.ports import PortMapping, mapping
from pipegen.deployments.spelling import aws
from pipegen.deployments.task_definition import TaskDefinition
from pipegen.errors import Path, Problem, one_line, there_are
from pipegen.fields.gaps import is_known
from pipegen.model import Model
from pipegen.values import Value

_DISCOVERY_NAME = r"[a-z0-9_][a-z0-9_-]{0,63}"
"""https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceConnectService.html"""

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_DNS_NAME = rf"(?=.{{1,127}}$){_LABEL}(?:\.{_LABEL})*"
"""https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceConnectClientAlias.html"""

_HEADER = r"[A-Za-z0-9!#$%&'*+.^_`|~-]+"
"""A field name of HTTP. https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2"""

_TIMEOUTS = ("IdleTimeoutSeconds", "PerRequestTimeoutSeconds")
_LONGEST_SECONDS = 2**31 - 1
"""https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TimeoutConfiguration.html"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Exactly(Model):
    exact: Value


def _exactly(value: Value) -> _Exactly:
    return _Exactly(exact=value)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderMatch(Model):
    """A header of HTTP; with exactly this value where one is given."""

    name: str
    value: Value | None = field(default=None, metadata=aws(form=_exactly))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rules(Model):
    header: HeaderMatch


def _rules(header: HeaderMatch) -> _Rules:
    return _Rules(header=header)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientAlias(Model):
    """Under which port and name others reach the service.

    dns_name: `<discovery_name>.<namespace>` unless given.
    test_header: of requests that go to the new tasks while ECS deploys blue/green, canary or linear;
        x-amzn-ecs-blue-green-test unless given.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-blue-green.html
    """

    port: int
    dns_name: str | None = None
    test_header: HeaderMatch | None = field(default=None, metadata=aws("testTrafficRules", form=_rules))


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectService(Model):
    """A port of the task that others reach.

    port_name: the name of one of the task definition's ports. discovery_name: its name in the namespace; the port's
        unless given. aliases: one at most; the container's port under the discovery name unless given.
    ingress_port: that the proxy listens on instead of the container's, which then is reached past the proxy.
    idle_timeout_seconds: of a connection; 0 for none; AWS's default is 300, of plain TCP 3,600.
    per_request_timeout_seconds: of an answer; 0 for none; AWS's default is 15. Not of plain TCP.
    """

    port_name: str
    discovery_name: str | None = None
    aliases: Sequence[ClientAlias] = field(default=(), metadata=aws("clientAliases"))
    ingress_port: int | None = field(default=None, metadata=aws("ingressPortOverride"))
    idle_timeout_seconds: int | None = None
    per_request_timeout_seconds: int | None = None

    @property
    def endpoint(self) -> str:
        """Its name in the namespace."""
        return self.discovery_name or self.port_name

    def properties(self, port: PortMapping) -> dict[str, Any]:
        """As CloudFormation has them; `port`: the one of that name."""
        # The API wants an alias with a port, where its guide says that the task definition's is taken.
        aliases = self.aliases or [ClientAlias(port=port.container_port or 0)]
        spelled = spelling.properties(replace(self, aliases=aliases))
        timeout = {name: spelled.pop(name) for name in _TIMEOUTS if name in spelled}
        return {**spelled, "Timeout": timeout} if timeout else spelled


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceConnect(Model):
    """A service that reaches the others of a namespace by name, and by its `services` is reached itself.

    namespace: of Cloud Map, by name or ARN. services: none for a mere client. log_configuration: of the proxy, to which
    256 CPU units and 64 MiB of the task are to be left.
    """

    namespace: Value
    services: Sequence[ConnectService] = ()
    log_configuration: LogConfiguration | None = None

    def configuration(self, task_definition: TaskDefinition) -> ecs.ServiceConnectConfiguration:
        """As the service has it."""
        ports = _named_ports(task_definition)
        given: dict[str, Any] = {"Enabled": True, "Namespace": self.namespace}
        if self.services:
            given["Services"] = [each.properties(ports[each.port_name]) for each in self.services]
        if self.log_configuration is not None:
            given["LogConfiguration"] = spelling.properties(self.log_configuration)
        return ecs.ServiceConnectConfiguration.from_dict("ServiceConnect", given)

    def problems(self, task_definition: TaskDefinition) -> Iterator[Problem]:
        """Paths start at the Service Connect."""
        if is_known(self.namespace) and re.fullmatch(r"|ns-[a-z0-9]{16}", self.namespace):
            text = f"{self.namespace!r} is not a valid name for a namespace"
            yield Problem("connect-name", ("namespace",), text, "its name or its ARN, not its id")
        if self.log_configuration is not None:
            for problem in option_problems(self.log_configuration, fargate=task_definition.is_for_fargate):
                yield problem.under("log_configuration")
        yield from _task_problems(task_definition)
        ports = _named_ports(task_definition)
        for index, each in enumerate(self.services):
            for problem in (*_port_problems(each, ports), *_name_problems(each), *_timeout_problems(each, ports)):
                yield problem.under("services", index)
        for index, taken in _twice([each.endpoint for each in self.services]):
            text = f"two services are called {one_line(repr(taken), 60)}"
            yield Problem("connect-name", ("services", index), text, "give one another discovery_name")


def _named_ports(task_definition: TaskDefinition) -> dict[str, PortMapping]:
    ports = [mapping(port) for container in task_definition.containers for port in container.ports]
    return {port.name: port for port in ports if port.name is not None}


def _twice(names: Sequence[str]) -> Iterator[tuple[int, str]]:
    for index, name in enumerate(names):
        if name in names[:index]:
            yield index, name


def _task_problems(task_definition: TaskDefinition) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-concepts-deploy.html (considerations)
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-concepts.html (links)"""
    memory, containers = task_definition.memory, task_definition.containers
    limits = [each.memory for each in containers if each.memory is not None]
    if memory is None or sum(limits) >= memory:
        text = "the task has no memory beyond its containers' for the proxy"
        fix = "give the task definition memory: of 64 MiB more than they have together"
        yield Problem("connect-task", (), text, fix)
    if any(each.links for each in containers):
        text = "Service Connect does not go with links between containers"
        yield Problem("connect-task", (), text, "leave links out of the task definition")
    if task_definition.network_mode == "bridge" and any(each.hostname is not None for each in containers):
        text = "in the network mode bridge Service Connect does not go with hostnames"
        yield Problem("connect-task", (), text, "leave hostname out of the task definition")
    platform = task_definition.runtime_platform
    family = platform.operating_system_family if platform is not None else None
    if isinstance(family, str) and family.startswith("WINDOWS"):
        yield Problem("connect-task", (), "there is no Service Connect on Windows", "use service_discovery")


def _port_problems(service: ConnectService, ports: Mapping[str, PortMapping]) -> Iterator[Problem]:
    port = ports.get(service.port_name)
    if port is None:
        text = f"the task definition has no port named {one_line(repr(service.port_name), 60)}"
        fix = f"{there_are(ports)}; a port gets its name by {{container_port: …, name: …}}"
        yield Problem("connect-port", ("port_name",), text, fix)
    elif port.container_port is None and not service.aliases:
        text = f"the port {service.port_name!r} is a range"
        yield Problem("connect-port", (), text, "say which with aliases: [{port: …}]")
    if len(service.aliases) > 1:
        yield Problem("connect-port", ("aliases",), f"{len(service.aliases)} aliases", "at most one")
    for path, number in _numbers(service):
        if not 1 <= number <= 65535:
            yield Problem("connect-port", path, f"{number} is no port", "1 to 65535")


def _numbers(service: ConnectService) -> Iterator[tuple[Path, int]]:
    for index, alias in enumerate(service.aliases):
        yield ("aliases", index, "port"), alias.port
    if service.ingress_port is not None:
        yield ("ingress_port",), service.ingress_port


def _name_problems(service: ConnectService) -> Iterator[Problem]:
    if service.discovery_name is not None and not re.fullmatch(_DISCOVERY_NAME, service.discovery_name):
        text = f"{one_line(repr(service.discovery_name), 60)} is no discovery name"
        fix = "1 to 64 lower-case letters, digits, _ or -, not - first"
        yield Problem("connect-name", ("discovery_name",), text, fix)
    for index, alias in enumerate(service.aliases):
        path = ("aliases", index)
        if alias.dns_name is not None and not re.fullmatch(_DNS_NAME, alias.dns_name):
            text = f"{one_line(repr(alias.dns_name), 60)} is not a valid DNS name"
            fix = "parts of 1 to 63 lower-case letters, digits, _ or -, with dots between them, 127 characters at most"
            yield Problem("connect-name", (*path, "dns_name"), text, fix)
        if alias.test_header is not None and not re.fullmatch(_HEADER, alias.test_header.name):
            text = f"{one_line(repr(alias.test_header.name), 60)} is not a valid name for a header"
            yield Problem("connect-name", (*path, "test_header", "name"), text, "such as x-test")


def _timeout_problems(service: ConnectService, ports: Mapping[str, PortMapping]) -> Iterator[Problem]:
    for name in ("idle_timeout_seconds", "per_request_timeout_seconds"):
        seconds = getattr(service, name)
        if seconds is not None and not 0 <= seconds <= _LONGEST_SECONDS:
            yield Problem("connect-timeout", (name,), f"{seconds} seconds", f"0 to {_LONGEST_SECONDS:,}; 0 for none")
    port = ports.get(service.port_name)
    if port is None or port.app_protocol is not None:
        return
    fix = "give the port of the task definition an app_protocol: http, http2 or grpc"
    if service.per_request_timeout_seconds is not None:
        text = "plain TCP has no requests to wait for"
        yield Problem("connect-protocol", ("per_request_timeout_seconds",), text, fix)
    for index, alias in enumerate(service.aliases):
        if alias.test_header is not None:
            yield Problem("connect-protocol", ("aliases", index, "test_header"), "plain TCP has no headers", fix)
