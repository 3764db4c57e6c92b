"""The stacks of the registry and of the services."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from troposphere import AWSObject

from pipegen.compile.artifact_store import OtherAccounts, allow_pulls
from pipegen.compile.assembly import assemble
from pipegen.compile.roles import role
from pipegen.compile.service_stack import bind_service
from pipegen.definition import Definition
from pipegen.errors import Path
from pipegen.iam.grant import ServiceRole
from pipegen.model.repository import Repository
from pipegen.pipeline.located import LocatedAction
from pipegen.services.images import recorded
from pipegen.services.named_service import NamedService
from pipegen.stacks.exports import outputs_of
from pipegen.stacks.immutable import recorded_image
from pipegen.stacks.stack import Stack


def service_stack(definition: Definition, named: NamedService) -> Stack:
    bound = bind_service(named, definition.encryption_key)
    path: Path = ("services", named.key)
    resources = ((role(each, definition) if isinstance(each, ServiceRole) else each, path) for each in bound.resources)
    return assemble(
        definition,
        name=named.stack_name,
        description=f"ECS service {named.name}",
        resources=resources,
        outputs=bound.outputs,
        parameters=bound.parameters,
        immutable=bound.immutable,
        environment=named.environment or definition.placement.home,
    )


def registry_stack(
    definition: Definition, actions: Sequence[LocatedAction], services: Sequence[NamedService]
) -> Stack | None:
    """Return the stack of what exists before the first build: repositories, and the parameters that record the image of
    each container."""
    repositories = list(_repositories(definition, actions, services))
    here = [named for named in services if named.environment is None]
    kept = [(each, ("services", named.key)) for named in here for each in recorded(named)]
    if not repositories and not kept:
        return None
    return assemble(
        definition,
        name=definition.registry_stack,
        description=f"ECR repositories and deployed images of {definition.name}",
        resources=[*repositories, *kept],
        outputs=dict(output for each, _ in repositories for output in outputs_of(definition.registry_stack, each)),
        immutable={str(each.title): recorded_image() for each, _ in kept},
        environment=definition.placement.home,
    )


def _repositories(
    definition: Definition, actions: Sequence[LocatedAction], services: Sequence[NamedService]
) -> Iterator[tuple[AWSObject, Path]]:
    for located in actions:
        for pushed in located.action.pushes() if located.environment is None else ():
            if pushed.repository.create:
                resource = pushed.repository.resource(pushed.tags)
                allow_pulls(resource, _pullers(definition, pushed.repository, services))
                yield resource, located.path


def _pullers(definition: Definition, repository: Repository, services: Sequence[NamedService]) -> OtherAccounts:
    """Return the execution roles of services in other accounts that pull from a repository."""
    home = definition.placement.home
    pullers = [
        (str(named.environment.account), named.imported_roles[1])
        for named in services
        if named.environment and home and named.environment.account != home.account
        if any(each.name == repository.name for several in named.repositories.values() for each in several)
    ]
    return OtherAccounts([*dict.fromkeys(account for account, _ in pullers)], [role for _, role in pullers])
