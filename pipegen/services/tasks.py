"""Task definitions completed by their service: family, roles, logs, and the port of the first image."""

from __future__ import annotations

from dataclasses import replace

from pipegen.ecs.tasks.container import Container
from pipegen.ecs.tasks.logs import LogConfiguration
from pipegen.ecs.tasks.task_definition import TaskDefinition
from pipegen.services.images import environment
from pipegen.services.named_service import NamedService
from pipegen.values.value import Value

AWSLOGS = "awslogs"


def task_definition(
    named: NamedService, task_role: Value, execution_role: Value, log_group: Value | None = None
) -> TaskDefinition:
    """The task definition of a service with these roles. log_group: a reference to the log group. Default: its name."""
    group = named.log_group_name if log_group is None else log_group
    written = named.service.task_definition
    return replace(
        written,
        family=named.family,
        task_role=task_role,
        execution_role=execution_role,
        containers=[_container(named, container, group) for container in written.containers],
    )


def imported_task_definition(named: NamedService) -> TaskDefinition:
    """The task definition as stacks other than the service's refer to its roles."""
    task_role, execution_role = named.imported_roles
    return task_definition(named, task_role, execution_role)


def writes_log(named: NamedService) -> bool:
    """Whether any container writes to the log group of the service."""
    return any(container.log_configuration is None for container in named.service.task_definition.containers)


def _container(named: NamedService, container: Container, log_group: Value) -> Container:
    log = container.log_configuration or LogConfiguration(
        driver=AWSLOGS,
        options={
            "awslogs-group": log_group,
            "awslogs-region": named.region,
            "awslogs-stream-prefix": container.name,
        },
    )
    added = environment(named.service, container)
    return replace(container, log_configuration=log, environment={**container.environment, **added})
