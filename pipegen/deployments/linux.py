"""Settings of the Linux kernel for a container.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LinuxParameters.html"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Literal

from pipegen import facts
from pipegen.fields.constraints import Between
from pipegen.fields.listed import Listed
from pipegen.model import Model
from pipegen.values import Value

_CAPABILITY = Listed("capability of the Linux kernel", partial(facts.enum, "ecs.KernelCapability"))
_LIMIT = Listed("type of limit", partial(facts.enum, "ecs.UlimitName"), closed=True, code="wrong-value")


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelCapabilities(Model):
    """Linux capabilities of a container, beside or instead of Docker's default ones.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_KernelCapabilities.html"""

    add: Sequence[Annotated[Value, _CAPABILITY]] = ()
    """Capabilities that are added. Fargate supports SYS_PTRACE only."""
    drop: Sequence[Annotated[Value, _CAPABILITY]] = ()
    """Capabilities that are removed, such as ALL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Device(Model):
    """A device of the instance in a container.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Device.html"""

    host_path: Value
    """The path of the device on the instance."""
    container_path: Value | None = None
    """The path of the device in the container. Default: the same path."""
    permissions: Sequence[Literal["read", "write", "mknod"]] = ()
    """What the container may do with the device. Default: read, write and mknod."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tmpfs(Model):
    """A directory in memory.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Tmpfs.html"""

    container_path: Value
    """The absolute path of the directory in the container."""
    size: int
    """The maximum size in MiB."""
    mount_options: Sequence[Value] = ()
    """Options of the mount, such as noexec."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinuxParameters(Model):
    """Settings of the Linux kernel for a container.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LinuxParameters.html"""

    capabilities: KernelCapabilities | None = None
    """Capabilities that are added to or removed from Docker's default ones."""
    devices: Sequence[Device] = ()
    """Devices of the instance in the container. Not supported on Fargate."""
    init_process_enabled: bool | None = None
    """Whether an init process forwards signals and reaps processes. Default: false."""
    shared_memory_size: int | None = None
    """The size of /dev/shm in MiB. Not supported on Fargate."""
    tmpfs: Sequence[Tmpfs] = ()
    """Directories in memory."""
    max_swap: int | None = None
    """MiB of swap memory that the container may use; 0 for none. Not supported on Fargate."""
    swappiness: Annotated[int, Between(0, 100)] | None = None
    """How readily memory is swapped: 0 only if necessary, 100 aggressively. Not supported on Fargate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ulimit(Model):
    """A limit of a container's processes.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Ulimit.html"""

    name: Annotated[Value, _LIMIT]
    """The type of the limit, such as nofile."""
    soft_limit: int
    """The limit that applies, which a process may raise up to `hard_limit`. The unit depends on the type."""
    hard_limit: int
    """The highest value of the soft limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemControl(Model):
    """A kernel parameter of a container.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_SystemControl.html"""

    namespace: Value
    """The name of the parameter, such as net.ipv4.tcp_keepalive_time."""
    value: Value
    """The value of the parameter."""
