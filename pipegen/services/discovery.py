"""The names in DNS by which others find a service's tasks, through Cloud Map.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-discovery.html"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from troposphere import AWSObject, GetAtt, ecs, servicediscovery

from pipegen.deployments.task_definition import TaskDefinition
from pipegen.errors import Problem, one_line, there_are
from pipegen.fields.gaps import is_known
from pipegen.model import Model
from pipegen.values import Value

LOGICAL_ID = "DiscoveryService"

_LABEL = r"(?:[a-zA-Z0-9_][a-zA-Z0-9_-]{0,61}[a-zA-Z0-9_]|[a-zA-Z0-9])"
_NAME = rf"(?=.{{1,127}}$){_LABEL}(?:\.{_LABEL})*"
"""https://docs.aws.amazon.com/cloud-map/latest/api/API_CreateService.html"""

_LONGEST_TTL = 2**31 - 1
"""https://docs.aws.amazon.com/cloud-map/latest/api/API_DnsRecord.html"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceDiscovery(Model):
    """A name for a service's tasks in a namespace of Cloud Map: `<name>.<namespace>`.

    namespace: its id; one with DNS, and of the account itself. name: the service's own unless given.
    record_type: A: addresses of tasks in the network mode awsvpc. SRV: addresses and ports; in the modes bridge and
        host the only one.
    container, port: of SRV records; in the network mode awsvpc the port alone will do.
    ttl_seconds: how long answers may be kept.
    """

    namespace: Value
    name: str | None = None
    record_type: Literal["A", "SRV"] = "A"
    ttl_seconds: int = 60
    container: str | None = None
    port: int | None = None

    def problems(self, task_definition: TaskDefinition, default_name: str | None = None) -> Iterator[Problem]:
        """Paths start at the service discovery. default_name: the service's, where it is known."""
        yield from _name_problems(self, default_name)
        if not 0 <= self.ttl_seconds <= _LONGEST_TTL:
            text = f"{self.ttl_seconds} seconds"
            yield Problem("discovery-record", ("ttl_seconds",), text, f"0 to {_LONGEST_TTL:,}")
        yield from _record_problems(self, task_definition)

    def resources(self, default_name: str) -> Sequence[AWSObject]:
        """Cloud Map's side. ECS itself says which tasks are healthy, and FailureThreshold is always 1.
        https://docs.aws.amazon.com/cloud-map/latest/api/API_HealthCheckCustomConfig.html"""
        record = servicediscovery.DnsRecord(Type=self.record_type, TTL=self.ttl_seconds)
        return (
            servicediscovery.Service(
                LOGICAL_ID,
                Name=default_name if self.name is None else self.name,
                NamespaceId=self.namespace,
                DnsConfig=servicediscovery.DnsConfig(DnsRecords=[record], RoutingPolicy="MULTIVALUE"),
                HealthCheckCustomConfig=servicediscovery.HealthCheckCustomConfig(FailureThreshold=1),
            ),
        )

    def registry(self) -> ecs.ServiceRegistry:
        """As the service has it."""
        optional: dict[str, Any] = {}
        if self.container is not None:
            optional = {"ContainerName": self.container, "ContainerPort": self.port}
        elif self.port is not None:
            optional = {"Port": self.port}
        return ecs.ServiceRegistry(RegistryArn=GetAtt(LOGICAL_ID, "Arn"), **optional)


def _name_problems(discovery: ServiceDiscovery, default_name: str | None) -> Iterator[Problem]:
    """ECS registers tasks in no namespace of another account, so an ARN is of no use. What an id looks like:
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/create-service-discovery.html"""
    if is_known(discovery.namespace) and not re.fullmatch(r"ns-[a-z0-9]+", discovery.namespace):
        text = f"{one_line(repr(discovery.namespace), 60)} is no id of a namespace"
        yield Problem("discovery-name", ("namespace",), text, "such as ns-e1tpmexample0001; not its name, not its ARN")
    name = default_name if discovery.name is None else discovery.name
    if name is not None and not re.fullmatch(_NAME, name):
        text = f"{one_line(repr(name), 60)} is not a valid DNS name"
        fix = "1 to 63 letters, digits, _ or -, neither first nor last -, and such parts with dots between them"
        yield Problem("discovery-name", ("name",), text, fix)


def _record_problems(discovery: ServiceDiscovery, task_definition: TaskDefinition) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceRegistry.html"""
    mode, container, port = task_definition.network_mode, discovery.container, discovery.port
    if mode == "none":
        text = "in the network mode none there is nothing to find"
        yield Problem("discovery-record", (), text, "leave service_discovery out, or use another network_mode")
    elif discovery.record_type == "A":
        yield from _address_problems(discovery, mode)
    elif port is None:
        yield Problem("discovery-record", (), "SRV records have a port", "add container: and port:")
    elif not 1 <= port <= 65535:
        yield Problem("discovery-record", ("port",), f"{port} is no port", "1 to 65535")
    elif container is None and mode != "awsvpc":
        text = f"in the network mode {mode} the port is a container's"
        yield Problem("discovery-record", (), text, "add container:")
    elif container is not None and port not in task_definition.ports_of(container):
        text = f"the task definition has no container {container!r} that listens on port {port}"
        names = dict.fromkeys(each.name for each in task_definition.containers)
        known = (f"{name}:{number}" for name in names for number in task_definition.ports_of(name))
        yield Problem("discovery-record", ("port",), text, there_are(known))


def _address_problems(discovery: ServiceDiscovery, mode: str) -> Iterator[Problem]:
    if mode != "awsvpc":
        text = f"in the network mode {mode} tasks have no address of their own"
        yield Problem("discovery-record", ("record_type",), text, "use record_type: SRV with container: and port:")
        return
    for name in ("container", "port"):
        if getattr(discovery, name) is not None:
            text = f"an A record has no {name}"
            yield Problem("discovery-record", (name,), text, f"leave {name} out, or use record_type: SRV")
