"""Problems with name resolution in containers: /etc/hosts, DNS servers and links."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Sequence

from pipegen.ecs.tasks.container import Container
from pipegen.errors import Problem, there_are
from pipegen.fields.gaps import is_known
from pipegen.values.shape import shown

_GATEWAY = "host-gateway"
"""Docker's name for the address of the instance.
https://docs.docker.com/reference/cli/docker/container/run/#add-host"""
_HOST = r"[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,253}[A-Za-z0-9_])?"


def host_problems(containers: Sequence[Container], network_mode: str, *, fargate: bool) -> Iterator[Problem]:
    """Report values that Docker rejects. Paths start at the list of containers.

    fargate: whether the task also runs on Fargate, where these fields are not supported; that is reported elsewhere.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html (extraHosts, links)"""
    names = [container.name for container in containers]
    for index, container in enumerate(containers):
        if container.extra_hosts and network_mode == "awsvpc" and not fargate:
            text = "extra_hosts is not supported in network_mode awsvpc"
            yield Problem("task-network", (index, "extra_hosts"), text, "remove extra_hosts, or use DNS")
        for problem in (*_entry_problems(container), *_server_problems(container)):
            yield problem.under(index)
        others = [name for name in names if name != container.name]
        for number, link in enumerate(container.links if network_mode == "bridge" else ()):
            if is_known(link) and link.split(":")[0] not in others:
                text = f"the task has no other container for the link {shown(link)}"
                yield Problem("task-network", (index, "links", number), text, there_are(others))


def _entry_problems(container: Container) -> Iterator[Problem]:
    for number, entry in enumerate(container.extra_hosts):
        if is_known(entry.hostname) and not re.fullmatch(_HOST, entry.hostname):
            text = f"hostname must be a host name, got {shown(entry.hostname)}"
            yield Problem("task-network", ("extra_hosts", number, "hostname"), text, "use a name such as db.internal")
        address = entry.ip_address
        if is_known(address) and address != _GATEWAY and not _is_address(address):
            text = f"ip_address must be an IP address, got {shown(address)}"
            yield Problem(
                "task-network", ("extra_hosts", number, "ip_address"), text, "use an address such as 10.0.0.5"
            )


def _server_problems(container: Container) -> Iterator[Problem]:
    for number, server in enumerate(container.dns_servers):
        if is_known(server) and not _is_address(server):
            text = f"dns_servers must be IP addresses, got {shown(server)}"
            yield Problem("task-network", ("dns_servers", number), text, "use an address such as 10.0.0.2")


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
