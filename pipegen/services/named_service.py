"""Named services: the names of a service's stack, resources, parameters and exports within a definition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from troposphere import ImportValue

from pipegen.ecs.cluster import Cluster
from pipegen.ecs.roles import role_arn
from pipegen.frozen import frozen
from pipegen.model.repository import Repository
from pipegen.pipeline.pipeline import LocatedAction
from pipegen.services.service import EcsService
from pipegen.syntax.names import logical_id
from pipegen.values.value import Value

TASK_ROLE, EXECUTION_ROLE = "TaskRole", "ExecutionRole"
EXPORTED: Mapping[str, str] = {f"{role}Arn": "AWS::IAM::Role.Arn" for role in (TASK_ROLE, EXECUTION_ROLE)}
"""The exported outputs of a service's stack, each with the resource type and attribute that it refers to."""


def default_stack(definition: str, key: str) -> str:
    """The default of the name of a service and its stack."""
    return f"{definition}-{key}"


def export_name(stack: str, output: str) -> str:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/outputs-section-structure.html"""
    return f"{stack}-{output}"


@frozen(kw_only=True)
class NamedService:
    """A service with the names its definition gives it. `repositories`: the repositories of each container's images."""

    definition: str
    key: str
    service: EcsService
    repositories: Mapping[str, Sequence[Repository]]

    @property
    def stack_name(self) -> str:
        return self.service.stack_name or default_stack(self.definition, self.key)

    @property
    def name(self) -> str:
        return self.service.name or default_stack(self.definition, self.key)

    @property
    def cluster_name(self) -> Value:
        return self.service.cluster_name

    @property
    def creates_cluster(self) -> bool:
        return Cluster.of(self.service.cluster).create

    @property
    def family(self) -> Value:
        return self.service.task_definition.family or self.name

    @property
    def log_group_name(self) -> str:
        return f"/ecs/{self.name}"

    @property
    def containers(self) -> tuple[str, ...]:
        """The containers whose image the pipeline builds."""
        return self.service.task_definition.awaiting_images

    def image_parameter(self, container: str) -> str:
        """The name of the stack's parameter with the image."""
        return logical_id(container, "Image")

    def recorded_image(self, container: str) -> str:
        """The name of the SSM parameter in which the pipeline records the image that it deployed."""
        return f"/pipegen/{self.definition}/{self.key}/{container}/image"

    @property
    def created_roles(self) -> tuple[str, ...]:
        """The logical ids of the roles that the stack creates."""
        return tuple(role for role, existing in self._existing_roles.items() if existing is None)

    @property
    def _existing_roles(self) -> Mapping[str, Value | None]:
        task_definition = self.service.task_definition
        return {TASK_ROLE: task_definition.task_role, EXECUTION_ROLE: task_definition.execution_role}

    def export(self, output: str) -> str:
        """The name under which the stack exports one of its outputs."""
        return export_name(self.stack_name, output)

    @property
    def imported_roles(self) -> tuple[Value, Value]:
        """The ARNs of the task role and the execution role, as other stacks refer to them."""
        return self._role(TASK_ROLE), self._role(EXECUTION_ROLE)

    def _role(self, role: str) -> Value:
        existing = self._existing_roles[role]
        return ImportValue(self.export(f"{role}Arn")) if existing is None else role_arn(existing)


def named_services(
    definition: str, services: Mapping[str, EcsService], actions: Sequence[LocatedAction]
) -> list[NamedService]:
    """Name the services of a definition, and find the repositories that its actions push their images to."""
    built: dict[str, list[Repository]] = {}
    for located in actions:
        for pushed in located.action.pushes():
            if pushed.container is not None:
                built.setdefault(pushed.container, []).append(pushed.repository)
    return [
        NamedService(definition=definition, key=key, service=service, repositories=_repositories(service, built))
        for key, service in services.items()
    ]


def _repositories(service: EcsService, built: Mapping[str, Sequence[Repository]]) -> Mapping[str, Sequence[Repository]]:
    further = [Repository.of(each) for each in service.repositories]
    return {container: [*built.get(container, ()), *further] for container in service.task_definition.awaiting_images}
