"""Task definitions that AWS would refuse are refused, those that it takes are not, and what is said is where it is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft7Validator
from troposphere import Ref

from pipegen.checks.values.constraints import constraints
from pipegen.ecs.tasks.container import Container, ContainerDependency, HostEntry, ResourceRequirement, RestartPolicy
from pipegen.ecs.tasks.health_check import HealthCheck
from pipegen.ecs.tasks.linux import Device, KernelCapabilities, LinuxParameters, Tmpfs
from pipegen.ecs.tasks.logs import FirelensConfiguration, LogConfiguration
from pipegen.ecs.tasks.ports import PortMapping
from pipegen.ecs.tasks.sizes import FARGATE
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
    HostVolume,
    MountPoint,
    Volume,
    VolumeFrom,
)
from pipegen.errors import spell
from tests.ecs.test_task_definition import APP, FULL, ON_EC2, ROLE, SECRET, TASK


def codes_and_paths(task: TaskDefinition) -> list[tuple[str, str]]:
    """What is wrong with the fields, each for itself, and across them."""
    return [(problem.code, spell(problem.path)) for problem in (*constraints(task), *task_problems(task))]


def with_app(task: TaskDefinition = TASK, **changes: Any) -> TaskDefinition:
    return replace(task, containers=[replace(APP, **changes)])


def with_side(task: TaskDefinition = TASK, side: Mapping[str, Any] | None = None, **changes: Any) -> TaskDefinition:
    """The app and a container beside it."""
    beside = Container(**{"name": "side", "essential": False, **(side or {})})
    return replace(task, containers=[replace(APP, **changes), beside])


def on_ec2(**changes: Any) -> TaskDefinition:
    return with_app(replace(ON_EC2, memory=512), **changes)


def with_volume(*volumes: Volume, task: TaskDefinition = TASK) -> TaskDefinition:
    return replace(task, volumes=volumes)


def efs(root_directory: str | None = None, transit_encryption: Any = None, **authorization: Any) -> TaskDefinition:
    volume = EfsVolumeConfiguration(
        file_system_id="fs-1",
        root_directory=root_directory,
        transit_encryption=transit_encryption,
        authorization_config=EfsAuthorizationConfig(**authorization) if authorization else None,
    )
    return with_volume(Volume("data", efs_volume_configuration=volume))


def depends(condition: Any, **side: Any) -> TaskDefinition:
    return with_side(depends_on=[ContainerDependency("side", condition=condition)], side=side)


def awslogs(*options: str, **fields: Any) -> LogConfiguration:
    return LogConfiguration(driver="awslogs", options={name: OPTIONS[name] for name in options}, **fields)


OPTIONS = {"awslogs-group": "/ecs/app", "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "app"}
ALL_OPTIONS = tuple(OPTIONS)
CHECK = HealthCheck(command=["CMD", "true"])
EFS = EfsVolumeConfiguration(file_system_id="fs-1")
FIRELENS = FirelensConfiguration(type="fluentbit")


@pytest.mark.parametrize(
    "task",
    [
        TASK,
        replace(ON_EC2, memory=512),
        replace(TASK, family=Ref("Family"), task_role=ROLE),
        replace(TASK, requires_compatibilities=("EC2", "FARGATE")),
        replace(TASK, ephemeral_storage=21),
        replace(TASK, ephemeral_storage=200),
        replace(TASK, pid_mode="task"),
        replace(ON_EC2, cpu=128, memory=4),
        replace(ON_EC2, cpu=196608, memory=512),
        replace(ON_EC2, memory=512, pid_mode="host", ipc_mode="host"),
        replace(
            ON_EC2, memory=512, placement_constraints=[PlacementConstraint(expression="agentConnected exists")] * 10
        ),
        with_app(ON_EC2, memory=6),
        with_app(ON_EC2, memory_reservation=6),
        with_app(memory=512, memory_reservation=512, cpu=256),
        with_side(replace(TASK, memory=1024), memory=1024, memory_reservation=512, side={"memory": 512}),
        with_side(replace(ON_EC2, memory=512), links=["side", "side:cache"]),
        on_ec2(hostname="app", privileged=True, dns_servers=["10.0.0.2"], stop_timeout=600),
        with_app(name="a" * 255),
        with_app(ports=[1, 65535, PortMapping(container_port=80, host_port=80)]),
        with_app(ports=[PortMapping(container_port=53, protocol="udp"), 53]),
        on_ec2(ports=[PortMapping(container_port=80, host_port=65535)]),
        with_app(ports=[PortMapping(container_port_range="8000-8001"), 7999, 8002]),
        with_app(ports=[PortMapping(container_port=80, name="web_1-x")]),
        with_side(ports=[80], side={"ports": [81]}),
        on_ec2(ports=[PortMapping(container_port=80, host_port=0), PortMapping(container_port=81, host_port=0)]),
        with_side(replace(ON_EC2, memory=512), ports=[80], side={"ports": [80]}),
        with_app(health_check=HealthCheck(command=["CMD", "x"], interval=5, timeout=2, retries=1, start_period=0)),
        with_app(
            health_check=HealthCheck(command=["CMD-SHELL", "x"], interval=300, timeout=60, retries=10, start_period=300)
        ),
        with_app(health_check=HealthCheck(command=[Ref("Command")])),
        with_app(start_timeout=2, stop_timeout=2),
        with_app(start_timeout=120, stop_timeout=120),
        with_app(restart_policy=RestartPolicy(restart_attempt_period=60, ignored_exit_codes=range(50))),
        with_app(restart_policy=RestartPolicy(restart_attempt_period=1800)),
        with_app(environment_files=["arn:aws:s3:::bucket/app.env"] * 10),
        with_app(environment_files=[Ref("File")]),
        with_app(environment={"A": "1"}, secrets={"B": SECRET}),
        with_app(linux_parameters=LinuxParameters(tmpfs=[Tmpfs(container_path="/tmp", size=16)])),
        with_app(linux_parameters=LinuxParameters(capabilities=KernelCapabilities(add=["SYS_PTRACE"], drop=["ALL"]))),
        on_ec2(linux_parameters=LinuxParameters(max_swap=0, swappiness=0)),
        on_ec2(linux_parameters=LinuxParameters(max_swap=0, swappiness=100)),
        with_app(log_configuration=awslogs(*ALL_OPTIONS)),
        with_app(log_configuration=awslogs(*ALL_OPTIONS[1:], secret_options={"awslogs-group": SECRET})),
        on_ec2(log_configuration=awslogs(*ALL_OPTIONS[:2])),
        on_ec2(log_configuration=LogConfiguration(driver="json-file")),
        with_app(log_configuration=LogConfiguration(driver=Ref("Driver"))),
        with_side(log_configuration=LogConfiguration(driver="awsfirelens"), side={"firelens_configuration": FIRELENS}),
        depends("START"),
        depends("HEALTHY", health_check=CHECK),
        depends("COMPLETE"),
        depends("SUCCESS"),
        with_side(volumes_from=[VolumeFrom("side")]),
        replace(TASK, proxy_configuration=ProxyConfiguration(container_name="app")),
        efs(),
        efs(root_directory="/data"),
        efs(iam="DISABLED"),
        efs(iam="ENABLED", transit_encryption="ENABLED", root_directory="/data"),
        efs(access_point_id="fsap-1", transit_encryption="ENABLED", root_directory="/"),
        with_volume(Volume("data", host=HostVolume()), Volume("ebs", configured_at_launch=True)),
        with_volume(Volume("data", host=HostVolume(source_path="/x")), task=replace(ON_EC2, memory=512)),
        replace(with_app(image="public.ecr.aws/nginx"), execution_role=None),
        replace(on_ec2(log_configuration=awslogs(*ALL_OPTIONS)), execution_role=None),
    ],
)
def test_what_aws_takes_has_no_problems(task: TaskDefinition) -> None:
    assert codes_and_paths(task) == []


APP_PATH = "containers[0]"


@pytest.mark.parametrize(
    ("task", "code", "path"),
    [
        (replace(TASK, task_role="my role"), "wrong-reference", "task_role"),
        (replace(TASK, execution_role="arn:aws:iam::1:user/x"), "wrong-reference", "execution_role"),
        # containers
        (replace(TASK, containers=[]), "wrong-length", "containers"),
        (with_app(essential=False), "task-containers", f"{APP_PATH}.essential"),
        (with_side(side={"name": "app"}), "task-containers", "containers[1].name"),
        (
            replace(TASK, proxy_configuration=ProxyConfiguration(container_name="envoy")),
            "task-containers",
            "proxy_configuration.container_name",
        ),
        # size
        (replace(TASK, cpu=None), "task-size", ""),
        (replace(TASK, memory=None), "task-size", ""),
        (replace(TASK, cpu=300), "task-size", "cpu"),
        (replace(TASK, memory=3072), "task-size", "memory"),
        (replace(TASK, requires_compatibilities=("EC2", "FARGATE"), memory=600), "task-size", "memory"),
        (replace(ON_EC2, memory=512, cpu=127), "out-of-range", "cpu"),
        (replace(TASK, cpu=127), "out-of-range", "cpu"),
        (with_app(cpu=257), "task-size", "cpu"),
        (with_side(cpu=200, side={"cpu": 57}), "task-size", "cpu"),
        (ON_EC2, "task-memory", APP_PATH),
        (replace(ON_EC2, requires_compatibilities=()), "task-memory", APP_PATH),
        (with_app(memory=256, memory_reservation=257), "task-memory", f"{APP_PATH}.memory_reservation"),
        (with_app(memory=513), "task-memory", f"{APP_PATH}.memory"),
        (with_app(memory=513, memory_reservation=128), "task-memory", f"{APP_PATH}.memory"),
        (with_side(memory=256, side={"memory_reservation": 257}), "task-memory", "memory"),
        # ports
        (with_app(ports=[80, 65536]), "out-of-range", f"{APP_PATH}.ports[1]"),
        (
            with_app(ports=[PortMapping(container_port=80, host_port=65536)]),
            "out-of-range",
            f"{APP_PATH}.ports[0].host_port",
        ),
        (
            with_app(ports=[PortMapping(container_port=80, host_port=8080)]),
            "task-port",
            f"{APP_PATH}.ports[0].host_port",
        ),
        (with_app(ports=[PortMapping(container_port=80, host_port=0)]), "task-port", f"{APP_PATH}.ports[0].host_port"),
        (
            replace(on_ec2(ports=[PortMapping(container_port=80, host_port=81)]), network_mode="host"),
            "task-port",
            f"{APP_PATH}.ports[0].host_port",
        ),
        (
            replace(on_ec2(ports=[PortMapping(container_port_range="1-2")]), network_mode="host"),
            "task-port",
            f"{APP_PATH}.ports[0].container_port_range",
        ),
        (replace(on_ec2(), network_mode="none"), "task-port", f"{APP_PATH}.ports[0]"),
        (with_app(ports=[80, 80]), "task-port", f"{APP_PATH}.ports[1]"),
        (with_app(ports=[80, PortMapping(container_port=80, protocol="tcp")]), "task-port", f"{APP_PATH}.ports[1]"),
        (on_ec2(ports=[80, 80]), "task-port", f"{APP_PATH}.ports[1]"),
        (with_app(ports=[8001, PortMapping(container_port_range="8000-8002")]), "task-port", f"{APP_PATH}.ports[1]"),
        (with_side(ports=[80], side={"ports": [80]}), "task-port", "containers[1].ports[0]"),
        (
            on_ec2(
                ports=[PortMapping(container_port=80, host_port=8080), PortMapping(container_port=81, host_port=8080)]
            ),
            "task-port",
            f"{APP_PATH}.ports[1]",
        ),
        (with_app(ports=[PortMapping()]), "task-port", f"{APP_PATH}.ports[0]"),
        (
            with_app(ports=[PortMapping(container_port=80, container_port_range="81-82")]),
            "task-port",
            f"{APP_PATH}.ports[0]",
        ),
        (
            on_ec2(ports=[PortMapping(host_port=80, container_port_range="81-82")]),
            "task-port",
            f"{APP_PATH}.ports[0].host_port",
        ),
        *(
            (
                with_app(ports=[PortMapping(container_port_range=text)]),
                "task-port",
                f"{APP_PATH}.ports[0].container_port_range",
            )
            for text in ("80", "80-80", "81-80", "0-80", "80-65536", "a-b")
        ),
        *(
            (with_app(ports=[PortMapping(container_port=80, name=name)]), "wrong-form", f"{APP_PATH}.ports[0].name")
            for name in ("", "-web", "Web", "w" * 65)
        ),
        # health checks
        *(
            (
                with_app(health_check=HealthCheck(command=command)),
                "task-health-check",
                f"{APP_PATH}.health_check.command",
            )
            for command in ([], ["CMD"], ["curl", "localhost"])
        ),
        # dependencies
        (
            with_app(depends_on=[ContainerDependency("side", condition="START")]),
            "task-depends-on",
            f"{APP_PATH}.depends_on[0].container",
        ),
        (
            with_app(depends_on=[ContainerDependency("app", condition="START")]),
            "task-depends-on",
            f"{APP_PATH}.depends_on[0].container",
        ),
        (depends("HEALTHY"), "task-depends-on", f"{APP_PATH}.depends_on[0].condition"),
        (depends("COMPLETE", essential=True), "task-depends-on", f"{APP_PATH}.depends_on[0].condition"),
        (depends("SUCCESS", essential=True), "task-depends-on", f"{APP_PATH}.depends_on[0].condition"),
        (
            depends("START", depends_on=[ContainerDependency("app", condition="START")]),
            "task-depends-on",
            f"{APP_PATH}.depends_on[0].container",
        ),
        # volumes
        (
            with_app(mount_points=[MountPoint("data", container_path="/data")]),
            "task-volume",
            f"{APP_PATH}.mount_points[0].source_volume",
        ),
        (
            with_app(volumes_from=[VolumeFrom("app")]),
            "task-volume",
            f"{APP_PATH}.volumes_from[0].source_container",
        ),
        (with_volume(Volume("data"), Volume("data")), "task-volume", "volumes[1].name"),
        (
            with_volume(Volume("data", host=HostVolume(), efs_volume_configuration=EFS)),
            "task-volume",
            "volumes[0]",
        ),
        (
            with_volume(Volume("a", configured_at_launch=True), Volume("b", configured_at_launch=True)),
            "task-volume",
            "volumes[1].configured_at_launch",
        ),
        (efs(iam="ENABLED"), "task-volume", "volumes[0].efs_volume_configuration.transit_encryption"),
        (
            efs(access_point_id="fsap-1", transit_encryption="DISABLED"),
            "task-volume",
            "volumes[0].efs_volume_configuration.transit_encryption",
        ),
        (
            efs(access_point_id="fsap-1", transit_encryption="ENABLED", root_directory="/x"),
            "task-volume",
            "volumes[0].efs_volume_configuration.root_directory",
        ),
        # environment
        (with_app(environment={"A": "1"}, secrets={"A": SECRET}), "task-environment", f"{APP_PATH}.secrets.A"),
        (with_app(environment_files=["app.env"]), "wrong-reference", f"{APP_PATH}.environment_files[0]"),
        (
            with_app(environment_files=["arn:aws:s3:::bucket/app.txt"]),
            "wrong-reference",
            f"{APP_PATH}.environment_files[0]",
        ),
        # logs
        (with_app(log_configuration=awslogs(*ALL_OPTIONS[:2])), "task-log", f"{APP_PATH}.log_configuration.options"),
        (with_app(log_configuration=awslogs(*ALL_OPTIONS[1:])), "task-log", f"{APP_PATH}.log_configuration.options"),
        (on_ec2(log_configuration=awslogs("awslogs-group")), "task-log", f"{APP_PATH}.log_configuration.options"),
        (
            with_app(log_configuration=LogConfiguration(driver="awsfirelens")),
            "task-log",
            f"{APP_PATH}.log_configuration.driver",
        ),
        (
            with_side(firelens_configuration=FIRELENS, side={"firelens_configuration": FIRELENS}),
            "task-log",
            "containers[1].firelens_configuration",
        ),
        # network
        (with_app(hostname="app"), "task-network", f"{APP_PATH}.hostname"),
        (replace(on_ec2(links=["a"]), network_mode="awsvpc"), "task-network", f"{APP_PATH}.links"),
        (replace(on_ec2(links=["a"]), network_mode="host"), "task-network", f"{APP_PATH}.links"),
        # Fargate
        (replace(TASK, network_mode="bridge"), "task-fargate", "network_mode"),
        (replace(TASK, network_mode="host"), "task-fargate", "network_mode"),
        (
            replace(TASK, placement_constraints=[PlacementConstraint(expression="x")]),
            "task-fargate",
            "placement_constraints",
        ),
        (replace(TASK, ipc_mode="task"), "task-fargate", "ipc_mode"),
        (replace(TASK, pid_mode="host"), "task-fargate", "pid_mode"),
        *(
            (with_app(**dict[str, Any]({name: value})), "task-fargate", f"{APP_PATH}.{name}")
            for name, value in {
                "disable_networking": True,
                "dns_search_domains": ["internal"],
                "dns_servers": ["10.0.0.2"],
                "docker_security_options": ["no-new-privileges"],
                "extra_hosts": [HostEntry(hostname="db", ip_address="10.0.0.3")],
                "links": ["side"],
                "privileged": True,
            }.items()
        ),
        *(
            (
                with_app(linux_parameters=LinuxParameters(**dict[str, Any]({name: value}))),
                "task-fargate",
                f"{APP_PATH}.linux_parameters.{name}",
            )
            for name, value in {
                "devices": [Device(host_path="/dev/fuse")],
                "shared_memory_size": 64,
                "max_swap": 0,
                "swappiness": 0,
            }.items()
        ),
        (
            with_app(linux_parameters=LinuxParameters(capabilities=KernelCapabilities(add=["NET_ADMIN"]))),
            "task-fargate",
            f"{APP_PATH}.linux_parameters.capabilities.add[0]",
        ),
        (
            with_app(resource_requirements=[ResourceRequirement(type="GPU", value="1")]),
            "task-fargate",
            f"{APP_PATH}.resource_requirements[0]",
        ),
        *(
            (with_app(**dict[str, Any]({name: value})), "task-fargate", f"{APP_PATH}.{name}")
            for name in ("start_timeout", "stop_timeout")
            for value in (1, 121)
        ),
        (
            with_app(log_configuration=LogConfiguration(driver="json-file")),
            "task-fargate",
            f"{APP_PATH}.log_configuration.driver",
        ),
        (
            with_volume(Volume("data", host=HostVolume(source_path="/x"))),
            "task-fargate",
            "volumes[0].host.source_path",
        ),
        (
            with_volume(Volume("data", docker_volume_configuration=DockerVolumeConfiguration())),
            "task-fargate",
            "volumes[0].docker_volume_configuration",
        ),
        (
            with_volume(FULL.volumes[4]),
            "task-fargate",
            "volumes[0].fsx_windows_file_server_volume_configuration",
        ),
        # the execution role
        (replace(TASK, execution_role=None), "task-execution-role", ""),
        (
            replace(with_app(image="111122223333.dkr.ecr.eu-west-1.amazonaws.com/app"), execution_role=None),
            "task-execution-role",
            "",
        ),
        (
            replace(with_app(image="nginx", log_configuration=awslogs(*ALL_OPTIONS)), execution_role=None),
            "task-execution-role",
            "",
        ),
        (replace(on_ec2(secrets={"A": SECRET}), execution_role=None), "task-execution-role", ""),
    ],
)
def test_what_aws_would_reject_is_reported_where_it_is(task: TaskDefinition, code: str, path: str) -> None:
    assert codes_and_paths(task) == [(code, path)]
    [problem] = (*constraints(task), *task_problems(task))
    assert problem.fix or " must " in problem.text
    assert "\n" not in str(problem)


@pytest.mark.parametrize(("cpu", "memory"), [(cpu, memory) for cpu, sizes in FARGATE.items() for memory in sizes])
def test_cfn_lint_takes_every_size_that_fargate_is_said_to_have(cpu: int, memory: int) -> None:
    assert fits(cpu, memory)
    assert codes_and_paths(replace(TASK, cpu=cpu, memory=memory)) == []


LINT = json.loads(
    (files("cfnlint.data.schemas.extensions.aws_ecs_taskdefinition") / "fargate_cpu_memory.json").read_text()
)


def fits(cpu: int, memory: int) -> bool:
    """By cfn-lint's E3047, without its patterns for texts with units."""
    for choice in LINT["then"]["anyOf"]:
        sizes = choice["properties"]
        if str(cpu) in sizes["Cpu"]["then"]["enum"] and Draft7Validator(sizes["Memory"]["then"]).is_valid(memory):
            return True
    return False


