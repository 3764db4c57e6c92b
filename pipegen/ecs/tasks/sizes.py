"""How large tasks are, by where they run.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from pipegen.ecs.tasks.container import Container
from pipegen.errors import Problem, quoted
from pipegen.fields.constraints import Between

_GIB = 1024

FARGATE: Mapping[int, Sequence[int]] = {
    256: (512, 1024, 2048),
    512: range(1 * _GIB, 4 * _GIB + 1, _GIB),
    1024: range(2 * _GIB, 8 * _GIB + 1, _GIB),
    2048: range(4 * _GIB, 16 * _GIB + 1, _GIB),
    4096: range(8 * _GIB, 30 * _GIB + 1, _GIB),
    8192: range(16 * _GIB, 60 * _GIB + 1, 4 * _GIB),
    16384: range(32 * _GIB, 120 * _GIB + 1, 8 * _GIB),
    32768: (60 * _GIB, 120 * _GIB, 244 * _GIB),
}
"""The memory (MiB) that goes with each cpu (units) on Fargate; with Windows, 1024 to 4096 units alone.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size"""

_WINDOWS = (1024, 2048, 4096)
CPU = Between(128, 196_608)
"""CPU units of a task on instances, which include those that Fargate offers.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html (cpu)"""


def fargate_size_problems(cpu: int | None, memory: int | None, *, windows: bool) -> Iterator[Problem]:
    """Paths start at the task definition."""
    missing = [name for name, value in (("cpu", cpu), ("memory", memory)) if value is None]
    if missing:
        text = f"a task on Fargate needs {' and '.join(missing)}"
        yield Problem("task-size", (), text, "such as cpu: 1024 (units) with memory: 2048 (MiB)")
    if cpu is None or not CPU.admits(cpu):
        return
    offered = [each for each in FARGATE if not windows or each in _WINDOWS]
    if cpu not in offered:
        text = f"Fargate has no {cpu} units of cpu" + (" for Windows" if windows else "")
        yield Problem("task-size", ("cpu",), text, f"one of {', '.join(map(str, offered))}; 1024 are a vCPU")
    elif memory is not None and memory not in FARGATE[cpu]:
        text = f"on Fargate {memory} MiB do not go with {cpu} units of cpu"
        yield Problem("task-size", ("memory",), text, _offer(cpu))


def _offer(cpu: int) -> str:
    sizes = FARGATE[cpu]
    if isinstance(sizes, range) and len(sizes) > 4:
        return f"{sizes[0]} to {sizes[-1]} in steps of {sizes.step}"
    return f"one of {', '.join(map(str, sizes))}"


def instance_size_problems(memory: int | None, containers: Sequence[Container]) -> Iterator[Problem]:
    """For tasks that are not for Fargate; paths start at the task definition."""
    for index, container in enumerate(containers):
        if memory is None and container.memory is None and container.memory_reservation is None:
            text = f"nothing says how much memory container {quoted(container.name)} takes"
            fix = "give it memory or memory_reservation, or the task memory"
            yield Problem("task-memory", ("containers", index), text, fix)


def share_problems(cpu: int | None, memory: int | None, containers: Sequence[Container]) -> Iterator[Problem]:
    """Containers that would take more than their task has; paths start at the task definition. A limit above the
    task's is refused too: https://github.com/pulumi/pulumi-awsx/issues/1220"""
    taken = sum(container.cpu or 0 for container in containers)
    if cpu is not None and taken > cpu:
        text = f"containers take {taken} units of cpu in a task of {cpu}"
        yield Problem("task-size", ("cpu",), text, f"{taken} or more, or give the containers less")
    alone = [index for index, each in enumerate(containers) if memory is not None and (each.memory or 0) > memory]
    for index in alone:
        container = containers[index]
        text = f"container {quoted(container.name)} may take {container.memory} MiB in a task of {memory}"
        severity: Literal["error", "warning"] = "warning" if container.memory_reservation else "error"
        yield Problem("task-memory", ("containers", index, "memory"), text, f"{memory} or less", severity)
    reserved = sum(container.reserved_memory for container in containers)
    if memory is not None and reserved > memory and not alone:
        text = f"containers take {reserved} MiB in a task of {memory}"
        yield Problem("task-memory", ("memory",), text, f"{reserved} or more, or give the containers less")
