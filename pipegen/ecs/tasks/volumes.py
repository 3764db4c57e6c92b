"""Volumes of tasks and mount points of containers.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Volume.html"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, field
from typing import Annotated, Literal

from pipegen.ecs.serialization import aws
from pipegen.ecs.tasks.paths import CONTAINER_PATH, DIRECTORY
from pipegen.ecs.tasks.ports import PORT
from pipegen.errors import Problem, quoted
from pipegen.fields.gaps import is_known
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.references.kinds import (
    ACCESS_POINT,
    FILE_SYSTEM,
    FSX_FILE_SYSTEM,
    PARAMETER,
    S3FILES,
    S3FILES_ACCESS_POINT,
    SECRET,
)
from pipegen.references.mark import Refers
from pipegen.syntax import names
from pipegen.values.number import IntegerValue, number_words
from pipegen.values.shape import shown
from pipegen.values.value import TextValue, Value

Switch = Literal["ENABLED", "DISABLED"]


@frozen
class HostVolume(Model):
    """A directory of the instance.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HostVolumeProperties.html"""

    source_path: Value | None = None
    """The path of the directory on the instance. Not supported on Fargate. Default: one that Docker chooses and may
    delete with the task."""


@frozen(kw_only=True)
class DockerVolumeConfiguration(Model):
    """A volume that Docker manages, on instances only.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DockerVolumeConfiguration.html"""

    scope: Literal["task", "shared"] | None = None
    """Whether the volume is deleted with its task (task) or stays (shared)."""
    autoprovision: bool | None = None
    """Whether a shared volume is created if it does not exist. Default: false."""
    driver: Value | None = None
    """The volume driver."""
    driver_opts: Mapping[str, TextValue] = field(default_factory=dict)
    """Options of the driver by name."""
    labels: Mapping[str, TextValue] = field(default_factory=dict)
    """Docker labels of the volume by name."""


@frozen(kw_only=True)
class EfsAuthorizationConfig(Model):
    """How a task is authorized to mount an EFS file system.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_EFSAuthorizationConfig.html"""

    access_point_id: Annotated[Value, Refers(ACCESS_POINT)] | None = None
    """The id of the access point to mount through."""
    iam: Switch | None = field(default=None, metadata=aws(property_name="IAM"))
    """Whether mounting requires permissions of the task role. A role that the service's stack creates may mount the
    volume, and write to it unless every container mounts it read-only; for root access add
    elasticfilesystem:ClientRootAccess to the service's `grants`. Default: DISABLED."""


@frozen
class EfsVolumeConfiguration(Model):
    """An EFS file system.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_EFSVolumeConfiguration.html"""

    file_system_id: Annotated[Value, Refers(FILE_SYSTEM)] = field(metadata=aws(property_name="FilesystemId"))
    """The id of the file system."""
    _: KW_ONLY
    root_directory: Value | None = None
    """The directory of the file system that is mounted. Default: its root. Leave it out with an access point."""
    transit_encryption: Switch | None = None
    """Whether the connection is encrypted, which access points and IAM require. Default: DISABLED."""
    transit_encryption_port: Annotated[IntegerValue, PORT] | None = None
    """The port of the encrypted connection on the instance. Default: the EFS mount helper chooses it."""
    authorization_config: EfsAuthorizationConfig | None = None
    """How the task is authorized to mount."""


@frozen
class S3FilesVolumeConfiguration(Model):
    """An S3 Files file system. A task role that the service's stack creates may mount it, and write to it unless every
    container mounts it read-only; add other permissions, such as to read the bucket itself or root access, to the
    service's `grants`.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-files-prereq-policies.html#s3-files-prereq-iam-compute-role
    """

    file_system_arn: Annotated[Value, Refers(S3FILES)]
    """The ARN of the file system."""
    _: KW_ONLY
    root_directory: Value | None = None
    """The directory of the file system that is mounted. Default: its root."""
    transit_encryption_port: Annotated[IntegerValue, PORT] | None = None
    """The port of the encrypted connection on the instance. Default: the S3 Files mount helper chooses it."""
    access_point_arn: Annotated[Value, Refers(S3FILES_ACCESS_POINT)] | None = None
    """The ARN of the access point to mount through."""


@frozen(kw_only=True)
class FsxAuthorizationConfig(Model):
    """How a task is authorized to mount an FSx for Windows file system.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_FSxWindowsFileServerAuthorizationConfig.html"""

    credentials_parameter: Annotated[Value, Refers(SECRET, PARAMETER, is_secret=True)]
    """The ARN of the Secrets Manager secret or SSM parameter with the credentials. An execution role that the service's
    stack creates may read it."""
    domain: Value
    """The fully qualified domain name of the Active Directory."""


@frozen
class FsxWindowsFileServerVolumeConfiguration(Model):
    """An FSx for Windows file system. Not supported on Fargate.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_FSxWindowsFileServerVolumeConfiguration.html"""

    file_system_id: Annotated[Value, Refers(FSX_FILE_SYSTEM)]
    """The id of the file system."""
    _: KW_ONLY
    root_directory: Value
    """The directory of the file system that is mounted."""
    authorization_config: FsxAuthorizationConfig
    """How the task is authorized to mount."""