@pytest.mark.parametrize("cpu", FARGATE)
def test_no_other_size_is_taken_that_cfn_lint_rejects(cpu: int) -> None:
    for memory in range(512, 250 * 1024, 512):
        assert (codes_and_paths(replace(TASK, cpu=cpu, memory=memory)) == []) == fits(cpu, memory)


@pytest.mark.parametrize(
    ("cpu", "memory", "words"),
    [
        (256, 4096, "memory must be one of 512, 1024, 2048 MiB with cpu 256 on Fargate, got 4096"),
        (512, 512, "memory must be one of 1024, 2048, 3072, 4096 MiB with cpu 512 on Fargate, got 512"),
        (1024, 1024, "memory must be 2048 to 8192 in steps of 1024 MiB with cpu 1024 on Fargate, got 1024"),
        (8192, 1024, "memory must be 16384 to 61440 in steps of 4096 MiB with cpu 8192 on Fargate, got 1024"),
        (
            300,
            512,
            "cpu must be one of 256, 512, 1024, 2048, 4096, 8192, 16384, 32768 on Fargate, got 300",
        ),
    ],
)
def test_a_wrong_size_is_reported_with_the_supported_ones(cpu: int, memory: int, words: str) -> None:
    [problem] = task_problems(replace(TASK, cpu=cpu, memory=memory))
    assert words in str(problem)


