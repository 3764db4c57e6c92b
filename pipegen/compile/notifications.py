"""The notifications of a pipeline."""

from __future__ import annotations

from collections.abc import Iterator

from troposphere import AWSObject

from pipegen.compile.roles import role
from pipegen.definition import Definition
from pipegen.errors import Path
from pipegen.pipeline.notification import NotificationContext


def notification_resources(definition: Definition, pipeline: str) -> Iterator[tuple[AWSObject, Path]]:
    """Yield the resources of the notifications with their paths. pipeline: the logical ID of the pipeline."""
    context = notification_context(definition, pipeline)
    for index, notification in enumerate(definition.pipeline.notifications):
        path: Path = ("pipeline", "notifications", index)
        bound = notification.bind(context)
        for service_role in bound.roles:
            yield role(service_role, definition), path
        for resource in (*bound.resources, bound.rule):
            yield resource, path


def notification_context(definition: Definition, pipeline: str) -> NotificationContext:
    return NotificationContext(
        prefix=definition.name,
        pipeline=pipeline,
        pipeline_name=definition.pipeline_name,
        foundation=definition.foundation,
    )
