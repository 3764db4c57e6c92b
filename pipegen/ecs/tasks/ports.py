"""The ports of containers.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import KW_ONLY
from typing import Annotated, Literal

from pipegen.fields.constraints import Between, Matches
from pipegen.fields.marks import Mapped
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.values.number import IntegerValue
from pipegen.values.value import Value

PORT = Between(1, 65_535)
_NAME = Matches(r"[a-z0-9_][a-z0-9_-]{0,63}", "1 to 64 lower-case letters, digits, _ or -, not - first")
_APPLICATION = Matches(
    "http|http2|grpc",
    "http, http2 or grpc",
    "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html",
    "wrong-value",
)
_RANGE = r"[0-9]{1,5}-[0-9]{1,5}"


@frozen
class PortMapping(Model):
    """A port that a container listens on. A number is short for a mapping with only `container_port`.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html"""

    container_port: Annotated[int, PORT] | None = None
    """The port in the container. A mapping has either `container_port` or `container_port_range`. A number, because
    load balancers, the AppSpec and security groups refer to the port by it."""
    _: KW_ONLY
    host_port: Annotated[IntegerValue, Between(0, 65_535)] | None = None
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
        """The container's ports; none if they are not valid."""
        if self.container_port is not None:
            return range(self.container_port, self.container_port + 1)
        first, last = range_ends(self.container_port_range or "")
        return range(first, last + 1)


Port = Annotated[int | PortMapping, Mapped(PortMapping, otherwise=Annotated[int, PORT])]


def mapping(port: int | PortMapping) -> PortMapping:
    return port if isinstance(port, PortMapping) else PortMapping(container_port=port)


def numbers(port: int | PortMapping) -> Sequence[int]:
    """The ports that a container listens on."""
    return port.ports if isinstance(port, PortMapping) else (port,)


def mappings(ports: Iterable[int | PortMapping]) -> list[PortMapping]:
    return [mapping(port) for port in ports]


def range_ends(text: str) -> tuple[int, int]:
    """The first and last port of a range such as `8000-8010`; (1, 0) if the text is not a valid range."""
    if not re.fullmatch(_RANGE, text):
        return (1, 0)
    first, last = map(int, text.split("-"))
    return (first, last) if 1 <= first < last <= 65535 else (1, 0)
