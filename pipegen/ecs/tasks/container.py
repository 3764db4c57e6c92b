"""One container of a task.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, field
from typing import Annotated, Literal

from pipegen.ecs.serialization import aws, named_sources, named_values
from pipegen.ecs.tasks.commands import command_problems
from pipegen.ecs.tasks.health_check import HealthCheck, health_check_problems
from pipegen.ecs.tasks.images import IMAGE, registry_problems
from pipegen.ecs.tasks.linux import LinuxParameters, SystemControl, Ulimit, limit_problems
from pipegen.ecs.tasks.logs import TASK_SECRET, FirelensConfiguration, LogConfiguration
from pipegen.ecs.tasks.paths import DIRECTORY
from pipegen.ecs.tasks.ports import Port, mappings
from pipegen.ecs.tasks.volumes import MountPoint, VolumeFrom
from pipegen.errors import Problem, Severity, quoted
from pipegen.fields.constraints import Between, Length, Matches
from pipegen.fields.distinct import Distinct
from pipegen.fields.gaps import GAP
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.references.kinds import ENVIRONMENT_FILE, SECRET, SECRET_NAME
from pipegen.references.mark import Refers
from pipegen.syntax import names
from pipegen.syntax.shell import path_fault
from pipegen.values.number import IntegerValue, known
from pipegen.values.shape import shapes, shown
from pipegen.values.value import TextValue, Value

MEMORY = Between(6)
"""MiB. Docker requires 6.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html (memory)"""


@frozen
class RepositoryCredentials(Model):
    """The credentials for a private registry outside ECR.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/private-auth.html"""

    credentials_parameter: Annotated[Value, Refers(SECRET, SECRET_NAME, is_secret=True)]
    """The ARN of the Secrets Manager secret with the user name and the password."""


@frozen(kw_only=True)
class RestartPolicy(Model):
    """Restarts a container without replacing its task.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerRestartPolicy.html"""

    enabled: bool = True
    """Whether the container is restarted."""
    ignored_exit_codes: Annotated[Sequence[IntegerValue], Length(0, 50, "exit codes")] = ()
    """Exit codes after which the container is not restarted."""
    restart_attempt_period: Annotated[IntegerValue, Between(60, 1800)] | None = None
    """Seconds that the container must have run to be restarted. Default: 300."""


@frozen
class EnvironmentFile(Model):
    """A file of environment variables, in the form of the ECS API."""

    value: Value
    _: KW_ONLY
    type: Literal["s3"] = "s3"


def _files(files: Sequence[Value]) -> list[EnvironmentFile]:
    return [EnvironmentFile(value=file) for file in files]


@frozen
class HostEntry(Model):
    """A line of /etc/hosts."""

    hostname: Value
    """The name of the host."""
    ip_address: Value
    """The address to which the name resolves."""


@frozen(kw_only=True)
class NvidiaMps(Model):
    """A share of a GPU by NVIDIA's Multi-Process Service.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-gpu.html"""

    memory: IntegerValue
    """Memory of the GPU for the container in MiB."""
    max_compute_percent: IntegerValue | None = None
    """The largest part of the GPU's compute capacity that the container may use, in percent."""


@frozen
class SharingStrategy(Model):
    """How a GPU is shared between containers."""

    nvidia_mps: NvidiaMps
    """The share of the container."""


_DEVICE = Matches(
    "GPU|NeuronDevice|InferenceAccelerator",
    "GPU or NeuronDevice",
    "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ResourceRequirement.html",
    "wrong-value",
)
_DEVICES = Matches("[A-Za-z0-9_-]+", "a number or ALL")


@frozen
class ResourceRequirement(Model):
    """GPUs or Neuron devices that are assigned to a container.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ResourceRequirement.html"""

    value: Annotated[Value, _DEVICES] | None = field(default=None, kw_only=True)
    """The number of devices, or ALL. A GPU has either `value` or `sharing_strategy`."""
    type: Annotated[Value, _DEVICE]
    """GPU or NeuronDevice."""
    _: KW_ONLY
    sharing_strategy: SharingStrategy | None = None
    """How the container shares a GPU. Default: it does not."""


@frozen
class ContainerDependency(Model):
    """A container that another one waits for.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html"""

    container: str = field(metadata=aws("containerName"))
    """The name of the container to wait for."""
    condition: Literal["START", "COMPLETE", "SUCCESS", "HEALTHY"]
    """The condition that it must reach: START (it runs), COMPLETE (it has exited), SUCCESS (it has exited with 0) or
    HEALTHY (its health check passes). COMPLETE and SUCCESS require that it is not essential."""


