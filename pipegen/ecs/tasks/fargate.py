"""What Fargate does not support and container instances do.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html"""

from __future__ import annotations

from collections.abc import Iterator

from pipegen.ecs.tasks.container import Container
from pipegen.ecs.tasks.linux import LinuxParameters
from pipegen.ecs.tasks.volumes import Volume
from pipegen.errors import Path, Problem, quoted
from pipegen.fields.gaps import is_known

_NOT_THERE = (
    "disable_networking",
    "dns_search_domains",
    "dns_servers",
    "docker_security_options",
    "extra_hosts",
    "links",
    "privileged",
)
_NOT_THERE_OF_LINUX = ("devices", "shared_memory_size", "max_swap", "swappiness")
"""https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LinuxParameters.html"""

_CAPABILITY = "SYS_PTRACE"
"""https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_KernelCapabilities.html"""

_TIMEOUT = (2, 120)
"""https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html (stopTimeout)"""


def fargate_container_problems(container: Container) -> Iterator[Problem]:
    """Paths start at the container."""
    for name in _NOT_THERE:
        if getattr(container, name):
            yield _refused((name,), name)
    for problem in _linux_problems(container.linux_parameters or LinuxParameters()):
        yield problem.under("linux_parameters")
    for index, requirement in enumerate(container.resource_requirements):
        if requirement.type == "GPU":
            yield _refused(("resource_requirements", index), "GPUs")
    for name in ("start_timeout", "stop_timeout"):
        seconds = getattr(container, name)
        if seconds is not None and not _TIMEOUT[0] <= seconds <= _TIMEOUT[1]:
            text = f"a {name} of {seconds} seconds"
            yield Problem("task-fargate", (name,), text, f"{_TIMEOUT[0]} to {_TIMEOUT[1]} on Fargate")


def _linux_problems(linux: LinuxParameters) -> Iterator[Problem]:
    for name in _NOT_THERE_OF_LINUX:
        if getattr(linux, name) not in (None, ()):
            yield _refused((name,), name)
    for index, added in enumerate(linux.capabilities.add if linux.capabilities else ()):
        if is_known(added) and added != _CAPABILITY:
            text = f"Fargate adds no capability {quoted(added)}"
            yield Problem("task-fargate", ("capabilities", "add", index), text, f"{_CAPABILITY} is the only one")


def fargate_volume_problems(volume: Volume) -> Iterator[Problem]:
    """Paths start at the volume."""
    if volume.host is not None and volume.host.source_path is not None:
        yield _refused(("host", "source_path"), "directories of an instance")
    if volume.docker_volume_configuration is not None:
        yield _refused(("docker_volume_configuration",), "volumes of Docker")
    if volume.fsx_windows_file_server_volume_configuration is not None:
        yield _refused(("fsx_windows_file_server_volume_configuration",), "volumes of FSx for Windows")


def _refused(path: Path, what: str) -> Problem:
    return Problem("task-fargate", path, f"Fargate does not take {what}", "leave that out, or run the task on EC2")
