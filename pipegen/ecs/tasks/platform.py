"""Platform versions of Fargate and the features that each supports.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/platform-fargate.html"""

from __future__ import annotations

from collections.abc import Iterator

from pipegen.ecs.tasks.container import Container
from pipegen.ecs.tasks.task_definition import TaskDefinition
from pipegen.errors import Problem
from pipegen.facts import unlisted
from pipegen.fields.constraints import Matches
from pipegen.fields.gaps import is_known
from pipegen.values.number import known
from pipegen.values.value import Value

PLATFORM_VERSION = Matches("LATEST|[0-9]+\\.[0-9]+\\.[0-9]+", "LATEST or a version such as 1.4.0")

_LINUX = ("LATEST", "1.4.0", "1.3.0", "1.2.0", "1.1.0", "1.0.0")
_WINDOWS = ("LATEST", "1.0.0")
_BIG = 8192
"""CPU units of a task. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size"""


def platform_problems(version: Value | None, task: TaskDefinition) -> Iterator[Problem]:
    """Check that a platform version exists and supports a task. Paths start at the model with `platform_version`."""
    if not is_known(version) or not PLATFORM_VERSION.matches(version):
        return
    known = _WINDOWS if task.is_windows else _LINUX
    if version not in known:
        system = "Windows" if task.is_windows else "Linux"
        yield unlisted(
            "platform-version", ("platform_version",), version, known, f"platform version of Fargate for {system}"
        )
        return
    if version == "LATEST" or task.is_windows:
        return
    for feature, since in _needed(task):
        if _number(version) < _number(since):
            text = f"{feature} requires platform_version {since} or later, got {version}"
            yield Problem("platform-version", ("platform_version",), text, f"use {since}, or remove platform_version")
            return


def _number(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _selects_part(reference: Value) -> bool:
    """Whether a reference to a secret selects a JSON key or a version."""
    return isinstance(reference, str) and ":secretsmanager:" in reference and reference.count(":") > 6


def _needed(task: TaskDefinition) -> Iterator[tuple[str, str]]:
    """List the features that a task uses, each with the first version that supports it."""
    platform = task.runtime_platform
    used = {
        "an EFS volume": any(volume.efs_volume_configuration for volume in task.volumes),
        "an EBS volume": any(volume.configured_at_launch for volume in task.volumes),
        "ephemeral_storage": task.ephemeral_storage is not None,
        "pid_mode": task.pid_mode is not None,
        "fault injection": bool(task.enable_fault_injection),
        "the CPU architecture ARM64": platform is not None and platform.cpu_architecture == "ARM64",
        f"a task of {_BIG} CPU units or more": (known(task.cpu) or 0) >= _BIG,
    }
    yield from ((feature, "1.4.0") for feature, is_used in used.items() if is_used)
    for container in task.containers:
        yield from _needed_by(container)


def _needed_by(container: Container) -> Iterator[tuple[str, str]]:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-restart-policy.html"""
    linux = container.linux_parameters
    log = container.log_configuration
    since = {
        "1.4.0": {
            "a restart_policy": container.restart_policy is not None,
            "environment_files": bool(container.environment_files),
            "system_controls": bool(container.system_controls),
            "an added capability": bool(linux and linux.capabilities and linux.capabilities.add),
            "a secret by its JSON key": any(map(_selects_part, container.secrets.values())),
        },
        "1.3.0": {
            "secrets": bool(container.secrets or (log and log.secret_options)),
            "depends_on": bool(container.depends_on),
            "start_timeout": container.start_timeout is not None,
            "stop_timeout": container.stop_timeout is not None,
        },
        "1.2.0": {"repository_credentials": container.repository_credentials is not None},
        "1.1.0": {"a health_check": container.health_check is not None},
    }
    for version, features in since.items():
        yield from ((feature, version) for feature, is_used in features.items() if is_used)
