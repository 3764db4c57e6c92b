"""What the roles of a task need for its volumes, and for what its containers join an Active Directory with."""

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
    """What the task role needs to mount volumes. Access as root is not among it: where a file system's policy asks for
    that, the service's `grants` give it."""
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
        place = arn_or_name(point, "elasticfilesystem", "access-point/", gap="name")
        optional["conditions"] = {"StringEquals": {"elasticfilesystem:AccessPointArn": place}}
    return Grant(
        actions=_client("elasticfilesystem", writes),
        resources=(arn_or_name(efs.file_system_id, "elasticfilesystem", "file-system/", gap="name"),),
        because="mounts the EFS file system",
        **optional,
    )


def _client(service: str, writes: bool) -> list[str]:
    return [f"{service}:{action}" for action in ("ClientMount", *(["ClientWrite"] if writes else []))]


def volume_credentials(task: TaskDefinition) -> Iterator[Value]:
    """The secrets and parameters with which FSx for Windows is mounted, as references of containers name theirs."""
    for volume in task.volumes:
        fsx = volume.fsx_windows_file_server_volume_configuration
        if fsx is not None:
            yield fsx.authorization_config.credentials_parameter


def look_up_grants(task: TaskDefinition) -> Iterator[Grant]:
    """ECS's agent finds the address of a file system with the execution role, and reads the credentials with it:
    https://github.com/aws/amazon-ecs-agent/blob/master/agent/taskresource/fsxwindowsfileserver/fsxwindowsfileserver_windows.go
    """
    if any(True for _ in volume_credentials(task)):
        because = "finds the FSx file system; the agent asks for it by its id"
        yield Grant(actions=("fsx:DescribeFileSystems",), resources=("*",), because=because)


def specification_files(container: Container) -> Iterator[Value]:
    """The objects in S3 that may hold credential specifications."""
    return (each.value() for each in _specifications(container) if not each.is_arn or ":s3:" in each.text)


def specification_parameters(container: Container) -> Iterator[Value]:
    """The parameters that may hold credential specifications."""
    return (each.value() for each in _specifications(container) if not each.is_arn or ":ssm:" in each.text)


def _specifications(container: Container) -> Iterator[Shape]:
    """Those with an ARN, or with a value of which only CloudFormation knows which ARN it is.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/linux-gmsa.html#linux-gmsa-setup"""
    for given in container.credential_specs:
        for each in shapes(given):
            found = CREDENTIAL_SPEC.match(each.text)
            if found and not each.text.startswith("file:", found.end()):
                yield Shape(each.text[found.end() :], each.gaps)
