"""A task definition: what ECS runs, as a request of its API and as CloudFormation's properties.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace
from functools import partial
from typing import Annotated, Any, ClassVar, Literal

from pipegen import facts
from pipegen.ecs import serialization
from pipegen.ecs.query import query_problems
from pipegen.ecs.roles import execution_role_problems, role_arn
from pipegen.ecs.serialization import aws, keyed_values, named_values
from pipegen.ecs.tasks.container import Container, container_problems
from pipegen.ecs.tasks.dependencies import dependency_problems
from pipegen.ecs.tasks.fargate import fargate_container_problems, fargate_volume_problems
from pipegen.ecs.tasks.hosts import host_problems
from pipegen.ecs.tasks.linux import control_problems, linux_problems
from pipegen.ecs.tasks.logs import log_problems
from pipegen.ecs.tasks.ports import mapping, port_problems
from pipegen.ecs.tasks.sizes import CPU, fargate_size_problems, instance_size_problems, share_problems
from pipegen.ecs.tasks.volumes import Volume, mount_problems, volume_problems
from pipegen.ecs.tasks.windows import windows_problems
from pipegen.errors import Problem, quoted, there_are
from pipegen.fields.constraints import Between, Length, Matches
from pipegen.fields.listed import Listed
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.model.tags import tag_problems
from pipegen.references.kinds import FAMILY, ROLE, ROLE_NAME
from pipegen.references.mark import Refers
from pipegen.values.value import Tags, Value

NetworkMode = Literal["awsvpc", "bridge", "host", "none"]
Compatibility = Literal["EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES"]
_FAMILY = Matches(
    "LINUX|WINDOWS_SERVER_[0-9A-Z]+_(?:CORE|FULL)",
    "LINUX or a version of Windows such as WINDOWS_SERVER_2022_CORE",
    "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RuntimePlatform.html",
)
_FAMILIES = Listed(
    "operating system of ECS", partial(facts.enum, "ecs.OSFamily"), also="(?!WINDOWS_SERVER_[0-9A-Z]+_(?:CORE|FULL)$).*"
)
MOST_CONTAINERS = 10
"""https://docs.aws.amazon.com/general/latest/gr/ecs-service.html (Containers per task definition)"""


@frozen(kw_only=True)
class RuntimePlatform(Model):
    """The processor architecture and the operating system of a task.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RuntimePlatform.html"""

    cpu_architecture: Literal["X86_64", "ARM64"] | None = None
    """The processor architecture. Default: X86_64."""
    operating_system_family: Annotated[Value, _FAMILY, _FAMILIES] | None = None
    """The operating system, such as LINUX or WINDOWS_SERVER_2022_CORE."""


@frozen(kw_only=True)
class PlacementConstraint(Model):
    """A condition that the instances of a task must meet.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-placement-constraints.html"""

    type: Literal["memberOf"] = "memberOf"
    """The only type that task definitions have."""
    expression: Annotated[Value, Length(1, 2000)]
    """A query that selects instances, such as `attribute:ecs.instance-type =~ t3.*`.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cluster-query-language.html"""


@frozen(kw_only=True)
class ProxyConfiguration(Model):
    """The App Mesh proxy of a task.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ProxyConfiguration.html"""

    type: Literal["APPMESH"] = "APPMESH"
    """The only type of proxy."""
    container_name: str
    """The name of the container that is the proxy."""
    properties: Mapping[str, Value] = field(
        default_factory=dict, metadata=aws(property_name="ProxyConfigurationProperties", convert=named_values)
    )
    """The network settings of the proxy by name, such as AppPorts."""


@frozen(kw_only=True)
class EphemeralStorage(Model):
    size_in_gib: int = field(metadata=aws("sizeInGiB"))


def _storage(gib: int) -> EphemeralStorage:
    return EphemeralStorage(size_in_gib=gib)


