"""Settings that tasks with Windows containers do not support.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipegen.ecs.tasks.task_definition import TaskDefinition
from pipegen.errors import Problem

_CONTAINER_FIELDS = (
    *("environment_files", "extra_hosts", "links", "linux_parameters", "privileged", "readonly_root_filesystem"),
    *("system_controls", "ulimits", "user"),
)
_TASK_FIELDS = ("pid_mode", "ipc_mode")
"""https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html"""
_FARGATE_FIELDS = ("ephemeral_storage",)
"""https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-storage.html"""
_FARGATE_FAMILIES = "WINDOWS_SERVER_(?:2019|202[2-9])_"
"""From 2019 on, without semi-annual releases.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/platform-windows-fargate.html"""


def windows_problems(task: TaskDefinition) -> Iterator[Problem]:
    """Check a task with Windows containers. Paths start at the task definition."""
    platform = task.runtime_platform
    if platform is not None and platform.cpu_architecture == "ARM64":
        text = f"cpu_architecture must be X86_64 with {platform.operating_system_family}, got ARM64"
        path = ("runtime_platform", "cpu_architecture")
        yield Problem("task-windows", path, text, "remove cpu_architecture")
    family = platform.operating_system_family if platform is not None else None
    if task.is_for_fargate and isinstance(family, str) and not re.match(_FARGATE_FAMILIES, family):
        path = ("runtime_platform", "operating_system_family")
        fix = "use a later version, such as WINDOWS_SERVER_2022_CORE"
        yield Problem("task-windows", path, f"Fargate does not support {family}", fix, "warning")
    for name in (*_TASK_FIELDS, *(_FARGATE_FIELDS if task.is_for_fargate else ())):
        if getattr(task, name):
            yield Problem("task-windows", (name,), f"tasks on Windows do not support {name}", f"remove {name}")
    for index, volume in enumerate(task.volumes):
        if volume.efs_volume_configuration is not None:
            where = ("volumes", index, "efs_volume_configuration")
            fix = "use FSx for Windows, on instances"
            yield Problem("task-windows", where, "tasks on Windows do not support EFS", fix)
    yield from _container_problems(task)


def _container_problems(task: TaskDefinition) -> Iterator[Problem]:
    for index, container in enumerate(task.containers):
        for name in _CONTAINER_FIELDS:
            if getattr(container, name):
                text = f"containers on Windows do not support {name}"
                yield Problem("task-windows", ("containers", index, name), text, f"remove {name}")
        if task.is_for_fargate and container.restart_policy is not None and container.restart_policy.enabled:
            # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-restart-policy.html
            text = "Fargate does not restart containers on Windows"
            yield Problem("task-windows", ("containers", index, "restart_policy"), text, "remove restart_policy")
