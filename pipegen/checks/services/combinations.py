"""Checks of settings of a service that do not work together."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, floor

from pipegen.codedeploy.service_deployment import CodeDeploy
from pipegen.ecs.strategy import Rolling
from pipegen.ecs.tasks.container import Container
from pipegen.ecs.tasks.ports import mapping
from pipegen.errors import Problem, quoted
from pipegen.services.service import EcsService
from pipegen.values.number import known

_WRITTEN_BY_EXEC = ("/var/lib/amazon", "/var/log/amazon")


def exec_problems(service: EcsService) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html#ecs-exec-considerations"""
    for index, container in enumerate(service.task_definition.containers):
        if service.execute_command and container.readonly_root_filesystem and not _writable_for_exec(container):
            path = ("task_definition", "containers", index, "readonly_root_filesystem")
            text = f"ECS Exec does not work in {quoted(container.name)}: its agent writes to the root file system"
            fix = f"mount volumes at {' and '.join(_WRITTEN_BY_EXEC)}, or remove execute_command"
            yield Problem("service-exec", path, text, fix, severity="warning")


def _writable_for_exec(container: Container) -> bool:
    mounted = {str(each.container_path).rstrip("/") for each in container.mount_points if not each.read_only}
    return mounted.issuperset(_WRITTEN_BY_EXEC)


def progress_problems(service: EcsService) -> Iterator[Problem]:
    """Find deployments in which ECS can neither start a new task nor stop an old one."""
    yield from _rounded(service)
    if service.fargate or service.scheduling_strategy == "DAEMON" or not _beside_each_other(service):
        return
    reason = _one_on_an_instance(service)
    if reason is not None:
        text = f"{reason}, but a deployment keeps all old tasks until new ones run"
        fix = "provide more instances than tasks"
        if isinstance(service.deployment, Rolling):
            fix += ", or lower minimum_healthy_percent in deployment"
        yield Problem("service-instances", ("deployment",), text, fix, severity="warning")


def _rounded(service: EcsService) -> Iterator[Problem]:
    """Find percentages that leave no room to replace a task: ECS rounds the minimum up and the maximum down to whole
    tasks. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html"""
    rolling = service.deployment
    if not isinstance(rolling, Rolling) or service.scheduling_strategy == "DAEMON" or any(rolling.problems()):
        return
    count, low, high = _tasks(service), known(rolling.minimum_healthy_percent), known(rolling.maximum_percent)
    if count is None or low is None or high is None:
        return
    if count > 0 and _least(low, count) >= count and floor(count * high / 100) <= count:
        tasks = "1 task" if count == 1 else f"{count} tasks"
        text = f"{low} to {high} percent of {tasks} is {tasks}, so no task can be replaced"
        fix = f"set maximum_percent to {ceil((count + 1) * 100 / count)}, or lower minimum_healthy_percent"
        yield Problem("strategy-percent", ("deployment",), text, fix)


def _tasks(service: EcsService) -> int | None:
    """Return the number of tasks; None if it is an expression."""
    if service.autoscaling is not None:
        return known(service.autoscaling.minimum)
    return 1 if service.desired_count is None else known(service.desired_count)


def _least(percent: int, count: int) -> int:
    return ceil(count * percent / 100)


def _beside_each_other(service: EcsService) -> bool:
    """Return whether a deployment starts a new task while all old ones run."""
    if isinstance(service.deployment, Rolling):
        count, percent = _tasks(service), known(service.deployment.minimum_healthy_percent)
        return count is not None and percent is not None and count > 0 and _least(percent, count) >= count
    return True


def _one_on_an_instance(service: EcsService) -> str | None:
    """Return why an instance can run only one task of the service, or None."""
    task = service.task_definition
    ports = [mapping(port) for each in task.containers for port in each.ports]
    if task.network_mode == "host" and ports:
        return "in network mode host an instance can run one task that uses these ports"
    fixed = next((each.host_port for each in ports if each.host_port), None)
    if task.network_mode == "bridge" and fixed is not None:
        return f"an instance can run one task with host_port {fixed}"
    return None


def volume_problems(service: EcsService) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/configure-ebs-volume.html"""
    if "VolumeConfigurations" in service.overrides.get("Service", {}) and not isinstance(
        service.deployment, CodeDeploy
    ):
        return
    for index, volume in enumerate(service.task_definition.volumes):
        if volume.configured_at_launch:
            path = ("task_definition", "volumes", index, "configured_at_launch")
            text = f"volume {quoted(volume.name)} has no configuration at launch"
            fix = "use an EFS volume or ephemeral_storage, or overrides: {Service: {VolumeConfigurations: […]}}"
            yield Problem("task-volume", path, text, fix)
