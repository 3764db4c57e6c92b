"""One container of a task.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from pipegen import names
from pipegen.arns import OBJECT
from pipegen.deployments.dependencies import ContainerDependency
from pipegen.deployments.health_check import HealthCheck, health_check_problems
from pipegen.deployments.linux import LinuxParameters, SystemControl, Ulimit
from pipegen.deployments.logs import FirelensConfiguration, LogConfiguration
from pipegen.deployments.ports import Port, mappings
from pipegen.deployments.spelling import aws, named_sources, named_values
from pipegen.deployments.volumes import MountPoint, VolumeFrom
from pipegen.errors import Problem
from pipegen.fields.gaps import GAP, is_known
from pipegen.model import Model
from pipegen.secrets import credentials_problems, task_secret_problems
from pipegen.shape import shapes, shown
from pipegen.values import TextValue, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryCredentials(Model):
    """credentials_parameter: the ARN of the secret with the registry's user and password."""

    credentials_parameter: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class RestartPolicy(Model):
    """Restarts the container alone, not the task. restart_attempt_period: seconds, 60 to 1800; AWS's default is 300.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerRestartPolicy.html"""

    enabled: bool = True
    ignored_exit_codes: Sequence[int] = ()
    restart_attempt_period: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentFile(Model):
    value: Value
    type: Literal["s3"] = "s3"


def _files(files: Sequence[Value]) -> list[EnvironmentFile]:
    return [EnvironmentFile(value=file) for file in files]


@dataclass(frozen=True, slots=True, kw_only=True)
class HostEntry(Model):
    """A line of /etc/hosts."""

    hostname: Value
    ip_address: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class NvidiaMps(Model):
    """memory: of the GPU, in MiB. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-gpu.html"""

    memory: int
    max_compute_percent: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SharingStrategy(Model):
    """How a GPU is shared with other tasks."""

    nvidia_mps: NvidiaMps


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceRequirement(Model):
    """type: GPU or NeuronDevice. value: how many."""

    value: Value | None = None
    type: Value
    sharing_strategy: SharingStrategy | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Container(Model):
    """A container of a task.

    image: where the pipeline brings the image, leave it out. cpu: units, 1024 to the vCPU. memory: MiB after which it
        is killed. memory_reservation: MiB that are kept for it, at most `memory`.
    ports: plain numbers, or mappings. essential: the task ends with it.
    environment: texts by name. secrets: by name, the ARN of a Secrets Manager secret, or the ARN or name of an SSM
        parameter. environment_files: ARNs of objects in S3, whose names end in .env; at most 10.
    credential_specs: what a container joins an Active Directory with: `credentialspec:` or `credentialspecdomainless:`,
        then the ARN of an object in S3 or of an SSM parameter, which the execution role may read. The secret that a
        domainless one names takes the service's `execution_grants`.
    depends_on: the containers that it waits for. start_timeout, stop_timeout: seconds; 2 to 120 on Fargate.
    version_consistency: disabled keeps ECS from resolving the image's tag to a digest.
    """

    name: str
    image: Value | None = None
    repository_credentials: RepositoryCredentials | None = None
    cpu: int | None = None
    memory: int | None = None
    memory_reservation: int | None = None
    links: Sequence[Value] = ()
    ports: Sequence[Port] = field(default=(), metadata=aws("portMappings", form=mappings))
    essential: bool = True
    restart_policy: RestartPolicy | None = None
    entry_point: Sequence[Value] = ()
    command: Sequence[Value] = ()
    environment: Mapping[str, TextValue] = field(default_factory=dict, metadata=aws(form=named_values))
    environment_files: Sequence[Value] = field(default=(), metadata=aws(form=_files))
    mount_points: Sequence[MountPoint] = ()
    volumes_from: Sequence[VolumeFrom] = ()
    linux_parameters: LinuxParameters | None = None
    secrets: Mapping[str, Value] = field(default_factory=dict, metadata=aws(form=named_sources))
    depends_on: Sequence[ContainerDependency] = ()
    start_timeout: int | None = None
    stop_timeout: int | None = None
    version_consistency: Literal["enabled", "disabled"] | None = None
    hostname: Value | None = None
    user: Value | None = None
    working_directory: Value | None = None
    disable_networking: bool | None = None
    privileged: bool | None = None
    readonly_root_filesystem: bool | None = None
    dns_servers: Sequence[Value] = ()
    dns_search_domains: Sequence[Value] = ()
    extra_hosts: Sequence[HostEntry] = ()
    docker_security_options: Sequence[Value] = ()
    interactive: bool | None = None
    pseudo_terminal: bool | None = None
    docker_labels: Mapping[str, TextValue] = field(default_factory=dict)
    ulimits: Sequence[Ulimit] = ()
    log_configuration: LogConfiguration | None = None
    health_check: HealthCheck | None = None
    system_controls: Sequence[SystemControl] = ()
    resource_requirements: Sequence[ResourceRequirement] = ()
    firelens_configuration: FirelensConfiguration | None = None
    credential_specs: Sequence[Value] = ()

    @property
    def reserved_memory(self) -> int:
        """MiB. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html (memory)"""
        return self.memory_reservation or self.memory or 0


