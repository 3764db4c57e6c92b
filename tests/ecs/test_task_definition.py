"""Task definitions: everything that AWS takes can be said, and comes out in both of its spellings."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER
from jsonschema import Draft7Validator
from troposphere import GetAtt, ImportValue, Ref

from pipegen.ecs.tasks.container import (
    Container,
    ContainerDependency,
    HostEntry,
    NvidiaMps,
    RepositoryCredentials,
    ResourceRequirement,
    RestartPolicy,
    SharingStrategy,
)
from pipegen.ecs.tasks.health_check import HealthCheck
from pipegen.ecs.tasks.linux import Device, KernelCapabilities, LinuxParameters, SystemControl, Tmpfs, Ulimit
from pipegen.ecs.tasks.logs import FirelensConfiguration, LogConfiguration
from pipegen.ecs.tasks.ports import PortMapping
from pipegen.ecs.tasks.task_definition import (
    PlacementConstraint,
    ProxyConfiguration,
    RuntimePlatform,
    TaskDefinition,
)
from pipegen.ecs.tasks.task_problems import task_problems
from pipegen.ecs.tasks.volumes import (
    DockerVolumeConfiguration,
    EfsAuthorizationConfig,
    EfsVolumeConfiguration,
    FsxAuthorizationConfig,
    FsxWindowsFileServerVolumeConfiguration,
    HostVolume,
    MountPoint,
    S3FilesVolumeConfiguration,
    Volume,
    VolumeFrom,
)
from pipegen.errors import InvalidDefinition
from pipegen.fields.model import Model
from pipegen.loading.schemas.schema import schema_of
from pipegen.reading import check_as, read_as
from tests.values.test_values import resolved

ROLE = "arn:aws:iam::111122223333:role/app"
SECRET = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:app"

FULL = TaskDefinition(
    family="orders",
    task_role=ROLE,
    execution_role=ROLE,
    network_mode="bridge",
    containers=[
        Container(
            "app",
            repository_credentials=RepositoryCredentials(credentials_parameter=SECRET),
            cpu=512,
            memory=512,
            memory_reservation=256,
            links=["side:side"],
            ports=[
                3000,
                PortMapping(container_port=3001, host_port=8080, protocol="udp", name="web", app_protocol="http2"),
                PortMapping(container_port_range="8000-8002"),
            ],
            essential=True,
            restart_policy=RestartPolicy(enabled=True, ignored_exit_codes=[0], restart_attempt_period=60),
            entry_point=["/entry"],
            command=["serve", "--port=3000"],
            environment={"REGION": "eu-west-1", "snake_case": "kept"},
            environment_files=["arn:aws:s3:::bucket/app.env"],
            mount_points=[MountPoint("efs", container_path="/data", read_only=True)],
            volumes_from=[VolumeFrom("side", read_only=False)],
            linux_parameters=LinuxParameters(
                capabilities=KernelCapabilities(add=["SYS_PTRACE"], drop=["ALL"]),
                devices=[Device(host_path="/dev/fuse", container_path="/dev/fuse", permissions=["read", "mknod"])],
                init_process_enabled=True,
                shared_memory_size=64,
                tmpfs=[Tmpfs(container_path="/tmp", size=16, mount_options=["ro"])],
                max_swap=0,
                swappiness=10,
            ),
            secrets={"PASSWORD": SECRET},
            depends_on=[ContainerDependency("side", condition="HEALTHY")],
            start_timeout=30,
            stop_timeout=60,
            version_consistency="disabled",
            hostname="app",
            user="1000:1000",
            working_directory="/srv",
            disable_networking=False,
            privileged=False,
            readonly_root_filesystem=True,
            dns_servers=["10.0.0.2"],
            dns_search_domains=["internal"],
            extra_hosts=[HostEntry(hostname="db", ip_address="10.0.0.3")],
            docker_security_options=["no-new-privileges"],
            interactive=False,
            pseudo_terminal=False,
            docker_labels={"com.acme.some_label": "kept"},
            ulimits=[Ulimit("nofile", soft_limit=1024, hard_limit=4096)],
            log_configuration=LogConfiguration(
                driver="awslogs",
                options={"awslogs-group": "g", "awslogs-region": "r", "awslogs-stream-prefix": "p"},
                secret_options={"token": SECRET},
            ),
            health_check=HealthCheck(command=["CMD-SHELL", "true"], interval=30, timeout=5, retries=3, start_period=0),
            system_controls=[SystemControl(namespace="net.core.somaxconn", value="1024")],
            resource_requirements=[
                ResourceRequirement(
                    type="GPU",
                    value="1",
                    sharing_strategy=SharingStrategy(nvidia_mps=NvidiaMps(memory=512, max_compute_percent=50)),
                )
            ],
            firelens_configuration=FirelensConfiguration(type="fluentbit", options={"enable-ecs-log-metadata": "true"}),
            credential_specs=["credentialspec:arn:aws:s3:::bucket/spec.json"],
        ),
        Container(
            "side",
            image="public.ecr.aws/docker/library/nginx:1",
            essential=False,
            health_check=HealthCheck(command=["CMD", "true"]),
        ),
    ],
    volumes=[
        Volume("instance", host=HostVolume(source_path="/var/data")),
        Volume(
            "docker",
            docker_volume_configuration=DockerVolumeConfiguration(
                scope="shared", autoprovision=True, driver="local", driver_opts={"type": "nfs"}, labels={"a_b": "c"}
            ),
        ),
        Volume(
            "efs",
            efs_volume_configuration=EfsVolumeConfiguration(
                file_system_id="fs-1",
                root_directory="/",
                transit_encryption="ENABLED",
                transit_encryption_port=2999,
                authorization_config=EfsAuthorizationConfig(access_point_id="fsap-1", iam="ENABLED"),
            ),
        ),
        Volume(
            "s3files",
            s3files_volume_configuration=S3FilesVolumeConfiguration(
                file_system_arn="arn:aws:s3files:eu-west-1:111122223333:file-system/fs-1",
                root_directory="/",
                transit_encryption_port=2999,
                access_point_arn="arn:aws:s3files:eu-west-1:111122223333:access-point/a",
            ),
        ),
        Volume(
            "fsx",
            fsx_windows_file_server_volume_configuration=FsxWindowsFileServerVolumeConfiguration(
                file_system_id="fs-2",
                root_directory="share",
                authorization_config=FsxAuthorizationConfig(credentials_parameter=SECRET, domain="acme.test"),
            ),
        ),
        Volume("ebs", configured_at_launch=True),
    ],
    placement_constraints=[PlacementConstraint(expression="attribute:ecs.os-type == linux")],
    requires_compatibilities=["EC2"],
    cpu=1024,
    memory=2048,
    tags={"team_name": "orders"},
    pid_mode="task",
    ipc_mode="task",
    proxy_configuration=ProxyConfiguration(container_name="side", properties={"AppPorts": "3000"}),
    ephemeral_storage=21,
    runtime_platform=RuntimePlatform(cpu_architecture="ARM64", operating_system_family="LINUX"),
    enable_fault_injection=True,
)
IMAGES = {"app": "<IMAGE1_NAME>"}

APP = Container("app", ports=[3000])
TASK = TaskDefinition(family="orders", cpu=256, memory=512, execution_role="tasks", containers=[APP])
"""What a service on Fargate comes down to."""

ON_EC2 = replace(TASK, requires_compatibilities=("EC2",), network_mode="bridge", cpu=None, memory=None)


# What is said


API = botocore.session.get_session().get_service_model("ecs").operation_model("RegisterTaskDefinition").input_shape
SCHEMA = PROVIDER_SCHEMA_MANAGER.get_resource_schema("eu-west-1", "AWS::ECS::TaskDefinition").schema

LEFT_OUT = {
    "inferenceAccelerators": "Elastic Inference has ended; https://docs.aws.amazon.com/elastic-inference/",
    "trustedExecutionConfiguration": "CloudFormation has no such property",
}
"""Members of the API that no field makes."""


def models(value: object) -> Iterator[Model]:
    """The value and all models inside of it."""
    if isinstance(value, Model):
        yield value
        for field in fields(value):  # type: ignore[arg-type]
            yield from models(getattr(value, field.name))
    elif isinstance(value, tuple):
        for item in value:
            yield from models(item)


def test_the_full_task_definition_uses_every_field_of_every_class() -> None:
    used: dict[str, bool] = {}
    for model in models(FULL):
        for field in fields(model):  # type: ignore[arg-type]
            name = f"{type(model).__name__}.{field.name}"
            used[name] = used.get(name, False) or getattr(model, field.name) not in (None, (), {})
    assert [name for name, is_used in used.items() if not is_used] == []


def test_the_request_is_one_to_botocore() -> None:
    report = ParamValidator().validate(FULL.request(IMAGES), API)
    assert not report.has_errors(), report.generate_report()


def unknown(shape: Any, data: Any, path: str = "") -> Iterator[str]:
    """Keys of the data that the API does not have, and members of the API that the data does not have."""
    if shape.type_name == "structure":
        yield from (f"{path}{key}: unknown" for key in data if key not in shape.members)
        for key, member in shape.members.items():
            yield from unknown(member, data[key], f"{path}{key}.") if key in data else (f"{path}{key}",)
    elif shape.type_name == "list":
        found = [set(unknown(shape.member, item, path)) for item in data]
        yield from sorted(set.intersection(*found) | {each for some in found for each in some if "unknown" in each})


def test_every_member_of_the_api_is_made_or_left_out_for_a_reason() -> None:
    assert list(unknown(API, FULL.request(IMAGES))) == list(LEFT_OUT)


def test_the_request_begins_as_the_api_does() -> None:
    made = list(FULL.request(IMAGES))
    assert made == [name for name in API.members if name in made]
    assert list(FULL.request(IMAGES)["containerDefinitions"][0]) == [
        name for name in API.members["containerDefinitions"].member.members if name not in LEFT_OUT
    ]


def enums(shape: Any, data: Any) -> Iterator[tuple[str, str]]:
    """Values that are none of those the API has; botocore does not look."""
    if shape.type_name == "structure":
        for key, value in data.items():
            yield from enums(shape.members[key], value)
    elif shape.type_name == "list":
        for item in data:
            yield from enums(shape.member, item)
    elif getattr(shape, "enum", None) and data not in shape.enum:
        yield shape.name, data


def test_the_request_has_no_value_that_the_api_does_not_know() -> None:
    assert list(enums(API, FULL.request(IMAGES))) == []


def closed(schema: Any) -> Any:
    """The resource schema with every object refusing keys that it does not name, without Java's patterns."""
    if isinstance(schema, dict):
        made = {key: closed(value) for key, value in schema.items() if key != "pattern"}
        return {**made, "additionalProperties": False} if isinstance(schema.get("properties"), dict) else made
    return [closed(item) for item in schema] if isinstance(schema, list) else schema


