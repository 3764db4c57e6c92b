"""Service discovery: DNS names for a service's tasks, through Cloud Map.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-discovery.html"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY
from typing import Annotated, Any, ClassVar, Literal

from troposphere import AWSObject, GetAtt, ecs, servicediscovery

from pipegen.ecs.tasks.task_definition import TaskDefinition
from pipegen.errors import Problem, quoted, there_are
from pipegen.fields.aws import Property
from pipegen.fields.constraints import Between, Matches
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.references.kinds import NAMESPACE
from pipegen.references.mark import Refers
from pipegen.values.create import create
from pipegen.values.number import IntegerValue
from pipegen.values.shape import shown
from pipegen.values.value import ResolvedValue, Value

LOGICAL_ID = "DiscoveryService"

_LABEL = r"(?:[a-zA-Z0-9_][a-zA-Z0-9_-]{0,61}[a-zA-Z0-9_]|[a-zA-Z0-9])"
_NAME = Matches(
    rf"(?=.{{1,127}}$){_LABEL}(?:\.{_LABEL})*",
    "parts of 1 to 63 letters, digits, _ or -, not - first or last, with dots between them, 127 characters at most",
    "https://docs.aws.amazon.com/cloud-map/latest/api/API_CreateService.html",
)


@frozen
class ServiceDiscovery(Model):
    """A DNS name for a service's tasks in a namespace of Cloud Map: `<name>.<namespace>`.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceRegistry.html"""

    aws_type: ClassVar[str] = "AWS::ServiceDiscovery::Service"

    namespace: Annotated[Value, Refers(NAMESPACE), Property("NamespaceId")]
    """The id (not the name or ARN) of a DNS namespace in the same account.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/create-service-discovery.html"""
    _: KW_ONLY
    name: Annotated[ResolvedValue, _NAME, Property("Name")] | None = None
    """The name in the namespace. Default: the service's name."""
    record_type: Annotated[Literal["A", "SRV"], Property("DnsRecord.Type")] = "A"
    """A for the addresses of tasks in the network mode awsvpc, SRV for addresses and ports. The modes bridge and host
    require SRV."""
    ttl_seconds: Annotated[IntegerValue, Between(0, 2**31 - 1), Property("DnsRecord.TTL")] = 60
    """Seconds for which resolvers may cache a record.
    https://docs.aws.amazon.com/cloud-map/latest/api/API_DnsRecord.html"""
    container: Annotated[str, Property("AWS::ECS::Service.ServiceRegistry.ContainerName")] | None = None
    """The container of an SRV record. Optional in the network mode awsvpc."""
    port: (
        Annotated[
            int,
            Between(1, 65_535),
            Property("AWS::ECS::Service.ServiceRegistry.ContainerPort"),
            Property("AWS::ECS::Service.ServiceRegistry.Port"),
        ]
        | None
    ) = None
    """The port of an SRV record."""

    def problems(self, task_definition: TaskDefinition, default_name: str | None = None) -> Iterator[Problem]:
        """Check service discovery for a task definition. Paths start at the service discovery.

        default_name: the name of the service, if it is known.
        """
        if self.name is None and default_name is not None and not _NAME.matches(default_name):
            text = f"the name of the service, {quoted(default_name, 60)}, is not a valid DNS name"
            yield Problem("discovery-name", ("name",), text, f"set name to {_NAME.words}")
        yield from _record_problems(self, task_definition)

    def resources(self, default_name: str) -> Sequence[AWSObject]:
        """The Cloud Map service. ECS reports which tasks are healthy, and FailureThreshold is always 1.
        https://docs.aws.amazon.com/cloud-map/latest/api/API_HealthCheckCustomConfig.html"""
        record = create(servicediscovery.DnsRecord, Type=self.record_type, TTL=self.ttl_seconds)
        return (
            create(
                servicediscovery.Service,
                LOGICAL_ID,
                Name=default_name if self.name is None else self.name,
                NamespaceId=self.namespace,
                DnsConfig=create(servicediscovery.DnsConfig, DnsRecords=[record], RoutingPolicy="MULTIVALUE"),
                HealthCheckCustomConfig=create(servicediscovery.HealthCheckCustomConfig, FailureThreshold=1),
            ),
        )

    def registry(self) -> ecs.ServiceRegistry:
        """The property of the ECS service."""
        optional: dict[str, Any] = {}
        if self.container is not None:
            optional = {"ContainerName": self.container, "ContainerPort": self.port}
        elif self.port is not None:
            optional = {"Port": self.port}
        return create(ecs.ServiceRegistry, RegistryArn=GetAtt(LOGICAL_ID, "Arn"), **optional)


def discovery_clashes(services: Mapping[str, tuple[str, ServiceDiscovery | None]]) -> Iterator[Problem]:
    """Report services of a definition with the same name in one namespace. Paths start at the definition.

    services: the name and the discovery of each service by its key.
    https://docs.aws.amazon.com/cloud-map/latest/api/API_CreateService.html"""
    taken: dict[tuple[str, str], str] = {}
    for key, (name, discovery) in services.items():
        if discovery is None:
            continue
        own_name = discovery.name or name
        dns_name = (shown(discovery.namespace), shown(own_name).lower())
        if dns_name in taken:
            text = f"the service {taken[dns_name]} is also named {shown(own_name)} in this namespace"
            path = ("services", key, "service_discovery", "name")
            yield Problem("discovery-name", path, text, "set another name for one of them")
        taken.setdefault(dns_name, key)


def _record_problems(discovery: ServiceDiscovery, task_definition: TaskDefinition) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceRegistry.html"""
    mode, container, port = task_definition.network_mode, discovery.container, discovery.port
    if mode == "none":
        text = "service_discovery is not supported in network_mode none"
        yield Problem("discovery-record", (), text, "remove service_discovery, or use another network_mode")
    elif discovery.record_type == "A":
        yield from _address_problems(discovery, mode)
    elif port is None:
        yield Problem("discovery-record", (), "record_type SRV requires a port", "set container and port")
    elif container is None and mode != "awsvpc":
        text = f"record_type SRV requires a container in network_mode {mode}"
        yield Problem("discovery-record", (), text, "set container")
    elif container is not None and port not in task_definition.ports_of(container):
        text = f"the task definition has no container {quoted(container)} that listens on port {port}"
        names = dict.fromkeys(each.name for each in task_definition.containers)
        known = (f"{name}:{number}" for name in names for number in task_definition.ports_of(name))
        yield Problem("discovery-record", ("port",), text, there_are(known))


def _address_problems(discovery: ServiceDiscovery, mode: str) -> Iterator[Problem]:
    if mode != "awsvpc":
        text = f"record_type must be SRV in network_mode {mode}, got A"
        yield Problem("discovery-record", ("record_type",), text, "use record_type: SRV with container and port")
        return
    for name in ("container", "port"):
        if getattr(discovery, name) is not None:
            text = f"{name} requires record_type SRV, got A"
            yield Problem("discovery-record", (name,), text, f"remove {name}, or use record_type: SRV")