@frozen(kw_only=True)
class TaskDefinition(Model):
    """What an ECS task is made of.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html"""

    serialized_as: ClassVar[str] = "AWS::ECS::TaskDefinition"

    family: Annotated[Value, Refers(FAMILY)] | None = None
    """The name that all revisions share. Default in a service: the name of the service; required elsewhere."""
    task_role: Annotated[Value, Refers(ROLE_NAME, ROLE)] | None = field(
        default=None, metadata=aws("taskRoleArn", convert=role_arn)
    )
    """The role whose permissions the containers have: its name, with its path if it has one, or its ARN."""
    execution_role: Annotated[Value, Refers(ROLE_NAME, ROLE)] | None = field(
        default=None, metadata=aws("executionRoleArn", convert=role_arn)
    )
    """The role with which ECS pulls images, writes logs and reads secrets: its name, with its path if it has one, or
    its ARN."""
    network_mode: NetworkMode = "awsvpc"
    """How the containers are connected to the network. Fargate supports awsvpc only."""
    containers: Annotated[Sequence[Container], Length(1, MOST_CONTAINERS, "containers")] = field(
        metadata=aws("containerDefinitions")
    )
    """The containers of the task, at most 10. At least one must be essential, and their names must differ."""
    volumes: Sequence[Volume] = ()
    """The volumes that the containers may mount."""
    placement_constraints: Annotated[Sequence[PlacementConstraint], Length(0, 10, "placement constraints")] = ()
    """Conditions that the instances must meet. Fargate does not support them."""
    requires_compatibilities: Sequence[Compatibility] = ("FARGATE",)
    """Where the task may run. The rules of Fargate apply if it is among them. Default: FARGATE."""
    cpu: Annotated[int, CPU] | None = field(default=None, metadata=aws(convert=str))
    """CPU units of the whole task; 1024 units are one vCPU. Fargate requires `cpu` and `memory`, and supports certain
    pairs only: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html"""
    memory: int | None = field(default=None, metadata=aws(convert=str))
    """Memory of the whole task in MiB."""
    tags: Tags = field(default_factory=dict, metadata=aws(convert=keyed_values))
    """Tags of the task definition."""
    pid_mode: Literal["host", "task"] | None = None
    """Whose processes the containers see: those of the instance (host) or of the whole task (task). Fargate supports
    task only. Default: each container sees its own."""
    ipc_mode: Literal["host", "task", "none"] | None = None
    """Which System V IPC resources the containers share. Fargate does not support it. Default: the setting of the
    Docker daemon."""
    proxy_configuration: ProxyConfiguration | None = None
    """The App Mesh proxy of the task."""
    ephemeral_storage: Annotated[int, Between(21, 200)] | None = field(default=None, metadata=aws(convert=_storage))
    """Temporary storage of a task on Fargate in GiB. Default: 20.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_EphemeralStorage.html"""
    runtime_platform: RuntimePlatform | None = None
    """The processor architecture and the operating system."""
    enable_fault_injection: bool | None = None
    """Whether the containers may request the injection of faults. Default: false."""

    @property
    def is_for_fargate(self) -> bool:
        """Fargate's rules hold as soon as it is one of the places.
        https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html"""
        return "FARGATE" in self.requires_compatibilities

    @property
    def roles(self) -> tuple[Value, ...]:
        """The ARNs of the roles that whoever registers it must be allowed to pass."""
        given = [role_arn(role) for role in (self.task_role, self.execution_role) if role is not None]
        return tuple(dict.fromkeys(given))

    @property
    def awaiting_images(self) -> tuple[str, ...]:
        """The containers whose image the pipeline brings."""
        return tuple(dict.fromkeys(container.name for container in self.containers if container.image is None))

    def ports_of(self, container: str) -> tuple[int, ...]:
        """The ports that a container of that name listens on, those of ranges among them."""
        mine = (port for each in self.containers if each.name == container for port in each.ports)
        return tuple(number for port in mine for number in mapping(port).ports)

    def request(self, images: Mapping[str, Value]) -> dict[str, Any]:
        """RegisterTaskDefinition's request. `images`: what stands for the image of each container without its own."""
        return serialization.members(self._with(images))

    def properties(self, images: Mapping[str, Value]) -> dict[str, Any]:
        """Those of AWS::ECS::TaskDefinition. `images`: the image of each container without its own."""
        return serialization.properties(self._with(images))

    def _with(self, images: Mapping[str, Value]) -> TaskDefinition:
        containers = [
            replace(container, image=images[container.name]) if container.image is None else container
            for container in self.containers
        ]
        return replace(self, containers=containers)

    def problems(self) -> Iterator[Problem]:
        """Paths start at the task definition."""
        yield from tag_problems(self.tags)
        if self.family is None:
            yield Problem("missing-key", (), "family is missing", "add family:, the name that its revisions share")
        if self.execution_role is None:
            yield from execution_role_problems(self.containers, fargate=self.is_for_fargate)
        yield from self._container_problems()
        yield from self._size_problems()
        yield from self._network_problems()
        yield from self._fargate_problems()
        for problem in volume_problems(self.volumes):
            yield problem.under("volumes")
        for index, constraint in enumerate(() if self.is_for_fargate else self.placement_constraints):
            for problem in query_problems(constraint.expression):
                yield problem.under("placement_constraints", index, "expression")
        if self.is_windows:
            yield from windows_problems(self)
        if self.ephemeral_storage is not None and not self.is_for_fargate:
            text = f"ephemeral_storage is {self.ephemeral_storage} GiB of Fargate's, and the task does not run there"
            yield Problem("task-size", ("ephemeral_storage",), text, "leave it out, or use a volume", "warning")

    def _container_problems(self) -> Iterator[Problem]:
        if self.containers and not any(container.essential for container in self.containers):
            text = "no container is essential, so nothing keeps the task"
            yield Problem("task-containers", ("containers", 0, "essential"), text, "leave essential: false out of one")
        seen: set[str] = set()
        for index, container in enumerate(self.containers):
            if container.name in seen:
                text = f"there are two containers {quoted(container.name)}"
                yield Problem("task-containers", ("containers", index, "name"), text, "rename one")
            seen.add(container.name)
            for problem in container_problems(container):
                yield problem.under("containers", index)
            for problem in control_problems(container.system_controls, self.network_mode):
                yield problem.under("containers", index, "system_controls")
            if container.linux_parameters is not None and not self.is_for_fargate:
                for problem in linux_problems(container.linux_parameters):
                    yield problem.under("containers", index, "linux_parameters")
        if self.proxy_configuration and self.proxy_configuration.container_name not in seen:
            text = f"the task has no container {quoted(self.proxy_configuration.container_name)}"
            path = ("proxy_configuration", "container_name")
            yield Problem("task-containers", path, text, there_are(sorted(seen)))
        across = (
            *port_problems(self.containers, self.network_mode),
            *log_problems(self.containers, fargate=self.is_for_fargate),
            *mount_problems(self.containers, self.volumes),
            *dependency_problems(self.containers),
            *host_problems(self.containers, self.network_mode, fargate=self.is_for_fargate),
        )
        for problem in across:
            yield problem.under("containers")

    def _size_problems(self) -> Iterator[Problem]:
        if self.is_for_fargate:
            yield from fargate_size_problems(self.cpu, self.memory, windows=self.is_windows)
        else:
            yield from instance_size_problems(self.memory, self.containers)
        yield from share_problems(self.cpu, self.memory, self.containers)

    @property
    def is_windows(self) -> bool:
        family = self.runtime_platform.operating_system_family if self.runtime_platform else None
        return isinstance(family, str) and family.startswith("WINDOWS")

    def _network_problems(self) -> Iterator[Problem]:
        """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html (hostname, links)"""
        for index, container in enumerate(self.containers):
            if self.network_mode == "awsvpc" and container.hostname is not None:
                text = "in the network mode awsvpc containers have no hostname of their own"
                yield Problem("task-network", ("containers", index, "hostname"), text, "leave hostname out")
            if self.network_mode != "bridge" and container.links and not self.is_for_fargate:
                text = f"there are no links in the network mode {self.network_mode}"
                yield Problem("task-network", ("containers", index, "links"), text, "leave links out")

    def _fargate_problems(self) -> Iterator[Problem]:
        if not self.is_for_fargate:
            return
        if self.network_mode != "awsvpc":
            text = f"Fargate has no network mode {self.network_mode}"
            yield Problem("task-fargate", ("network_mode",), text, "leave network_mode out, for awsvpc")
        for name in ("placement_constraints", "ipc_mode"):
            if getattr(self, name):
                yield Problem("task-fargate", (name,), f"Fargate does not take {name}", f"leave {name} out")
        if self.pid_mode == "host":
            yield Problem("task-fargate", ("pid_mode",), "Fargate has no pid_mode host", "task, or leave it out")
        for index, container in enumerate(self.containers):
            for problem in fargate_container_problems(container):
                yield problem.under("containers", index)
        for index, volume in enumerate(self.volumes):
            for problem in fargate_volume_problems(volume):
                yield problem.under("volumes", index)
