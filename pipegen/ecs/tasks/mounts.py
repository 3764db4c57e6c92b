"""Problems with the volumes that containers mount."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pipegen.ecs.tasks.container import Container
from pipegen.ecs.tasks.volumes import MountPoint, Volume
from pipegen.errors import Problem, quoted, there_are
from pipegen.fields.gaps import is_known
from pipegen.values.shape import shown


def _duplicate_problems(mounts: Sequence[MountPoint]) -> Iterator[Problem]:
    """Report duplicate mount points, which Docker rejects. Paths start at the list."""
    taken: dict[str, str] = {}
    for number, mount in enumerate(mounts):
        if not is_known(mount.container_path):
            continue
        path = re.sub("/+", "/", mount.container_path).rstrip("/")
        if path in taken:
            text = f"the volume {quoted(taken[path])} is already mounted at {shown(mount.container_path)}"
            yield Problem("task-volume", (number, "container_path"), text, "mount each volume at a different path")
        taken[path] = mount.source_volume


def mount_problems(containers: Sequence[Container], volumes: Sequence[Volume]) -> Iterator[Problem]:
    """Check that the volumes and containers that mounts refer to exist. Paths start at the list of containers."""
    known, names = [volume.name for volume in volumes], [container.name for container in containers]
    for index, container in enumerate(containers):
        for number, mount in enumerate(container.mount_points):
            if mount.source_volume not in known:
                text = f"the task has no volume {quoted(mount.source_volume)}"
                fix = there_are(known) if known else "add it to volumes"
                yield Problem("task-volume", (index, "mount_points", number, "source_volume"), text, fix)
        for problem in _duplicate_problems(container.mount_points):
            yield problem.under(index, "mount_points")
        others = [name for name in names if name != container.name]
        for number, volume in enumerate(container.volumes_from):
            if volume.source_container not in others:
                text = f"the task has no other container {quoted(volume.source_container)}"
                fix = there_are(others) if others else "remove volumes_from"
                yield Problem("task-volume", (index, "volumes_from", number, "source_container"), text, fix)