def test_the_properties_are_those_of_cloudformation() -> None:
    validator = Draft7Validator(closed(SCHEMA))
    assert [error.message for error in validator.iter_errors(FULL.properties(IMAGES))] == []


def properties_of(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = schema.get("$ref") or schema.get("items", {}).get("$ref")
    definition = SCHEMA["definitions"][reference.rsplit("/", 1)[-1]] if reference else schema
    found: Mapping[str, Any] = definition.get("properties", {})
    return found


def missing(schema: Mapping[str, Any], data: Any, path: str = "") -> Iterator[str]:
    for key, inner in properties_of(schema).items():
        found = [each[key] for each in data if key in each]
        items = [item for each in found for item in (each if isinstance(each, list) else [each])]
        yield from missing(inner, items, f"{path}{key}.") if found else (f"{path}{key}",)


def test_every_property_of_cloudformation_is_made_or_left_out_for_a_reason() -> None:
    assert list(missing(SCHEMA, [FULL.properties(IMAGES)])) == ["InferenceAccelerators", "TaskDefinitionArn"]


def test_a_small_task_definition_says_nothing_more() -> None:
    assert TASK.request({"app": "<IMAGE1_NAME>"}) == {
        "family": "orders",
        "executionRoleArn": TASK.roles[0],
        "networkMode": "awsvpc",
        "containerDefinitions": [
            {"name": "app", "image": "<IMAGE1_NAME>", "portMappings": [{"containerPort": 3000}], "essential": True}
        ],
        "requiresCompatibilities": ["FARGATE"],
        "cpu": "256",
        "memory": "512",
    }


def test_mappings_become_the_lists_that_aws_takes_and_keep_their_names() -> None:
    app = FULL.request(IMAGES)["containerDefinitions"][0]
    assert app["environment"][1] == {"name": "snake_case", "value": "kept"}
    assert app["secrets"] == [{"name": "PASSWORD", "valueFrom": SECRET}]
    assert app["environmentFiles"] == [{"value": "arn:aws:s3:::bucket/app.env", "type": "s3"}]
    assert app["dockerLabels"] == {"com.acme.some_label": "kept"}
    assert FULL.properties(IMAGES)["Tags"] == [{"Key": "team_name", "Value": "orders"}]
    assert FULL.properties(IMAGES)["ContainerDefinitions"][0]["DockerLabels"] == {"com.acme.some_label": "kept"}


def test_a_container_keeps_its_own_image() -> None:
    app, side = FULL.request({"app": "x", "side": "y"})["containerDefinitions"]
    assert (app["image"], side["image"]) == ("x", "public.ecr.aws/docker/library/nginx:1")
    assert FULL.awaiting_images == ("app",)


def test_expressions_stay_expressions() -> None:
    task = replace(
        TASK,
        task_role=GetAtt("Role", "Arn"),
        containers=[replace(APP, environment={"TABLE": Ref("Table")}, secrets={"KEY": ImportValue("key")})],
    )
    made = task.properties({"app": Ref("Image")})
    assert made["TaskRoleArn"] == GetAtt("Role", "Arn")
    [container] = made["ContainerDefinitions"]
    assert container["Image"] == Ref("Image")
    assert container["Environment"] == [{"Name": "TABLE", "Value": Ref("Table")}]
    assert container["Secrets"] == [{"Name": "KEY", "ValueFrom": ImportValue("key")}]
    assert list(task_problems(task)) == []


def test_a_role_by_name_becomes_its_arn() -> None:
    task = replace(TASK, task_role="/apps/orders", execution_role="tasks")
    arns = ["arn:<AWS::Partition>:iam::<AWS::AccountId>:role/apps/orders"]
    arns.append("arn:<AWS::Partition>:iam::<AWS::AccountId>:role/tasks")
    assert list(map(resolved, task.roles)) == arns
    request = task.request({"app": "x"})
    assert [resolved(request["taskRoleArn"]), resolved(request["executionRoleArn"])] == arns


def test_the_roles_to_pass_are_each_there_once() -> None:
    assert FULL.roles == (ROLE,)
    assert replace(TASK, execution_role=None).roles == ()
    assert replace(TASK, task_role=Ref("Role"), execution_role=Ref("Role")).roles == (Ref("Role"),)


def test_the_ports_of_a_container_are_numbers() -> None:
    assert FULL.ports_of("app") == (3000, 3001, 8000, 8001, 8002)
    assert FULL.ports_of("side") == ()
    assert FULL.ports_of("other") == ()


# What is read

DATA: dict[str, Any] = {
    "family": "orders",
    "cpu": 256,
    "memory": 512,
    "execution_role": "tasks",
    "tags": {"team": "orders"},
    "containers": [
        {
            "name": "app",
            "ports": [3000, {"container_port": 3001, "protocol": "udp"}, {"container_port_range": "8000-8010"}],
            "environment": {"TABLE": {"Ref": "Table"}},
            "health_check": {"command": ["CMD-SHELL", "true"], "start_period": 10},
            "mount_points": [{"source_volume": "data", "container_path": "/data"}],
            "log_configuration": {"driver": "awslogs", "options": {"awslogs-group": "orders"}},
        }
    ],
    "volumes": [
        {"name": "data", "efs_volume_configuration": {"file_system_id": {"Ref": "Files"}}},
        {"name": "scratch", "host": {}},
    ],
}
READ = TaskDefinition(
    family="orders",
    cpu=256,
    memory=512,
    execution_role="tasks",
    tags={"team": "orders"},
    containers=[
        Container(
            "app",
            ports=[
                3000,
                PortMapping(container_port=3001, protocol="udp"),
                PortMapping(container_port_range="8000-8010"),
            ],
            environment={"TABLE": Ref("Table")},
            health_check=HealthCheck(command=["CMD-SHELL", "true"], start_period=10),
            mount_points=[MountPoint("data", container_path="/data")],
            log_configuration=LogConfiguration(driver="awslogs", options={"awslogs-group": "orders"}),
        )
    ],
    volumes=[
        Volume("data", efs_volume_configuration=EfsVolumeConfiguration(file_system_id=Ref("Files"))),
        Volume("scratch", host=HostVolume()),
    ],
)


def test_data_is_read_as_the_same_value() -> None:
    assert read_as(TaskDefinition, DATA) == READ


def test_a_value_made_in_python_is_checked_and_stays_the_same() -> None:
    assert check_as(TaskDefinition, READ)[0] == READ
    assert check_as(TaskDefinition, FULL)[0] == FULL


def changed(data: Any, path: tuple[str | int, ...], value: Any) -> Any:
    copy = json.loads(json.dumps(data))
    here = copy
    for part in path[:-1]:
        here = here[part]
    here[path[-1]] = value
    return copy


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("memroy",), 512),
        (("cpu",), "256"),
        (("cpu",), True),
        (("network_mode",), "nat"),
        (("requires_compatibilities",), ["LAMBDA"]),
        (("containers", 0, "imgae"), "x"),
        (("containers", 0, "ports", 0), "3000"),
        (("containers", 0, "ports", 0), True),
        (("containers", 0, "ports", 0), None),
        (("containers", 0, "ports", 0), [3000]),
        (("containers", 0, "ports", 0), {"conatiner_port": 3000}),
        (("containers", 0, "ports", 0), {"container_port": "3000"}),
        (("containers", 0, "health_check", "intervall"), 5),
        (("containers", 0, "depends_on"), [{"container": "app", "condition": "DONE"}]),
        (("volumes", 0, "efs_volume_configuration", "iam"), "ENABLED"),
    ],
)
def test_wrong_data_is_rejected_with_one_error_by_reader_and_schema(path: tuple[str | int, ...], value: Any) -> None:
    data = changed(DATA, path, value)
    with pytest.raises(InvalidDefinition) as refusal:
        read_as(TaskDefinition, data)
    assert len(refusal.value.problems) == 1
    assert not VALIDATOR.is_valid(data)


def test_a_number_becomes_text_in_the_environment_and_true_does_not() -> None:
    data = changed(DATA, ("containers", 0, "environment", "TABLE"), 3)
    assert read_as(TaskDefinition, data).containers[0].environment["TABLE"] == "3"
    with pytest.raises(InvalidDefinition, match="put it in quotes"):
        read_as(TaskDefinition, changed(DATA, ("containers", 0, "environment", "TABLE"), True))


VALIDATOR = Draft7Validator(schema_of(TaskDefinition))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("containers", 0, "ports", 0), {"container_port": 3000}),
        (("containers", 0, "ports", 0), {"host_port": 3000}),
        (("containers", 0, "ports", 0), {}),
        (("containers", 0, "ports"), []),
        (("pid_mode",), None),
    ],
)
def test_right_data_is_taken_by_reader_and_schema(path: tuple[str | int, ...], value: Any) -> None:
    data = changed(DATA, path, value)
    read_as(TaskDefinition, data)
    assert VALIDATOR.is_valid(data)
