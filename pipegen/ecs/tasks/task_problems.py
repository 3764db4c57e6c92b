"""Problems of a task definition."""

from __future__ import annotations

from collections.abc import Iterator

from pipegen.ecs.query import query_problems
from pipegen.ecs.tasks.container import container_problems
from pipegen.ecs.tasks.container_ports import port_problems
from pipegen.ecs.tasks.dependencies import dependency_problems
from pipegen.ecs.tasks.execution_role import execution_role_problems
from pipegen.ecs.tasks.fargate import fargate_container_problems, fargate_volume_problems
from pipegen.ecs.tasks.hosts import host_problems
from pipegen.ecs.tasks.linux import control_problems, linux_problems
from pipegen.ecs.tasks.log_routers import container_log_problems
from pipegen.ecs.tasks.mounts import mount_problems
from pipegen.ecs.tasks.sizes import fargate_size_problems, instance_size_problems, share_problems
from pipegen.ecs.tasks.task_definition import TaskDefinition
from pipegen.ecs.tasks.volumes import volume_problems
from pipegen.ecs.tasks.windows import windows_problems
from pipegen.errors import Problem, quoted, there_are
from pipegen.model.tags import tag_problems
from pipegen.values.number import known


def task_problems(task: TaskDefinition) -> Iterator[Problem]:
    """Check a task definition. Paths start at the task definition."""
    yield from tag_problems(task.tags)
    if task.family is None:
        yield Problem("missing-key", (), "family is missing", "add family, the name that all revisions share")
    if task.execution_role is None:
        yield from execution_role_problems(task.containers, fargate=task.is_for_fargate)
    yield from _container_problems(task)
    yield from _size_problems(task)
    yield from _network_problems(task)
    yield from _fargate_problems(task)
    for problem in volume_problems(task.volumes):
        yield problem.under("volumes")
    for index, constraint in enumerate(() if task.is_for_fargate else task.placement_constraints):
        for problem in query_problems(constraint.expression):
            yield problem.under("placement_constraints", index, "expression")
    if task.is_windows:
        yield from windows_problems(task)
    if task.ephemeral_storage is not None and not task.is_for_fargate:
        text = "ephemeral_storage has no effect on a task that does not run on Fargate"
        yield Problem("task-size", ("ephemeral_storage",), text, "remove it, or use a volume", "warning")


def _container_problems(task: TaskDefinition) -> Iterator[Problem]:
    if task.containers and not any(container.essential for container in task.containers):
        text = "a task requires at least one essential container"
        yield Problem(
            "task-containers", ("containers", 0, "essential"), text, "remove essential: false from one of them"
        )
    seen: set[str] = set()
    for index, container in enumerate(task.containers):
        if container.name in seen:
            text = f"two containers are named {quoted(container.name)}"
            yield Problem("task-containers", ("containers", index, "name"), text, "rename one of them")
        seen.add(container.name)
        for problem in container_problems(container):
            yield problem.under("containers", index)
        for problem in control_problems(container.system_controls, task.network_mode):
            yield problem.under("containers", index, "system_controls")
        if container.linux_parameters is not None and not task.is_for_fargate:
            for problem in linux_problems(container.linux_parameters):
                yield problem.under("containers", index, "linux_parameters")
    if task.proxy_configuration and task.proxy_configuration.container_name not in seen:
        text = f"the task has no container {quoted(task.proxy_configuration.container_name)}"
        path = ("proxy_configuration", "container_name")
        yield Problem("task-containers", path, text, there_are(sorted(seen)))
    across = (
        *port_problems(task.containers, task.network_mode),
        *container_log_problems(task.containers, fargate=task.is_for_fargate),
        *mount_problems(task.containers, task.volumes),
        *dependency_problems(task.containers),
        *host_problems(task.containers, task.network_mode, fargate=task.is_for_fargate),
    )
    for problem in across:
        yield problem.under("containers")


def _size_problems(task: TaskDefinition) -> Iterator[Problem]:
    if task.is_for_fargate:
        yield from fargate_size_problems(task.cpu, task.memory, windows=task.is_windows)
    else:
        yield from instance_size_problems(task.memory, task.containers)
    yield from share_problems(known(task.cpu), known(task.memory), task.containers)


def _network_problems(task: TaskDefinition) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html (hostname, links)"""
    for index, container in enumerate(task.containers):
        if task.network_mode == "awsvpc" and container.hostname is not None:
            text = "hostname is not supported in network_mode awsvpc"
            yield Problem("task-network", ("containers", index, "hostname"), text, "remove hostname")
        if task.network_mode != "bridge" and container.links and not task.is_for_fargate:
            text = f"links requires network_mode bridge, got {task.network_mode}"
            yield Problem("task-network", ("containers", index, "links"), text, "remove links")


def _fargate_problems(task: TaskDefinition) -> Iterator[Problem]:
    if not task.is_for_fargate:
        return
    if task.network_mode != "awsvpc":
        text = f"network_mode must be awsvpc on Fargate, got {task.network_mode}"
        yield Problem("task-fargate", ("network_mode",), text, "remove network_mode")
    for name in ("placement_constraints", "ipc_mode"):
        if getattr(task, name):
            yield Problem("task-fargate", (name,), f"Fargate does not support {name}", f"remove {name}")
    if task.pid_mode == "host":
        text = "pid_mode must be task on Fargate, got host"
        yield Problem("task-fargate", ("pid_mode",), text, "use task, or remove pid_mode")
    for index, container in enumerate(task.containers):
        for problem in fargate_container_problems(container):
            yield problem.under("containers", index)
    for index, volume in enumerate(task.volumes):
        for problem in fargate_volume_problems(volume):
            yield problem.under("volumes", index)
