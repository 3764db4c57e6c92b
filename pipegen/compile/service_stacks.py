"""The stacks of the registry and of the services."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from troposphere import AWSObject, GetAtt, Output

from pipegen.compile.assembly import assemble
from pipegen.compile.roles import role
from pipegen.compile.service_stack import bind_service
from pipegen.definition import Definition
from pipegen.errors import Path
from pipegen.iam.grant import ServiceRole
from pipegen.pipeline.pipeline import LocatedAction
from pipegen.services.images import recorded
from pipegen.services.named_service import NamedService
from pipegen.stacks.immutable import recorded_image
from pipegen.stacks.stack import Stack


def service_stack(definition: Definition, named: NamedService) -> Stack:
    bound = bind_service(named, definition.encryption_key)
    path: Path = ("services", named.key)
    resources = ((role(each, definition) if isinstance(each, ServiceRole) else each, path) for each in bound.resources)
    return assemble(
        definition,
        name=named.stack_name,
        description=f"The ECS service {named.name}",
        resources=resources,
        outputs=bound.outputs,
        parameters=bound.parameters,
        immutable=bound.immutable,
    )


def registry_stack(
    definition: Definition, actions: Sequence[LocatedAction], services: Sequence[NamedService]
) -> Stack | None:
    """Return the stack of what exists before the first build: repositories, and the parameters that record the image of
    each container."""
    repositories = list(_repositories(actions))
    kept = [(each, ("services", named.key)) for named in services for each in recorded(named)]
    if not repositories and not kept:
        return None
    return assemble(
        definition,
        name=definition.registry_stack,
        description=f"Repositories and current images of {definition.name}",
        resources=[*repositories, *kept],
        outputs={
            f"{each.title}Uri": Output(f"{each.title}Uri", Value=GetAtt(each, "RepositoryUri"))
            for each, _ in repositories
        },
        immutable={str(each.title): recorded_image() for each, _ in kept},
    )


def _repositories(actions: Sequence[LocatedAction]) -> Iterator[tuple[AWSObject, Path]]:
    for located in actions:
        for pushed in located.action.pushes():
            if pushed.repository.create:
                yield pushed.repository.resource(pushed.tags), located.path
