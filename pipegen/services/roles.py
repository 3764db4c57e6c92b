"""The two roles of a service's tasks: what pulls images, writes logs and reads secrets, and what the containers may do.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security-ecs-iam-role-overview.html"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain

from troposphere import GetAtt, Sub

from pipegen.deployments.container import Container
from pipegen.grant import Grant, ServiceRole
from pipegen.log_group import log_grant
from pipegen.repository import LOGIN, PULL, Repository
from pipegen.services.placed import EXECUTION_ROLE, TASK_ROLE, PlacedService
from pipegen.services.tasks import writes_log
from pipegen.values import Value, arn

_SERVICE = "ecs-tasks.amazonaws.com"

_PART = r"(?:\$\{[^}]*\}|[^:$])+"
_SECRET = re.compile(rf"(arn:{_PART}:secretsmanager:{_PART}:{_PART}:secret:{_PART}|\$\{{[^}}]*\}})(:.*)?")
"""An ARN, or an expression for one, may be followed by a key of the secret's JSON, a stage and a version.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html"""

CHANNELS = Grant(
    actions=[
        f"ssmmessages:{action}"
        for action in ("CreateControlChannel", "CreateDataChannel", "OpenControlChannel", "OpenDataChannel")
    ],
    resources=("*",),
    because="ECS Exec opens channels, which are no resources; "
    "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html#ecs-exec-required-iam-permissions",
)


def task_roles(placed: PlacedService) -> Iterator[ServiceRole]:
    """The roles that the stack makes.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html (the trust policy's conditions)"""
    service = placed.service
    if EXECUTION_ROLE in placed.created_roles:
        yield ServiceRole(logical_id=EXECUTION_ROLE, service=_SERVICE, grants=[*_execution_grants(placed)])
    if TASK_ROLE in placed.created_roles:
        channels = (CHANNELS,) if service.execute_command else ()
        yield ServiceRole(
            logical_id=TASK_ROLE,
            service=_SERVICE,
            grants=(*channels, *service.grants),
            source_arn=arn("ecs", "*"),
            managed_policies=service.managed_policies,
        )


def _execution_grants(placed: PlacedService) -> Iterator[Grant]:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html"""
    service, containers = placed.service, placed.service.task_definition.containers
    pulled = [*chain(*placed.repositories.values()), *map(Repository.of, service.repositories)]
    pulled += _pinned([*(each.image for each in containers), *service.first_images.values()])
    if pulled:
        yield LOGIN
        arns = dict.fromkeys(repository.existing().arn for repository in pulled)
        yield Grant(actions=PULL, resources=list(arns), because="pulls the images")
    if writes_log(placed):
        yield log_grant(placed.log_group_name)
    yield from _secret_grants(containers)
    yield from _file_grants(containers)
    yield from placed.service.execution_grants


def _pinned(images: Iterable[Value | None]) -> Iterator[Repository]:
    """The ECR repositories of images that the service names itself."""
    for image in images:
        if isinstance(image, str) and ".dkr.ecr." in image:
            yield Repository(name=re.sub(r"(:[\w.-]+)?(@sha256:[0-9a-f]+)?$", "", image))


def _secret_grants(containers: Iterable[Container]) -> Iterator[Grant]:
    """Reading secrets and parameters by ARN or name; an expression that does not say which is an ARN of either."""
    secrets, parameters = list[Value](), list[Value]()
    for reference in dict.fromkeys(chain(*map(_references, containers))):
        if isinstance(reference, str) and not reference.startswith("arn:"):
            parameters.append(arn("ssm", "parameter/", reference.removeprefix("/")))
            continue
        bare, sort = _without_suffix(reference)
        if sort != "parameter":
            secrets.append(bare)
        if sort != "secret":
            parameters.append(bare)
    if secrets:
        yield Grant(actions=("secretsmanager:GetSecretValue",), resources=secrets, because="reads the tasks' secrets")
    if parameters:
        yield Grant(actions=("ssm:GetParameters",), resources=parameters, because="reads the tasks' parameters")


def _without_suffix(reference: Value) -> tuple[Value, str]:
    """The ARN without what picks a part of a secret, and whether it is a secret's or a parameter's, if that is said."""
    if isinstance(reference, str):
        text = reference
    elif isinstance(reference, Sub) and isinstance(reference.data["Fn::Sub"], str):
        text = reference.data["Fn::Sub"]
    else:
        return reference, ""
    found = _SECRET.fullmatch(text)
    if found is None:
        return reference, "parameter" if ":ssm:" in text else ""
    bare = found[1] if isinstance(reference, str) else Sub(found[1])
    return bare, "secret" if ":secretsmanager:" in text or found[2] else ""


def _references(container: Container) -> Iterator[Value]:
    yield from container.secrets.values()
    if container.log_configuration is not None:
        yield from container.log_configuration.secret_options.values()
    if container.repository_credentials is not None:
        yield container.repository_credentials.credentials_parameter


def _file_grants(containers: Iterable[Container]) -> Iterator[Grant]:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/use-environment-file.html"""
    files = list(dict.fromkeys(file for container in containers for file in container.environment_files))
    if files:
        yield Grant(actions=("s3:GetObject",), resources=files, because="reads files of environment variables")
    buckets = dict.fromkeys(file.split("/")[0] for file in files if isinstance(file, str))
    if buckets:
        because = "finds the bucket of these files"
        yield Grant(actions=("s3:GetBucketLocation",), resources=list(buckets), because=because)


def passed_roles(placed: PlacedService) -> tuple[Value, ...]:
    """As the service's own stack knows them."""
    task, execution = placed.imported_roles
    roles = {TASK_ROLE: task, EXECUTION_ROLE: execution}
    return tuple(GetAtt(role, "Arn") if role in placed.created_roles else known for role, known in roles.items())