def container_problems(container: Container) -> Iterator[Problem]:
    """What is wrong with a container whatever is beside it; paths start at the container."""
    if not names.CONTAINER.matches(container.name):
        text = f"{container.name!r} is not a valid name for a container"
        yield Problem("container-name", ("name",), text, names.CONTAINER.words)
    if container.health_check is not None:
        for problem in health_check_problems(container.health_check):
            yield problem.under("health_check")
    if container.restart_policy is not None:
        for problem in _restart_problems(container.restart_policy):
            yield problem.under("restart_policy")
    yield from _memory_problems(container)
    yield from _environment_problems(container)
    yield from _secret_problems(container)
    yield from _specification_problems(container)
    linux = container.linux_parameters
    if linux is not None and linux.swappiness is not None and not 0 <= linux.swappiness <= 100:
        text = f"a swappiness of {linux.swappiness}"
        yield Problem("task-limit", ("linux_parameters", "swappiness"), text, "0 to 100")


def _memory_problems(container: Container) -> Iterator[Problem]:
    """Equal is fine: https://github.com/awsdocs/amazon-ecs-developer-guide/pull/242. The least is Docker's own."""
    for name in ("memory", "memory_reservation"):
        value = getattr(container, name)
        if value is not None and value < _LEAST_MEMORY:
            text = f"Docker gives no container as little as {value} MiB"
            yield Problem("task-memory", (name,), text, f"{_LEAST_MEMORY} or more")
    if container.memory is not None and (container.memory_reservation or 0) > container.memory:
        text = (
            f"{container.memory_reservation} MiB are reserved for a container that is killed above {container.memory}"
        )
        yield Problem("task-memory", ("memory_reservation",), text, f"{container.memory} at most")


_LEAST_MEMORY = 6


def _environment_problems(container: Container) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/use-environment-file.html; the refusal of a name that
    is there twice is reported in https://github.com/dagster-io/dagster/issues/11622"""
    for name in container.secrets:
        if name in container.environment:
            text = f"{name!r} is a secret and an environment variable too"
            yield Problem("task-environment", ("secrets", name), text, "keep one of them")
    for part in ("environment", "secrets"):
        if "" in getattr(container, part):
            yield Problem("task-environment", (part,), "a variable without a name", "give it one")
    for index, file in enumerate(container.environment_files):
        if OBJECT.refuses(file) or (is_known(file) and not file.endswith(".env")):
            text = f"{shown(file)} is not the ARN of a file of environment variables"
            fix = "the ARN of an object in S3, such as arn:aws:s3:::my-bucket/app.env"
            yield Problem("task-environment", ("environment_files", index), text, fix)
    if len(container.environment_files) > 10:
        text = f"{len(container.environment_files)} files of environment variables"
        yield Problem("task-limit", ("environment_files",), text, "at most 10")


def _secret_problems(container: Container) -> Iterator[Problem]:
    for name, secret in container.secrets.items():
        yield from task_secret_problems(secret, ("secrets", name))
    for name, secret in (container.log_configuration.secret_options if container.log_configuration else {}).items():
        yield from task_secret_problems(secret, ("log_configuration", "secret_options", name))
    if container.repository_credentials is not None:
        path = ("repository_credentials", "credentials_parameter")
        yield from credentials_problems(container.repository_credentials.credentials_parameter, path)


CREDENTIAL_SPEC = re.compile(r"credentialspec(?:domainless)?:")
"""https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html (credentialSpecs)"""


def _specification_problems(container: Container) -> Iterator[Problem]:
    """A permission follows from each, so its beginning must show where it is."""
    for index, given in enumerate(container.credential_specs):
        for each in shapes(given):
            found = CREDENTIAL_SPEC.match(each.text)
            if not (found and re.match(rf"arn:|file:|{GAP}", each.text[found.end() :])):
                text = f"credential_specs has {shown(given)}, which does not say what sort of credentials it is"
                fix = "begin with credentialspec: or credentialspecdomainless: and the ARN of an object or parameter"
                yield Problem("task-credentials", ("credential_specs", index), text, fix)


def _restart_problems(policy: RestartPolicy) -> Iterator[Problem]:
    period = policy.restart_attempt_period
    if period is not None and not 60 <= period <= 1800:
        yield Problem("task-limit", ("restart_attempt_period",), f"a period of {period} seconds", "60 to 1800")
    if len(policy.ignored_exit_codes) > 50:
        text = f"{len(policy.ignored_exit_codes)} exit codes are ignored"
        yield Problem("task-limit", ("ignored_exit_codes",), text, "at most 50")
