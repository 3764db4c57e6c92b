"""Settings of the Linux kernel for a container.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LinuxParameters.html"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY
from functools import partial
from typing import Annotated, Literal

from pipegen import facts
from pipegen.ecs.tasks.paths import CONTAINER_PATH
from pipegen.errors import Problem
from pipegen.fields.constraints import Between
from pipegen.fields.gaps import is_known
from pipegen.fields.listed import Listed
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.values.number import IntegerValue, known
from pipegen.values.shape import shown
from pipegen.values.value import Value

_CAPABILITY = Listed("capability of the Linux kernel", partial(facts.enum, "ecs.KernelCapability"))
_LIMIT = Listed("type of limit", partial(facts.enum, "ecs.UlimitName"), closed=True, code="wrong-value")
_LEAST = Between(-1)
_UNLIMITED = -1


@frozen(kw_only=True)
class KernelCapabilities(Model):
    """Linux capabilities of a container that differ from Docker's default.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_KernelCapabilities.html"""

    add: Sequence[Annotated[Value, _CAPABILITY]] = ()
    """Capabilities that are added. Fargate supports SYS_PTRACE only."""
    drop: Sequence[Annotated[Value, _CAPABILITY]] = ()
    """Capabilities that are removed, such as ALL."""


@frozen
class Device(Model):
    """A device of the instance in a container.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Device.html"""

    host_path: Value
    """The path of the device on the instance."""
    _: KW_ONLY
    container_path: Value | None = None
    """The path of the device in the container. Default: the same path."""
    permissions: Sequence[Literal["read", "write", "mknod"]] = ()
    """The permissions of the container on the device. Default: read, write and mknod."""


@frozen
class Tmpfs(Model):
    """A directory in memory.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Tmpfs.html"""

    container_path: Annotated[Value, CONTAINER_PATH]
    """The absolute path of the directory in the container."""
    _: KW_ONLY
    size: Annotated[IntegerValue, Between(1)]
    """The maximum size in MiB."""
    mount_options: Sequence[Value] = ()
    """Options of the mount, such as noexec."""


@frozen(kw_only=True)
class LinuxParameters(Model):
    """Settings of the Linux kernel for a container.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LinuxParameters.html"""

    capabilities: KernelCapabilities | None = None
    """Capabilities that are added to or removed from Docker's default."""
    devices: Sequence[Device] = ()
    """Devices of the instance in the container. Not supported on Fargate."""
    init_process_enabled: bool | None = None
    """Whether an init process forwards signals and reaps processes. Default: false."""
    shared_memory_size: Annotated[IntegerValue, Between(0)] | None = None
    """The size of /dev/shm in MiB. Not supported on Fargate."""
    tmpfs: Sequence[Tmpfs] = ()
    """Directories in memory."""
    max_swap: Annotated[IntegerValue, Between(0)] | None = None
    """MiB of swap memory that the container may use; 0 for none. Not supported on Fargate."""
    swappiness: Annotated[IntegerValue, Between(0, 100)] | None = None
    """How readily memory is swapped: 0 only if necessary, 100 aggressively. Not supported on Fargate."""


@frozen
class Ulimit(Model):
    """A limit of a container's processes.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Ulimit.html"""

    name: Annotated[Value, _LIMIT]
    """The type of the limit, such as nofile."""
    _: KW_ONLY
    soft_limit: Annotated[IntegerValue, _LEAST]
    """The limit that applies. A process may raise it up to `hard_limit`. The unit depends on the type; -1 means
    unlimited."""
    hard_limit: Annotated[IntegerValue, _LEAST]
    """The highest value of the soft limit; -1 means unlimited."""


@frozen
class SystemControl(Model):
    """A kernel parameter of a container.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_SystemControl.html"""

    namespace: Value
    """The name of the parameter, such as net.ipv4.tcp_keepalive_time."""
    value: Value
    """The value of the parameter."""


def linux_problems(linux: LinuxParameters) -> Iterator[Problem]:
    """Check the parameters of a container. Paths start at the parameters."""
    if linux.swappiness is not None and linux.max_swap is None:
        text = f"swappiness {linux.swappiness} is ignored without max_swap"
        yield Problem("task-linux", ("swappiness",), text, "set max_swap, or remove swappiness", "warning")


def limit_problems(limits: Sequence[Ulimit]) -> Iterator[Problem]:
    """Report limits that Docker rejects. Paths start at the list of limits.
    https://github.com/docker/go-units/blob/master/ulimit.go"""
    for index, limit in enumerate(limits):
        soft, hard = known(limit.soft_limit), known(limit.hard_limit)
        if soft is None or hard is None:
            continue
        if hard != _UNLIMITED and (soft == _UNLIMITED or soft > hard):
            amount = "unlimited" if soft == _UNLIMITED else str(soft)
            text = f"soft_limit must be at most hard_limit ({hard}), got {amount}"
            yield Problem("task-limit", (index, "soft_limit"), text, "lower soft_limit, or raise hard_limit")


def control_problems(controls: Sequence[SystemControl], network_mode: str) -> Iterator[Problem]:
    """Report kernel parameters that containers cannot set. Paths start at the list of system controls.
    https://docs.docker.com/reference/cli/docker/container/run/#sysctl"""
    for index, control in enumerate(controls):
        if not is_known(control.namespace):
            continue
        if not re.fullmatch(_NAMESPACED, control.namespace):
            text = f"{shown(control.namespace)} is not a kernel parameter that can be set for a container"
            fix = (
                "set it on the instance; containers can set net.*, fs.mqueue.*, kernel.msg*, kernel.shm* and kernel.sem"
            )
            yield Problem("task-linux", (index, "namespace"), text, fix)
        elif network_mode == "host" and control.namespace.startswith("net."):
            text = f"containers cannot set {control.namespace} in network_mode host"
            yield Problem("task-linux", (index, "namespace"), text, "remove it, or use another network_mode")


_NAMESPACED = (
    r"net\..+|fs\.mqueue\..+|kernel\.(?:msgmax|msgmnb|msgmni|sem|shmall|shmmax|shmmni|shm_rmid_forced|domainname)"
)
