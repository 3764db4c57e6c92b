"""Task definitions, as requests of the ECS API and as CloudFormation properties.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, field, replace
from functools import partial
from typing import Annotated, Any, ClassVar, Literal

from pipegen import facts
from pipegen.ecs import serialization
from pipegen.ecs.roles import role_arn
from pipegen.ecs.serialization import aws, keyed_values, named_values
from pipegen.ecs.tasks.container import Container
from pipegen.ecs.tasks.ports import numbers
from pipegen.ecs.tasks.sizes import CPU
from pipegen.ecs.tasks.volumes import Volume
from pipegen.fields.constraints import Between, Length, Matches
from pipegen.fields.listed import Listed
from pipegen.fields.model import NOTHING, Model, joined
from pipegen.frozen import frozen
from pipegen.references.kinds import FAMILY, ROLE, ROLE_NAME
from pipegen.references.mark import Refers
from pipegen.values.number import IntegerValue, number_text
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


@frozen
class PlacementConstraint(Model):
    """A condition that the instances of a task must meet.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-placement-constraints.html"""

    type: Literal["memberOf"] = field(default="memberOf", kw_only=True)
    """The only type in task definitions."""
    expression: Annotated[Value, Length(1, 2000)]
    """A query that selects instances, such as `attribute:ecs.instance-type =~ t3.*`.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cluster-query-language.html"""


@frozen
class ProxyConfiguration(Model):
    """The App Mesh proxy of a task.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ProxyConfiguration.html"""

    type: Literal["APPMESH"] = field(default="APPMESH", kw_only=True)
    """The only type of proxy."""
    container_name: str
    """The name of the container that is the proxy."""
    _: KW_ONLY
    properties: Mapping[str, Value] = field(
        default_factory=dict, metadata=aws(property_name="ProxyConfigurationProperties", convert=named_values)
    )
    """The network settings of the proxy by name, such as AppPorts."""


@frozen(kw_only=True)
class EphemeralStorage(Model):
    size_in_gib: IntegerValue = field(metadata=aws("sizeInGiB"))


def _storage(gib: IntegerValue) -> EphemeralStorage:
    return EphemeralStorage(size_in_gib=gib)


@frozen(kw_only=True)
class TaskDefinition(Model):
    """The containers, volumes and settings of an ECS task.
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
    """How the containers are connected to the network. Fargate supports only awsvpc."""
    containers: Annotated[Sequence[Container], Length(1, MOST_CONTAINERS, "containers")] = field(
        metadata=aws("containerDefinitions")
    )
    """The containers of the task, at most 10. At least one must be essential, and their names must differ."""
    volumes: Sequence[Volume] = ()
    """The volumes that the containers may mount."""
    placement_constraints: Annotated[Sequence[PlacementConstraint], Length(0, 10, "placement constraints")] = ()
    """Conditions that the instances must meet. Fargate does not support them."""
    requires_compatibilities: Sequence[Compatibility] = ("FARGATE",)
    """Where the task may run. If it includes FARGATE, the limits of Fargate apply. Default: FARGATE."""
    cpu: Annotated[IntegerValue, CPU] | None = field(default=None, metadata=aws(convert=number_text))
    """CPU units of the whole task; 1024 units are one vCPU. Fargate requires `cpu` and `memory`, and supports only
    certain pairs: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html"""
    memory: IntegerValue | None = field(default=None, metadata=aws(convert=number_text))
    """Memory of the whole task in MiB."""
    tags: Tags = field(default_factory=dict, metadata=aws(convert=keyed_values))
    """Tags of the task definition."""
    pid_mode: Literal["host", "task"] | None = None
    """Whose processes the containers see: those of the instance (host) or of the whole task (task). Fargate supports
    only task. Default: each container sees its own."""
    ipc_mode: Literal["host", "task", "none"] | None = None
    """Which System V IPC resources the containers share. Fargate does not support it. Default: the setting of the
    Docker daemon."""
    proxy_configuration: ProxyConfiguration | None = None
    """The App Mesh proxy of the task."""
    ephemeral_storage: Annotated[IntegerValue, Between(21, 200)] | None = field(
        default=None, metadata=aws(convert=_storage)
    )
    """Temporary storage of a task on Fargate in GiB. Default: 20.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_EphemeralStorage.html"""
    runtime_platform: RuntimePlatform | None = None
    """The processor architecture and the operating system."""
    enable_fault_injection: bool | None = None
    """Whether the containers may request the injection of faults. Default: false."""

    def __init__(
        self,
        *container: Container,
        family: Value | None = None,
        task_role: Value | None = None,
        execution_role: Value | None = None,
        network_mode: NetworkMode = "awsvpc",
        containers: Sequence[Container] = (),
        volumes: Sequence[Volume] = (),
        placement_constraints: Sequence[PlacementConstraint] = (),
        requires_compatibilities: Sequence[Compatibility] = ("FARGATE",),
        cpu: IntegerValue | None = None,
        memory: IntegerValue | None = None,
        tags: Mapping[str, Value] = NOTHING,
        pid_mode: Literal["host", "task"] | None = None,
        ipc_mode: Literal["host", "task", "none"] | None = None,
        proxy_configuration: ProxyConfiguration | None = None,
        ephemeral_storage: IntegerValue | None = None,
        runtime_platform: RuntimePlatform | None = None,
        enable_fault_injection: bool | None = None,
    ) -> None:
        self._fill(
            family=family,
            task_role=task_role,
            execution_role=execution_role,
            network_mode=network_mode,
            containers=joined(container, containers),
            volumes=volumes,
            placement_constraints=placement_constraints,
            requires_compatibilities=requires_compatibilities,
            cpu=cpu,
            memory=memory,
            tags=tags,
            pid_mode=pid_mode,
            ipc_mode=ipc_mode,
            proxy_configuration=proxy_configuration,
            ephemeral_storage=ephemeral_storage,
            runtime_platform=runtime_platform,
            enable_fault_injection=enable_fault_injection,
        )

    @property
    def is_for_fargate(self) -> bool:
        """Whether the limits of Fargate apply, as they do if it is one of several compatibilities.
        https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html"""
        return "FARGATE" in self.requires_compatibilities

    @property
    def roles(self) -> tuple[Value, ...]:
        """The ARNs of the roles that a principal must be allowed to pass to register the task definition."""
        arns = [role_arn(role) for role in (self.task_role, self.execution_role) if role is not None]
        return tuple(dict.fromkeys(arns))

    @property
    def awaiting_images(self) -> tuple[str, ...]:
        """The containers whose image the pipeline builds."""
        return tuple(dict.fromkeys(container.name for container in self.containers if container.image is None))

    def ports_of(self, container: str) -> tuple[int, ...]:
        """The ports that a container listens on, including those of ranges."""
        ports = (port for each in self.containers if each.name == container for port in each.ports)
        return tuple(number for port in ports for number in numbers(port))

    def request(self, images: Mapping[str, Value]) -> dict[str, Any]:
        """The request of RegisterTaskDefinition. `images`: the image of each container that does not set one."""
        return serialization.members(self._with(images))

    def properties(self, images: Mapping[str, Value]) -> dict[str, Any]:
        """The properties of AWS::ECS::TaskDefinition. `images`: the image of each container that does not set one."""
        return serialization.properties(self._with(images))

    def _with(self, images: Mapping[str, Value]) -> TaskDefinition:
        containers = [
            replace(container, image=images[container.name]) if container.image is None else container
            for container in self.containers
        ]
        return replace(self, containers=containers)

    @property
    def is_windows(self) -> bool:
        family = self.runtime_platform.operating_system_family if self.runtime_platform else None
        return isinstance(family, str) and family.startswith("WINDOWS")
