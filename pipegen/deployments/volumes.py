"""The volumes of a task, and where containers mount them.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Volume.html"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from pipegen import names
from pipegen.deployments.spelling import aws
from pipegen.errors import Problem, there_are
from pipegen.fields.gaps import is_known
from pipegen.model import Model
from pipegen.shape import is_no_arn, shown
from pipegen.values import TextValue, Value

if TYPE_CHECKING:
    from pipegen.deployments.container import Container

Switch = Literal["ENABLED", "DISABLED"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HostVolume(Model):
    """A directory of the instance: source_path, or one that Docker chooses and deletes with the task."""

    source_path: Value | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DockerVolumeConfiguration(Model):
    """A volume that Docker keeps, on EC2 alone. autoprovision: make a shared one where there is none."""

    scope: Literal["task", "shared"] | None = None
    autoprovision: bool | None = None
    driver: Value | None = None
    driver_opts: Mapping[str, TextValue] = field(default_factory=dict)
    labels: Mapping[str, TextValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class EfsAuthorizationConfig(Model):
    """Who mounts: through an access point, and with iam ENABLED as the task role. A role that the service's stack makes
    may mount it, and write to it unless every container mounts it read-only; root access takes the service's
    `grants`: elasticfilesystem:ClientRootAccess."""

    access_point_id: Value | None = None
    iam: Switch | None = field(default=None, metadata=aws(property_name="IAM"))


@dataclass(frozen=True, slots=True, kw_only=True)
class EfsVolumeConfiguration(Model):
    """An EFS file system. transit_encryption: AWS's default is DISABLED; access points and IAM need it ENABLED.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_EFSVolumeConfiguration.html"""

    file_system_id: Value = field(metadata=aws(property_name="FilesystemId"))
    root_directory: Value | None = None
    transit_encryption: Switch | None = None
    transit_encryption_port: int | None = None
    authorization_config: EfsAuthorizationConfig | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class S3FilesVolumeConfiguration(Model):
    """An S3 Files file system. A task role that the service's stack makes may mount it, and write to it unless every
    container mounts it read-only; what else it takes (reading the bucket itself, root access) belongs in the service's
    `grants`.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-files-prereq-policies.html#s3-files-prereq-iam-compute-role
    """

    file_system_arn: Value
    root_directory: Value | None = None
    transit_encryption_port: int | None = None
    access_point_arn: Value | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FsxAuthorizationConfig(Model):
    """credentials_parameter: the ARN of a secret or an SSM parameter, which an execution role that the service's stack
    makes may read. domain: of the Active Directory."""

    credentials_parameter: Value
    domain: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class FsxWindowsFileServerVolumeConfiguration(Model):
    """An FSx for Windows file system."""

    file_system_id: Value
    root_directory: Value
    authorization_config: FsxAuthorizationConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume(Model):
    """A volume that containers mount by its name. At most one of what it may be made of; a bind mount without any.

    configured_at_launch: an EBS volume that the service describes; one in a task.
    """

    name: str
    host: HostVolume | None = None
    docker_volume_configuration: DockerVolumeConfiguration | None = None
    efs_volume_configuration: EfsVolumeConfiguration | None = field(
        default=None, metadata=aws(property_name="EFSVolumeConfiguration")
    )
    s3files_volume_configuration: S3FilesVolumeConfiguration | None = field(
        default=None, metadata=aws(property_name="S3FilesVolumeConfiguration")
    )
    fsx_windows_file_server_volume_configuration: FsxWindowsFileServerVolumeConfiguration | None = field(
        default=None, metadata=aws(property_name="FSxWindowsFileServerVolumeConfiguration")
    )
    configured_at_launch: bool | None = None

    @property
    def made_of(self) -> tuple[str, ...]:
        kinds = ("host", *(name for name in self.__slots__ if name.endswith("_volume_configuration")))
        found = tuple(name for name in kinds if getattr(self, name) is not None)
        return (*found, "configured_at_launch") if self.configured_at_launch else found


@dataclass(frozen=True, slots=True, kw_only=True)
class MountPoint(Model):
    """source_volume: the name of one of the task's volumes. container_path: where it is in the container."""

    source_volume: str
    container_path: Value
    read_only: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeFrom(Model):
    """All that another container mounts."""

    source_container: str
    read_only: bool | None = None


def volume_problems(volumes: Sequence[Volume]) -> Iterator[Problem]:
    """Paths start at the list of volumes."""
    seen: set[str] = set()
    for index, volume in enumerate(volumes):
        if not names.CONTAINER.matches(volume.name):
            text = f"{volume.name!r} is not a valid name for a volume"
            yield Problem("task-volume", (index, "name"), text, names.CONTAINER.words)
        if volume.name in seen:
            yield Problem("task-volume", (index, "name"), f"there are two volumes {volume.name!r}", "rename one")
        seen.add(volume.name)
        if len(volume.made_of) > 1:
            text = f"volume {volume.name!r} is of several sorts: {', '.join(volume.made_of)}"
            yield Problem("task-volume", (index,), text, "keep one")
        s3files = volume.s3files_volume_configuration
        if s3files is not None and is_no_arn(s3files.file_system_arn):
            text = f"{shown(s3files.file_system_arn)} is not the ARN of a file system"
            path = (index, "s3files_volume_configuration", "file_system_arn")
            yield Problem("task-volume", path, text, "such as arn:aws:s3files:REGION:ACCOUNT:file-system/fs-0a1b2c3d")
        for problem in _efs_problems(volume.efs_volume_configuration):
            yield problem.under(index, "efs_volume_configuration")
    launched = [index for index, volume in enumerate(volumes) if volume.configured_at_launch]
    for index in launched[1:]:
        text = "a task has one volume that is configured at launch"
        yield Problem("task-volume", (index, "configured_at_launch"), text, "keep one of them")


def _efs_problems(efs: EfsVolumeConfiguration | None) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_EFSAuthorizationConfig.html"""
    authorization = efs.authorization_config if efs else None
    if efs is None or authorization is None:
        return
    through_access_point = authorization.access_point_id is not None
    if (through_access_point or authorization.iam == "ENABLED") and efs.transit_encryption != "ENABLED":
        text = "access points and IAM authorization of EFS work over encrypted connections alone"
        yield Problem("task-volume", ("transit_encryption",), text, "say transit_encryption: ENABLED")
    if through_access_point and is_known(efs.root_directory) and efs.root_directory != "/":
        text = "the access point says which directory is the root"
        yield Problem("task-volume", ("root_directory",), text, "leave root_directory out")


def mount_problems(containers: Sequence[Container], volumes: Sequence[Volume]) -> Iterator[Problem]:
    """What containers mount that is not there; paths start at the list of containers."""
    known, called = [volume.name for volume in volumes], [container.name for container in containers]
    for index, container in enumerate(containers):
        for number, mount in enumerate(container.mount_points):
            if mount.source_volume not in known:
                text = f"the task has no volume {mount.source_volume!r}"
                fix = there_are(known) if known else "add it under volumes"
                yield Problem("task-volume", (index, "mount_points", number, "source_volume"), text, fix)
        others = [name for name in called if name != container.name]
        for number, volume in enumerate(container.volumes_from):
            if volume.source_container not in others:
                text = f"the task has no other container {volume.source_container!r}"
                fix = there_are(others) if others else "leave volumes_from out"
                yield Problem("task-volume", (index, "volumes_from", number, "source_container"), text, fix)
