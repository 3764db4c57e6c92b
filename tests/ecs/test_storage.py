"""What the roles of a service's tasks get for its volumes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.services.test_services import definition, documents
from tests.templates import allowed, statements

FILE_SYSTEM = "fs-0a1b2c3d"
TASK = "cpu: 256, memory: 512, containers: [{name: app, ports: [8080]}]"
MOUNTING = (
    "cpu: 256, memory: 512, volumes: [{name: data, efs_volume_configuration: {file_system_id: fs-0a1b2c3d, "
    "transit_encryption: ENABLED, authorization_config: AUTHORIZATION}}], "
    "containers: [{name: app, ports: [8080], mount_points: MOUNTS}]"
)


def task_role(authorization: str, *mounts: str) -> dict[str, Any]:
    listed = "".join(
        f"{{source_volume: data, container_path: /data/{number}{each}}}, " for number, each in enumerate(mounts)
    )
    task = MOUNTING.replace("AUTHORIZATION", authorization).replace("MOUNTS", f"[{listed}]")
    text = definition().replace(TASK, task)
    assert text != definition()
    text = text.replace(
        "    load_balancer", "    first_images: {app: acme/hello:1}\n    execute_command: true\n    load_balancer"
    )
    found: dict[str, Any] = documents(text)["shop-web"]["Resources"]["TaskRole"]["Properties"]
    return found


ARN = {"Fn::Sub": "arn:${AWS::Partition}:elasticfilesystem:${AWS::Region}:${AWS::AccountId}:file-system/fs-0a1b2c3d"}
POINT = {
    "Fn::Sub": "arn:${AWS::Partition}:elasticfilesystem:${AWS::Region}:${AWS::AccountId}:access-point/fsap-0a1b2c3d"
}


@pytest.mark.parametrize(
    ("mounts", "writes"),
    [([""], True), ([", read_only: true"], False), ([", read_only: true", ", read_only: false"], True)],
)
def test_a_task_may_write_to_a_file_system_unless_all_mount_it_read_only(mounts: list[str], writes: bool) -> None:
    role = task_role("{iam: ENABLED}", *mounts)
    assert allowed(role, "elasticfilesystem:ClientMount") == [ARN]
    assert allowed(role, "elasticfilesystem:ClientWrite") == ([ARN] if writes else [])


def test_a_task_mounts_through_its_access_point_only() -> None:
    role = task_role("{iam: ENABLED, access_point_id: fsap-0a1b2c3d}", "")
    [condition] = [each["Condition"] for each in statements(role) if ARN in each["Resource"]]
    assert condition == {"StringEquals": {"elasticfilesystem:AccessPointArn": POINT}}


@pytest.mark.parametrize("authorization", ["{iam: DISABLED}", "{access_point_id: fsap-0a1b2c3d}"])
def test_without_iam_a_mount_takes_no_permission(authorization: str) -> None:
    assert allowed(task_role(authorization, ""), "elasticfilesystem:ClientMount") == []