@frozen
class Volume(Model):
    """A volume that containers mount by its name: a bind mount, or the type whose field is set.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Volume.html"""

    name: Annotated[str, names.CONTAINER]
    """The name of the volume, unique in the task."""
    _: KW_ONLY
    host: HostVolume | None = None
    """A directory of the instance."""
    docker_volume_configuration: DockerVolumeConfiguration | None = None
    """A volume that Docker manages."""
    efs_volume_configuration: EfsVolumeConfiguration | None = field(
        default=None, metadata=aws(property_name="EFSVolumeConfiguration")
    )
    """An EFS file system."""
    s3files_volume_configuration: S3FilesVolumeConfiguration | None = field(
        default=None, metadata=aws(property_name="S3FilesVolumeConfiguration")
    )
    """An S3 Files file system."""
    fsx_windows_file_server_volume_configuration: FsxWindowsFileServerVolumeConfiguration | None = field(
        default=None, metadata=aws(property_name="FSxWindowsFileServerVolumeConfiguration")
    )
    """An FSx for Windows file system."""
    configured_at_launch: bool | None = None
    """Whether it is an EBS volume that the service configures. A task has at most one. Default: false."""

    @property
    def types(self) -> tuple[str, ...]:
        kinds = ("host", *(name for name in self.__slots__ if name.endswith("_volume_configuration")))
        types = tuple(name for name in kinds if getattr(self, name) is not None)
        return (*types, "configured_at_launch") if self.configured_at_launch else types


@frozen
class MountPoint(Model):
    """Where a container mounts a volume.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_MountPoint.html"""

    source_volume: str
    """The name of one of the task's volumes."""
    container_path: Annotated[Value, CONTAINER_PATH]
    """The absolute path in the container."""
    _: KW_ONLY
    read_only: bool | None = None
    """Whether the container may only read. Default: false."""


@frozen
class VolumeFrom(Model):
    """Another container whose volumes are mounted.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_VolumeFrom.html"""

    source_container: str
    """The name of the other container."""
    _: KW_ONLY
    read_only: bool | None = None
    """Whether the container may only read. Default: false."""


def volume_problems(volumes: Sequence[Volume]) -> Iterator[Problem]:
    """Check the volumes of a task. Paths start at the list of volumes."""
    seen: set[str] = set()
    for index, volume in enumerate(volumes):
        if volume.name in seen:
            text = f"two volumes are named {quoted(volume.name)}"
            yield Problem("task-volume", (index, "name"), text, "rename one of them")
        seen.add(volume.name)
        if len(volume.types) > 1:
            text = f"{' and '.join(volume.types)} cannot be set together"
            yield Problem("task-volume", (index,), text, "keep one of them")
        for problem in _efs_problems(volume.efs_volume_configuration):
            yield problem.under(index, "efs_volume_configuration")
        yield from (problem.under(index) for problem in _instance_problems(volume))
    launched = [index for index, volume in enumerate(volumes) if volume.configured_at_launch]
    for index in launched[1:]:
        text = "only one volume of a task can be configured at launch"
        yield Problem(
            "task-volume", (index, "configured_at_launch"), text, "remove configured_at_launch from the others"
        )


def _instance_problems(volume: Volume) -> Iterator[Problem]:
    """Check settings that only instances support. Paths start at the volume."""
    source = volume.host.source_path if volume.host else None
    if is_known(source) and not DIRECTORY.matches(source):
        text = f"source_path must be an absolute path, got {shown(source)}, which Docker reads as the name of a volume"
        yield Problem("task-volume", ("host", "source_path"), text, "use a path such as /var/data", "warning")
    docker = volume.docker_volume_configuration
    if docker is not None and docker.autoprovision is not None and docker.scope != "shared":
        text = "autoprovision requires scope shared"
        path = ("docker_volume_configuration", "autoprovision")
        yield Problem("task-volume", path, text, "set scope: shared, or remove autoprovision", "warning")


def _efs_problems(efs: EfsVolumeConfiguration | None) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_EFSAuthorizationConfig.html"""
    authorization = efs.authorization_config if efs else None
    if efs is not None and is_known(efs.root_directory) and not efs.root_directory.startswith("/"):
        text = f"root_directory must start with /, got {shown(efs.root_directory)}"
        yield Problem("task-volume", ("root_directory",), text, f'use "/{efs.root_directory}"', "warning")
    if efs is not None and efs.transit_encryption_port is not None and efs.transit_encryption != "ENABLED":
        port = number_words(efs.transit_encryption_port)
        text = f"transit_encryption_port {port} requires transit_encryption ENABLED"
        fix = "set transit_encryption: ENABLED, or remove the port"
        yield Problem("task-volume", ("transit_encryption_port",), text, fix, "warning")
    if efs is None or authorization is None:
        return
    through_access_point = authorization.access_point_id is not None
    if (through_access_point or authorization.iam == "ENABLED") and efs.transit_encryption != "ENABLED":
        text = "access points and IAM authorization of EFS require transit_encryption ENABLED"
        yield Problem("task-volume", ("transit_encryption",), text, "set transit_encryption: ENABLED")
    if through_access_point and is_known(efs.root_directory) and efs.root_directory != "/":
        text = "root_directory cannot be set with access_point_id, which sets the root directory"
        yield Problem("task-volume", ("root_directory",), text, "remove root_directory")
