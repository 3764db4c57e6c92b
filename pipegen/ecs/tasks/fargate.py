"""Settings of tasks that Fargate does not support and container instances do.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html"""

from __future__ import annotations

from collections.abc import Iterator

from pipegen.ecs.tasks.container import Container
from pipegen.ecs.tasks.linux import LinuxParameters
from pipegen.ecs.tasks.volumes import Volume
from pipegen.errors import Path, Problem, quoted
from pipegen.fields.gaps import is_known
from pipegen.values.number import known

_UNSUPPORTED = (
    "disable_networking",
    "dns_search_domains",
    "dns_servers",
    "docker_security_options",
    "extra_hosts",
    "links",
    "privileged",
)
_UNSUPPORTED_LINUX = ("devices", "shared_memory_size", "max_swap", "swappiness")
"""https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LinuxParameters.html"""

_CAPABILITY = "SYS_PTRACE"
"""https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_KernelCapabilities.html"""

_TIMEOUT = (2, 120)
"""https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html (stopTimeout)"""


def fargate_container_problems(container: Container) -> Iterator[Problem]:
    """Check a container. Paths start at the container."""
    for name in _UNSUPPORTED:
        if getattr(container, name):
            yield _unsupported((name,), name)
    for problem in _linux_problems(container.linux_parameters or LinuxParameters()):
        yield problem.under("linux_parameters")
    for index, requirement in enumerate(container.resource_requirements):
        if requirement.type == "GPU":
            yield _unsupported(("resource_requirements", index), "GPUs")
    for name in ("start_timeout", "stop_timeout"):
        seconds: int | None = known(getattr(container, name))
        if seconds is not None and not _TIMEOUT[0] <= seconds <= _TIMEOUT[1]:
            text = f"{name} must be between {_TIMEOUT[0]} and {_TIMEOUT[1]} seconds on Fargate, got {seconds}"
            yield Problem("task-fargate", (name,), text, "change it, or run the task on EC2")


def _linux_problems(linux: LinuxParameters) -> Iterator[Problem]:
    for name in _UNSUPPORTED_LINUX:
        if getattr(linux, name) not in (None, ()):
            yield _unsupported((name,), name)
    for index, added in enumerate(linux.capabilities.add if linux.capabilities else ()):
        if is_known(added) and added != _CAPABILITY:
            text = f"Fargate can only add the capability {_CAPABILITY}, got {quoted(added)}"
            yield Problem("task-fargate", ("capabilities", "add", index), text, "remove it, or run the task on EC2")


def fargate_volume_problems(volume: Volume) -> Iterator[Problem]:
    """Check a volume. Paths start at the volume."""
    if volume.host is not None and volume.host.source_path is not None:
        yield _unsupported(("host", "source_path"), "directories of an instance")
    if volume.docker_volume_configuration is not None:
        yield _unsupported(("docker_volume_configuration",), "Docker volumes")
    if volume.fsx_windows_file_server_volume_configuration is not None:
        yield _unsupported(("fsx_windows_file_server_volume_configuration",), "FSx for Windows volumes")


def _unsupported(path: Path, noun: str) -> Problem:
    return Problem("task-fargate", path, f"Fargate does not support {noun}", "remove it, or run the task on EC2")