@pytest.mark.parametrize(
    ("cpu", "memory", "is_right"),
    [(512, 1024, False), (1024, 2048, True), (4096, 8192, True), (8192, 16384, False)],
)
def test_windows_takes_one_to_four_cpus(cpu: int, memory: int, is_right: bool) -> None:
    windows = RuntimePlatform(operating_system_family="WINDOWS_SERVER_2022_CORE")
    task = replace(TASK, cpu=cpu, memory=memory, runtime_platform=windows)
    assert codes_and_paths(task) == ([] if is_right else [("task-size", "cpu")])


def test_a_circle_of_dependencies_is_spelled_out_and_what_leads_into_it_is_not() -> None:
    ways = {"front": "a", "a": "b", "b": "c", "c": "a", "end": None}
    containers = [
        Container(name, depends_on=[ContainerDependency(other, condition="START")] if other else ())
        for name, other in ways.items()
    ]
    [problem] = task_problems(replace(TASK, containers=containers))
    assert "a → b → c → a" in problem.text
    assert spell(problem.path) == "containers[1].depends_on[0].container"


def test_a_path_that_forks_and_joins_again_is_not_a_cycle() -> None:
    ways: dict[str, tuple[str, ...]] = {"a": ("b", "c"), "b": ("d",), "c": ("d",), "d": ()}
    containers = [
        Container(name, depends_on=[ContainerDependency(each, condition="START") for each in others])
        for name, others in ways.items()
    ]
    assert codes_and_paths(replace(TASK, containers=containers)) == []


def test_several_problems_are_reported_at_once() -> None:
    task = with_app(replace(TASK, cpu=1, family=""), ports=[0], privileged=True)
    assert {code for code, _ in codes_and_paths(task)} == {"out-of-range", "wrong-reference", "task-fargate"}


def test_problems_are_values_of_no_more_than_a_line_for_any_name() -> None:
    task = with_app(name="a\nb", health_check=HealthCheck(command=["\x1b"]))
    problems = [*constraints(task), *task_problems(task)]
    assert len(problems) == 2
    assert all(str(problem).isprintable() for problem in problems)
