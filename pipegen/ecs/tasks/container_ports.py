"""Problems with the ports of a task's containers.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipegen.ecs.tasks.container import Container
from pipegen.ecs.tasks.ports import PortMapping, mapping, range_ends
from pipegen.errors import Problem, quoted
from pipegen.values.number import known
from pipegen.values.shape import shown

_RESERVED = (22, 2375, 2376, 51678, 51679, 51680)
"""Ports that instances reserve by default: SSH, Docker and the ECS agent.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html (hostPort)"""

_NetworkPort = tuple[str, int, str]
"""A network (the container's own or the shared one), a port and a protocol."""


def port_problems(containers: Sequence[Container], network_mode: str) -> Iterator[Problem]:
    """Check the ports of a task's containers. Paths start at the list of containers."""
    users: dict[_NetworkPort, str] = {}
    named: set[str] = set()
    for index, container in enumerate(containers):
        for number, port in enumerate(container.ports):
            port_mapping = mapping(port)
            for problem in (*_mapping_problems(port_mapping), *_mode_problems(port_mapping, network_mode)):
                yield problem.under(index, "ports", number)
            used = sorted(_used_ports(port_mapping, container.name, network_mode))
            for network, taken, protocol in [each for each in used if each in users][:1]:
                user = users[network, taken, protocol]
                text = f"port {taken}/{protocol} is already used by the container {quoted(user)}"
                yield Problem("task-port", (index, "ports", number), text, "use another port")
            users.update(dict.fromkeys(used, container.name))
            if port_mapping.name in named:
                text = f"two ports of the task are named {quoted(port_mapping.name)}"
                yield Problem("task-port", (index, "ports", number, "name"), text, "rename one of them")
            named.update([port_mapping.name] if port_mapping.name else ())


def _used_ports(port: PortMapping, container: str, network_mode: str) -> Iterator[_NetworkPort]:
    """List the ports that a mapping occupies, in its container and in the network of the task or the host."""
    protocol = port.protocol or "tcp"
    for each in port.ports:
        yield f"container {container}", each, protocol
        if network_mode in ("awsvpc", "host"):
            yield "network", each, protocol
    if network_mode == "bridge" and (taken := known(port.host_port)):
        yield "network", taken, protocol


def _mapping_problems(port: PortMapping) -> Iterator[Problem]:
    if (port.container_port is None) == (port.container_port_range is None):
        text = "a port mapping requires exactly one of container_port and container_port_range"
        yield Problem("task-port", (), text, "set one of them")
    if port.container_port_range is not None:
        yield from _range_problems(port)
    if port.app_protocol is not None and port.protocol == "udp":
        text = f"app_protocol {shown(port.app_protocol)} runs over TCP, but protocol is udp"
        yield Problem("task-port", ("app_protocol",), text, "remove one of them")
    elif port.app_protocol is not None and port.name is None:
        text = "app_protocol has no effect on a port without a name, because Service Connect refers to ports by name"
        yield Problem("task-port", ("app_protocol",), text, "set name, or remove app_protocol", "warning")


def _range_problems(port: PortMapping) -> Iterator[Problem]:
    path = ("container_port_range",)
    if range_ends(port.container_port_range or "") == (1, 0):
        text = f"container_port_range must be two ports, the smaller first, got {quoted(port.container_port_range)}"
        yield Problem("task-port", path, text, "write a range such as 8000-8010")
    if port.host_port is not None:
        text = "host_port cannot be set with container_port_range, for which ECS chooses the host ports"
        yield Problem("task-port", ("host_port",), text, "remove host_port")


def _mode_problems(port: PortMapping, network_mode: str) -> Iterator[Problem]:
    if network_mode == "none":
        yield Problem("task-port", (), "ports are not supported in network_mode none", "remove ports")
    if network_mode == "host" and port.container_port_range is not None:
        text = "container_port_range requires network_mode awsvpc or bridge, got host"
        yield Problem("task-port", ("container_port_range",), text, "list the ports one by one")
    host_port = known(port.host_port)
    taken = host_port if network_mode == "bridge" else port.container_port
    if network_mode in ("bridge", "host") and taken in _RESERVED:
        text = f"port {taken} is reserved on instances by default, for SSH, Docker or the ECS agent"
        field = "host_port" if port.host_port is not None else "container_port"
        yield Problem("task-port", (field,), text, "use another port", "warning")
    if network_mode not in ("awsvpc", "host") or host_port is None or port.container_port is None:
        return
    if host_port != port.container_port and 0 <= host_port <= 65535:
        text = f"host_port must equal container_port ({port.container_port}) in network_mode {network_mode}, "
        text += f"got {host_port}"
        yield Problem("task-port", ("host_port",), text, "remove host_port")
