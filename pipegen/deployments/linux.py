"""What a container is given of the kernel.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LinuxParameters.html"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pipegen.model import Model
from pipegen.values import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelCapabilities(Model):
    """Added to Docker's default, such as SYS_PTRACE (the only one on Fargate), or dropped from it, such as ALL."""

    add: Sequence[Value] = ()
    drop: Sequence[Value] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Device(Model):
    """A device of the instance; container_path: where it is in the container, the same place unless given."""

    host_path: Value
    container_path: Value | None = None
    permissions: Sequence[Literal["read", "write", "mknod"]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tmpfs(Model):
    """A directory in memory. size: MiB."""

    container_path: Value
    size: int
    mount_options: Sequence[Value] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LinuxParameters(Model):
    """shared_memory_size, max_swap: MiB. swappiness: 0 to 100. init_process_enabled: reap processes and pass signals.

    On Fargate there are neither devices nor shared_memory_size, max_swap and swappiness.
    """

    capabilities: KernelCapabilities | None = None
    devices: Sequence[Device] = ()
    init_process_enabled: bool | None = None
    shared_memory_size: int | None = None
    tmpfs: Sequence[Tmpfs] = ()
    max_swap: int | None = None
    swappiness: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ulimit(Model):
    """A limit of the container's processes. name: such as nofile."""

    name: Value
    soft_limit: int
    hard_limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemControl(Model):
    """A kernel parameter of the container's own, such as net.ipv4.tcp_keepalive_time."""

    namespace: Value
    value: Value
