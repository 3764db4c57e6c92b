"""Checks that images and the tasks that run them have the same operating system and CPU architecture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from pipegen.errors import Path, Problem, quoted
from pipegen.graph.outline import Outline
from pipegen.model.repository import Pushed
from pipegen.pipeline.located import LocatedAction

if TYPE_CHECKING:
    from pipegen.ecs.tasks.task_definition import TaskDefinition

_ARCHITECTURES = {"amd64": "X86_64", "arm64": "ARM64"}


def platforms(written: Outline) -> Iterator[Problem]:
    """Find images for another platform than that of the task. This is a warning, since a Dockerfile can set a different
    platform. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-arm64.html"""
    built = _built(written.actions)
    for path, task in _tasks(written):
        for index, container in enumerate(task.containers):
            pushes = built.get(container.name, ()) if container.image is None else ()
            if pushes and task.is_windows:
                text = f"{pushes[0][0].words} builds images for Linux, but {quoted(container.name)} runs on Windows"
                where = (*path, "runtime_platform", "operating_system_family")
                fix = "set image in the container to a Windows image"
                yield Problem("image-platform", where, text, fix, "warning")
            elif pushes and not any(_fits(pushed, task) for _, pushed in pushes):
                yield _mismatch(*pushes[0], task, (*path, "containers", index), path)


def _built(actions: Sequence[LocatedAction]) -> Mapping[str, Sequence[tuple[LocatedAction, Pushed]]]:
    """Return the images that builds push, by container."""
    built: dict[str, list[tuple[LocatedAction, Pushed]]] = {}
    for located in actions:
        for pushed in located.action.pushes():
            if pushed.container is not None:
                built.setdefault(pushed.container, []).append((located, pushed))
    return built


def _tasks(written: Outline) -> Iterator[tuple[Path, TaskDefinition]]:
    for named in written.services:
        yield ("services", named.key, "task_definition"), named.service.task_definition
    for located in written.actions:
        task = getattr(located.action, "task_definition", None)
        if task is not None and hasattr(task, "containers"):
            yield (*located.path, "task_definition"), task


def _architecture(task: TaskDefinition) -> str:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RuntimePlatform.html"""
    platform = task.runtime_platform
    return (platform.cpu_architecture if platform is not None else None) or "X86_64"


def _fits(pushed: Pushed, task: TaskDefinition) -> bool:
    return pushed.platform is None or _ARCHITECTURES[pushed.platform] == _architecture(task)


def _mismatch(located: LocatedAction, pushed: Pushed, task: TaskDefinition, container: Path, path: Path) -> Problem:
    platform = str(pushed.platform)
    text = f"{located.words} builds the image for {platform}, but the task runs on {_architecture(task)}"
    other = next(name for name, architecture in _ARCHITECTURES.items() if architecture == _architecture(task))
    fix = f"set platform: {other} in the build, or runtime_platform: {{cpu_architecture: {_ARCHITECTURES[platform]}}}"
    given = task.runtime_platform is not None and task.runtime_platform.cpu_architecture is not None
    if platform != "amd64":  # locate the problem at the value that is not the default
        where: Path = (*located.path, "platform")
    else:
        where = (*path, "runtime_platform", "cpu_architecture") if given else container
    return Problem("image-platform", where, text, fix, "warning")