_Name = Annotated[str, Length(1), Matches(r"[^=\s]*", "a name without = and blanks")]
_USER = Matches(r"[^\s:]+(?::[^\s:]+)?", "a user or a user and a group, such as app, app:app or 1000:1000")


@frozen
class Container(Model):
    """A container of a task.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html"""

    name: Annotated[str, names.CONTAINER]
    """The name of the container, unique in the task."""
    _: KW_ONLY
    image: Annotated[Value, IMAGE] | None = None
    """The image, such as `public.ecr.aws/nginx/nginx:1.27`. Default: the image that the pipeline builds."""
    repository_credentials: RepositoryCredentials | None = None
    """The credentials for the registry of the image if that is private and outside ECR."""
    cpu: IntegerValue | None = None
    """CPU units that are reserved for the container; 1024 units are one vCPU. The sum over all containers is at most
    the CPU units of the task."""
    memory: Annotated[IntegerValue, MEMORY] | None = None
    """MiB of memory above which the container is killed."""
    memory_reservation: Annotated[IntegerValue, MEMORY] | None = None
    """MiB of memory that are reserved for the container, at most `memory`. Default: `memory`."""
    links: Sequence[Value] = ()
    """Other containers that this one can reach by name, in the network mode bridge only: NAME or NAME:ALIAS."""
    ports: Sequence[Port] = field(default=(), metadata=aws("portMappings", convert=mappings))
    """The ports that the container listens on: numbers, or mappings to set more than the number."""
    essential: bool = True
    """Whether the task stops when the container does."""
    restart_policy: RestartPolicy | None = None
    """When the container is restarted. Default: never; its task is replaced if the container is essential."""
    entry_point: Sequence[Value] = ()
    """The entry point and its arguments. Default: that of the image."""
    command: Sequence[Value] = ()
    """The command and its arguments. Default: that of the image."""
    environment: Mapping[_Name, TextValue] = field(default_factory=dict, metadata=aws(convert=named_values))
    """Environment variables by name. Anyone with access to the task definition can read them."""
    environment_files: Annotated[Sequence[Annotated[Value, Refers(ENVIRONMENT_FILE)]], Length(0, 10, "files")] = field(
        default=(), metadata=aws(convert=_files)
    )
    """The ARNs of files of environment variables in S3. Their names end in .env.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/use-environment-file.html"""
    mount_points: Sequence[MountPoint] = ()
    """Where the container mounts volumes of the task."""
    volumes_from: Sequence[VolumeFrom] = ()
    """Containers whose volumes this one mounts too."""
    linux_parameters: LinuxParameters | None = None
    """Settings of the Linux kernel."""
    secrets: Mapping[_Name, Annotated[Value, TASK_SECRET]] = field(
        default_factory=dict, metadata=aws(convert=named_sources)
    )
    """Environment variables by name whose values ECS reads when the container starts: the ARN of a Secrets Manager
    secret, or the name or ARN of an SSM parameter.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html"""
    depends_on: Sequence[ContainerDependency] = ()
    """Containers that must reach a condition before this one starts."""
    start_timeout: IntegerValue | None = None
    """Seconds after which containers that depend on this one give up waiting for it; 2 to 120 on Fargate."""
    stop_timeout: IntegerValue | None = None
    """Seconds from the signal to stop until the container is killed; 2 to 120 on Fargate. Default: 30."""
    version_consistency: Literal["enabled", "disabled"] | None = None
    """Whether ECS resolves the tag of the image to a digest, so that all tasks of a deployment run the same image.
    Default: enabled."""
    hostname: Value | None = None
    """The host name of the container. Not supported in the network mode awsvpc."""
    user: Annotated[Value, _USER] | None = None
    """The user that the processes run as: `user`, `user:group`, `uid` or `uid:gid`. Default: that of the image."""
    working_directory: Annotated[Value, DIRECTORY] | None = None
    """The directory in which the command runs. Default: that of the image."""
    disable_networking: bool | None = None
    """Whether the container has no network. Not supported on Fargate. Default: false."""
    privileged: bool | None = None
    """Whether the container has elevated privileges on the instance. Not supported on Fargate. Default: false."""
    readonly_root_filesystem: bool | None = None
    """Whether the root file system is read-only. Default: false."""
    dns_servers: Sequence[Value] = ()
    """The DNS servers of the container. Not supported on Fargate."""
    dns_search_domains: Sequence[Value] = ()
    """The DNS search domains of the container. Not supported on Fargate."""
    extra_hosts: Sequence[HostEntry] = ()
    """Lines that are added to /etc/hosts. Not supported on Fargate."""
    docker_security_options: Sequence[Value] = ()
    """Options of SELinux, AppArmor and the like, such as no-new-privileges. Not supported on Fargate."""
    interactive: bool | None = None
    """Whether the standard input stays open. Default: false."""
    pseudo_terminal: bool | None = None
    """Whether the container gets a TTY. Default: false."""
    docker_labels: Mapping[str, TextValue] = field(default_factory=dict)
    """Docker labels by name."""
    ulimits: Annotated[Sequence[Ulimit], Distinct("type", lambda each: each.name)] = ()
    """Limits of the container's processes. Default: those of Docker, or of the operating system on Fargate."""
    log_configuration: LogConfiguration | None = None
    """Where the container writes its log. Default: the Docker daemon's setting; a service creates a log group."""
    health_check: HealthCheck | None = None
    """How ECS finds out whether the container is healthy. The HEALTHCHECK of an image is ignored."""
    system_controls: Sequence[SystemControl] = ()
    """Kernel parameters of the container."""
    resource_requirements: Sequence[ResourceRequirement] = ()
    """GPUs or Neuron devices that are assigned to the container. Fargate has no GPUs."""
    firelens_configuration: FirelensConfiguration | None = None
    """Makes the container the log router of the task. A task has at most one."""
    credential_specs: Sequence[Value] = ()
    """Credential specifications with which the container joins an Active Directory: `credentialspec:` or
    `credentialspecdomainless:`, then the ARN of an object in S3 or of an SSM parameter. The execution role may read it.
    A domainless specification names a secret; add permission to read it to the service's `execution_grants`."""

    @property
    def reserved_memory(self) -> int:
        """In MiB. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html (memory)"""
        reserved = self.memory if self.memory_reservation is None else self.memory_reservation
        return known(reserved) or 0


