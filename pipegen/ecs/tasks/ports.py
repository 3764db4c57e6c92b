"""The ports of containers.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Literal

from pipegen.errors import Problem, quoted
from pipegen.fields.constraints import Between, Matches
from pipegen.fields.model import Mapped, Model
from pipegen.frozen import frozen
from pipegen.values.shape import shown
from pipegen.values.value import Value

if TYPE_CHECKING:
    from pipegen.ecs.tasks.container import Container

PORT = Between(1, 65_535)
_NAME = Matches(r"[a-z0-9_][a-z0-9_-]{0,63}", "1 to 64 lower-case letters, digits, _ or -, not - first")
_APPLICATION = Matches(
    "http|http2|grpc",
    "http, http2 or grpc",
    "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html",
    "wrong-value",
)
_RESERVED = (22, 2375, 2376, 51678, 51679, 51680)
"""Of an instance by default: SSH, Docker and the ECS agent.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html (hostPort)"""
_RANGE = r"[0-9]{1,5}-[0-9]{1,5}"


@frozen(kw_only=True)
class PortMapping(Model):
    """A port that a container listens on. A number stands for a mapping with only `container_port`.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html"""

    container_port: Annotated[int, PORT] | None = None
    """The port in the container. A mapping has either `container_port` or `container_port_range`."""
    host_port: Annotated[int, Between(0, 65_535)] | None = None
    """The port of the instance in the network mode bridge. Default, and 0: a dynamic one. In the modes awsvpc and host
    it is the container's own port, so leave it out."""
    protocol: Literal["tcp", "udp"] | None = None
    """The protocol. Default: tcp."""
    name: Annotated[str, _NAME] | None = None
    """The name of the port in Service Connect and VPC Lattice."""
    app_protocol: Annotated[Value, _APPLICATION] | None = None
    """The protocol of the application in Service Connect: http, http2 or grpc. Default: TCP."""
    container_port_range: str | None = None
    """A range of ports such as `8000-8010`, the smaller one first. ECS chooses the ports of the instance."""

    @property
    def ports(self) -> range:
        """The container's ports, as far as they are ports at all."""
        if self.container_port is not None:
            return range(self.container_port, self.container_port + 1)
        first, last = _ends(self.container_port_range or "")
        return range(first, last + 1)


Port = Annotated[int | PortMapping, Mapped(PortMapping, otherwise=Annotated[int, PORT])]


def mapping(port: int | PortMapping) -> PortMapping:
    return port if isinstance(port, PortMapping) else PortMapping(container_port=port)


def mappings(ports: Iterable[int | PortMapping]) -> list[PortMapping]:
    return [mapping(port) for port in ports]


def _ends(text: str) -> tuple[int, int]:
    if not re.fullmatch(_RANGE, text):
        return (1, 0)
    first, last = map(int, text.split("-"))
    return (first, last) if 1 <= first < last <= 65535 else (1, 0)


def port_problems(containers: Sequence[Container], network_mode: str) -> Iterator[Problem]:
    """What is wrong with the ports of a task's containers; paths start at the list of containers."""
    takers: dict[_Claim, str] = {}
    named: set[str] = set()
    for index, container in enumerate(containers):
        for number, port in enumerate(container.ports):
            made = mapping(port)
            for problem in (*_own_problems(made), *_mode_problems(made, network_mode)):
                yield problem.under(index, "ports", number)
            claims = sorted(_claims(made, container.name, network_mode))
            for space, taken, protocol in [claim for claim in claims if claim in takers][:1]:
                text = (
                    f"port {taken}/{protocol} is taken already, by container {quoted(takers[space, taken, protocol])}"
                )
                yield Problem("task-port", (index, "ports", number), text, "give each a port of its own")
            takers.update(dict.fromkeys(claims, container.name))
            if made.name in named:
                text = f"another port of the task has the name {quoted(made.name)}"
                yield Problem("task-port", (index, "ports", number, "name"), text, "give each port a name of its own")
            named.update([made.name] if made.name else ())


_Claim = tuple[str, int, str]


def _claims(port: PortMapping, container: str, network_mode: str) -> Iterator[_Claim]:
    """The ports that it takes for itself: of its container, and of the network of the task or of the host."""
    protocol = port.protocol or "tcp"
    for each in port.ports:
        yield f"container {container}", each, protocol
        if network_mode in ("awsvpc", "host"):
            yield "network", each, protocol
    if network_mode == "bridge" and port.host_port:
        yield "network", port.host_port, protocol


def _own_problems(port: PortMapping) -> Iterator[Problem]:
    if (port.container_port is None) == (port.container_port_range is None):
        text = "a port mapping has either container_port or container_port_range"
        yield Problem("task-port", (), text, "keep one of them")
    if port.container_port_range is not None:
        yield from _range_problems(port)
    if port.app_protocol is not None and port.protocol == "udp":
        text = f"app_protocol is {shown(port.app_protocol)}, which runs over TCP, and protocol is udp"
        yield Problem("task-port", ("app_protocol",), text, "leave one of them out")
    elif port.app_protocol is not None and port.name is None:
        text = "app_protocol is for Service Connect, which knows ports by name, and this one has none"
        yield Problem("task-port", ("app_protocol",), text, "add name:, or leave app_protocol out", "warning")


def _range_problems(port: PortMapping) -> Iterator[Problem]:
    path = ("container_port_range",)
    if _ends(port.container_port_range or "") == (1, 0):
        text = f"{quoted(port.container_port_range)} is no range of ports"
        yield Problem("task-port", path, text, "two ports, the smaller first, such as 8000-8010")
    if port.host_port is not None:
        yield Problem("task-port", ("host_port",), "ECS itself finds the host ports of a range", "leave host_port out")


def _mode_problems(port: PortMapping, network_mode: str) -> Iterator[Problem]:
    if network_mode == "none":
        yield Problem("task-port", (), "in the network mode none there are no ports", "leave ports out")
    if network_mode == "host" and port.container_port_range is not None:
        text = "a range of ports is for the network modes awsvpc and bridge"
        yield Problem("task-port", ("container_port_range",), text, "list the ports one by one")
    taken = port.host_port if network_mode == "bridge" else port.container_port
    if network_mode in ("bridge", "host") and taken in _RESERVED:
        text = f"port {taken} of an instance is reserved by default, for SSH, Docker or the ECS agent"
        field = "host_port" if port.host_port is not None else "container_port"
        yield Problem("task-port", (field,), text, "use another port", "warning")
    if network_mode not in ("awsvpc", "host") or port.host_port is None or port.container_port is None:
        return
    if port.host_port != port.container_port and 0 <= port.host_port <= 65535:
        text = f"in the network mode {network_mode} port {port.container_port} has no other host port"
        yield Problem("task-port", ("host_port",), text, "leave host_port out")
