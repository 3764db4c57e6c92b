"""Permissions of task and execution roles for volumes and for credential specifications."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipegen.ecs.tasks.container import CREDENTIAL_SPEC, Container
from pipegen.ecs.tasks.task_definition import TaskDefinition
from pipegen.ecs.tasks.volumes import EfsVolumeConfiguration
from pipegen.iam.grant import Grant
from pipegen.values.shape import Shape, arn_or_name, shapes
from pipegen.values.value import Value


def mount_grants(task: TaskDefinition) -> Iterator[Grant]:
    """Allow the task role to mount volumes, without root access. If the policy of a file system requires that, add it
    to the service's `grants`."""
    for volume in task.volumes:
        mounts = [each for container in task.containers for each in container.mount_points]
        writes = any(not each.read_only for each in mounts if each.source_volume == volume.name)
        efs, s3files = volume.efs_volume_configuration, volume.s3files_volume_configuration
        if efs is not None and efs.authorization_config is not None and efs.authorization_config.iam == "ENABLED":
            yield _efs_grant(efs, writes)
        if s3files is not None:
            # https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonS3FilesClientReadWriteAccess.html
            yield Grant(
                actions=_client("s3files", writes),
                resources=(s3files.file_system_arn,),
                because="mounts the S3 Files file system",
            )


def _efs_grant(efs: EfsVolumeConfiguration, writes: bool) -> Grant:
    """https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html and access-points-iam-policy.html"""
    optional: dict[str, Any] = {}
    if efs.authorization_config is not None and (point := efs.authorization_config.access_point_id) is not None:
        access_point = arn_or_name(point, "elasticfilesystem", "access-point/", gap="name")
        optional["conditions"] = {"StringEquals": {"elasticfilesystem:AccessPointArn": access_point}}
    return Grant(
        actions=_client("elasticfilesystem", writes),
        resources=(arn_or_name(efs.file_system_id, "elasticfilesystem", "file-system/", gap="name"),),
        because="mounts the EFS file system",
        **optional,
    )


def _client(service: str, writes: bool) -> list[str]:
    return [f"{service}:{action}" for action in ("ClientMount", *(["ClientWrite"] if writes else []))]


def volume_credentials(task: TaskDefinition) -> Iterator[Value]:
    """The secrets and parameters with the credentials of FSx for Windows volumes."""
    for volume in task.volumes:
        fsx = volume.fsx_windows_file_server_volume_configuration
        if fsx is not None:
            yield fsx.authorization_config.credentials_parameter


def look_up_grants(task: TaskDefinition) -> Iterator[Grant]:
    """Allow the execution role to describe FSx file systems. The ECS agent looks up their addresses with that role:
    https://github.com/aws/amazon-ecs-agent/blob/master/agent/taskresource/fsxwindowsfileserver/fsxwindowsfileserver_windows.go
    """
    if any(True for _ in volume_credentials(task)):
        because = "looks up the FSx file system by its id"
        yield Grant(actions=("fsx:DescribeFileSystems",), resources=("*",), because=because)


def specification_files(container: Container) -> Iterator[Value]:
    """The S3 objects that may contain credential specifications."""
    return (each.value() for each in _specifications(container) if not each.is_arn or ":s3:" in each.text)


def specification_parameters(container: Container) -> Iterator[Value]:
    """The SSM parameters that may contain credential specifications."""
    return (each.value() for each in _specifications(container) if not each.is_arn or ":ssm:" in each.text)


def _specifications(container: Container) -> Iterator[Shape]:
    """The ARNs of specifications, including values whose ARN is only known at deployment.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/linux-gmsa.html#linux-gmsa-setup"""
    for specification in container.credential_specs:
        for each in shapes(specification):
            prefix = CREDENTIAL_SPEC.match(each.text)
            if prefix and not each.text.startswith("file:", prefix.end()):
                yield Shape(each.text[prefix.end() :], each.gaps)
