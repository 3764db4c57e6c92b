"""Named services: the names of a service's stack, resources, parameters and exports within a definition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from troposphere import ImportValue

from pipegen.ecs.cluster import Cluster
from pipegen.ecs.roles import role_arn
from pipegen.frozen import frozen
from pipegen.model.environment import Environment, Environments
from pipegen.model.repository import Repository
from pipegen.pipeline.located import LocatedAction
from pipegen.services.exports import EXECUTION_ROLE, TASK_ROLE
from pipegen.services.service import EcsService
from pipegen.stacks.exports import export_name
from pipegen.syntax.names import ROLE_LIMIT, logical_id, shorten
from pipegen.values.value import ACCOUNT, REGION, Value, arn


def default_stack(definition: str, key: str) -> str:
    """The default of the name of a service and its stack."""
    return f"{definition}-{key}"


@frozen(kw_only=True)
class NamedService:
    """A service with the names its definition gives it.

    repositories: the repositories of each container's images. environment: the environment, if it is in another account
    or region than the pipeline. role_path: the path of the roles that the stack creates.
    """

    definition: str
    key: str
    service: EcsService
    repositories: Mapping[str, Sequence[Repository]]
    environment: Environment | None = None
    role_path: str = "/"

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
        if existing is not None:
            return role_arn(existing, (self.environment.account if self.environment else None) or ACCOUNT)
        name = self.role_name(role)
        return ImportValue(self.export(f"{role}Arn")) if name is None else fixed_role_arn(self, name)

    def role_name(self, role: str) -> str | None:
        """The fixed name of a role that the stack creates, by which stacks in other accounts and regions refer to it.
        CloudFormation names the roles of other services."""
        return shorten(f"{self.stack_name}-{role}", ROLE_LIMIT) if self.environment else None

    @property
    def account_and_region(self) -> tuple[str, str] | None:
        """The account and region, if they are not the pipeline's."""
        return self.environment.account_and_region if self.environment else None

    @property
    def region(self) -> Value:
        """The region of the service, as any stack refers to it."""
        return REGION if self.environment is None else self.environment.region or REGION


def fixed_role_arn(named: NamedService, name: str) -> Value:
    account = named.environment.account if named.environment else None
    return arn("iam", "role", named.role_path, name, region="", account=account or ACCOUNT)


def named_services(
    definition: str,
    services: Mapping[str, EcsService],
    actions: Sequence[LocatedAction],
    environments: Environments,
    role_path: str,
) -> list[NamedService]:
    """Name the services of a definition, and find the repositories that its actions push their images to."""
    built: dict[str, list[tuple[Repository, Environment | None]]] = {}
    for located in actions:
        for pushed in located.action.pushes():
            if pushed.container is not None:
                built.setdefault(pushed.container, []).append((pushed.repository, located.environment))
    return [
        NamedService(
            definition=definition,
            key=key,
            service=service,
            repositories=_repositories(service, built, environments),
            environment=environments.away(service.environment),
            role_path=role_path,
        )
        for key, service in services.items()
    ]


def _repositories(
    service: EcsService,
    built: Mapping[str, Sequence[tuple[Repository, Environment | None]]],
    environments: Environments,
) -> Mapping[str, Sequence[Repository]]:
    here = environments.away(service.environment)
    further = [Repository.of(each) for each in service.repositories]
    return {
        container: [
            *(_seen_from(here, repository, where, environments.home) for repository, where in built.get(container, ())),
            *further,
        ]
        for container in service.task_definition.awaiting_images
    }


def _seen_from(
    here: Environment | None, repository: Repository, where: Environment | None, home: Environment | None
) -> Repository:
    """Return the repository of a build as a stack in another environment refers to it. None: the pipeline's."""
    here, where = here or home, where or home
    if here is None or where is None or where.account_and_region == here.account_and_region:
        return repository
    return repository.seen_from_elsewhere(where.account, where.region)