def container_problems(container: Container) -> Iterator[Problem]:
    """Check a container without regard to the others of its task. Paths start at the container."""
    if container.health_check is not None:
        for problem in health_check_problems(container.health_check):
            yield problem.under("health_check")
    for name, problems in (
        ("image", registry_problems(container.image)),
        ("ulimits", limit_problems(container.ulimits)),
    ):
        yield from (problem.under(name) for problem in problems)
    yield from command_problems(container.entry_point, container.command)
    yield from _memory_problems(container)
    yield from _environment_problems(container)
    yield from _specification_problems(container)


def _memory_problems(container: Container) -> Iterator[Problem]:
    """Equal values are valid: https://github.com/awsdocs/amazon-ecs-developer-guide/pull/242."""
    memory, reserved = known(container.memory), known(container.memory_reservation)
    if memory is not None and reserved is not None and reserved > memory:
        text = f"memory_reservation must be at most memory ({memory} MiB), got {reserved}"
        yield Problem("task-memory", ("memory_reservation",), text, "lower memory_reservation, or raise memory")


def _environment_problems(container: Container) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/use-environment-file.html; ECS rejects a name that is
    in both: https://github.com/dagster-io/dagster/issues/11622"""
    for name in container.secrets:
        if name in container.environment:
            text = f"{quoted(name)} is set in both environment and secrets"
            yield Problem("task-environment", ("secrets", name), text, "remove one of them")
    path = container.environment.get("PATH")
    if isinstance(path, str) and (fault := path_fault(path)):
        severity: Severity = "error" if fault.is_certain else "warning"
        fix = "set it in the Dockerfile: ENV PATH=/opt/bin:$PATH"
        yield Problem("environment-path", ("environment", "PATH"), f"PATH {fault.words}", fix, severity)


CREDENTIAL_SPEC = re.compile(r"credentialspec(?:domainless)?:")
"""https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html (credentialSpecs)"""


def _specification_problems(container: Container) -> Iterator[Problem]:
    """The prefix and the ARN decide which permission the execution role gets, so both must be known."""
    for index, specification in enumerate(container.credential_specs):
        for each in shapes(specification):
            prefix = CREDENTIAL_SPEC.match(each.text)
            if not (prefix and re.match(rf"arn:|file:|{GAP}", each.text[prefix.end() :])):
                text = f"credential_specs must start with a prefix and an ARN, got {shown(specification)}"
                fix = (
                    "write credentialspec: or credentialspecdomainless:, then the ARN of an S3 object or SSM parameter"
                )
                yield Problem("task-credentials", ("credential_specs", index), text, fix)
