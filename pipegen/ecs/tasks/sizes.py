"""CPU and memory of tasks.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from pipegen.ecs.tasks.container import Container
from pipegen.errors import Problem, quoted
from pipegen.fields.constraints import Between
from pipegen.values.number import IntegerValue, known

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
"""The memory (MiB) that Fargate supports for each cpu (units). Windows supports only 1024 to 4096 units.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size"""

_WINDOWS = (1024, 2048, 4096)
CPU = Between(128, 196_608)
"""CPU units of a task on instances; they include those of Fargate.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html (cpu)"""


def fargate_size_problems(
    cpu_value: IntegerValue | None, memory_value: IntegerValue | None, *, windows: bool
) -> Iterator[Problem]:
    """Check the size of a task on Fargate. Paths start at the task definition."""
    missing = [name for name, value in (("cpu", cpu_value), ("memory", memory_value)) if value is None]
    if missing:
        text = f"a task on Fargate requires {' and '.join(missing)}"
        yield Problem("task-size", (), text, "add values such as cpu: 1024 (units) and memory: 2048 (MiB)")
    cpu, memory = known(cpu_value), known(memory_value)
    if cpu is None or not CPU.admits(cpu):
        return
    supported = [each for each in FARGATE if not windows or each in _WINDOWS]
    if cpu not in supported:
        platform = "Fargate with Windows" if windows else "Fargate"
        text = f"cpu must be one of {', '.join(map(str, supported))} on {platform}, got {cpu}"
        yield Problem("task-size", ("cpu",), text, "choose one of these; 1024 units are one vCPU")
    elif memory is not None and memory not in FARGATE[cpu]:
        text = f"memory must be {_supported_memory(cpu)} MiB with cpu {cpu} on Fargate, got {memory}"
        yield Problem("task-size", ("memory",), text, "change memory or cpu")


def _supported_memory(cpu: int) -> str:
    sizes = FARGATE[cpu]
    if isinstance(sizes, range) and len(sizes) > 4:
        return f"{sizes[0]} to {sizes[-1]} in steps of {sizes.step}"
    return f"one of {', '.join(map(str, sizes))}"


def instance_size_problems(memory: IntegerValue | None, containers: Sequence[Container]) -> Iterator[Problem]:
    """Check that the memory of a task that does not run on Fargate is set. Paths start at the task definition."""
    for index, container in enumerate(containers):
        if memory is None and container.memory is None and container.memory_reservation is None:
            text = f"the memory of the container {quoted(container.name)} is missing"
            fix = "set memory or memory_reservation of the container, or memory of the task"
            yield Problem("task-memory", ("containers", index), text, fix)


def share_problems(cpu: int | None, memory: int | None, containers: Sequence[Container]) -> Iterator[Problem]:
    """Check that containers do not require more than their task has. Paths start at the task definition.

    ECS also rejects a memory limit above the task's: https://github.com/pulumi/pulumi-awsx/issues/1220
    """
    required = sum(known(container.cpu) or 0 for container in containers)
    if cpu is not None and required > cpu:
        text = f"cpu must be at least {required}, the sum of the containers, got {cpu}"
        yield Problem("task-size", ("cpu",), text, "raise cpu, or lower cpu of the containers")
    limits = [known(each.memory) or 0 for each in containers]
    over = [index for index, limit in enumerate(limits) if memory is not None and limit > memory]
    for index in over:
        container = containers[index]
        text = f"memory must be at most the memory of the task ({memory} MiB), got {container.memory}"
        severity: Literal["error", "warning"] = "warning" if container.memory_reservation else "error"
        fix = "lower memory of the container, or raise memory of the task"
        yield Problem("task-memory", ("containers", index, "memory"), text, fix, severity)
    reserved = sum(container.reserved_memory for container in containers)
    if memory is not None and reserved > memory and not over:
        text = f"memory must be at least {reserved} MiB, the sum of the containers, got {memory}"
        yield Problem("task-memory", ("memory",), text, "raise memory, or lower memory of the containers")
