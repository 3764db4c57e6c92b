"""The execution role of a service's tasks, which pulls images, writes logs and reads secrets, and the task role of the
containers. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security-ecs-iam-role-overview.html"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from troposphere import GetAtt

from pipegen.ecs.storage import (
    look_up_grants,
    mount_grants,
    specification_files,
    specification_parameters,
    volume_credentials,
)
from pipegen.ecs.tasks.container import Container
from pipegen.ecs.tasks.logs import router_file
from pipegen.ecs.tasks.task_definition import TaskDefinition
from pipegen.iam.grant import Grant, ServiceRole
from pipegen.model.image_pulls import pull_grants, repositories_of
from pipegen.model.log_group import existing_log_grants, log_grant
from pipegen.model.repository import Repository
from pipegen.references.secrets import secret_arns, task_secrets
from pipegen.services.exports import EXECUTION_ROLE, TASK_ROLE
from pipegen.services.named_service import NamedService
from pipegen.services.tasks import AWSLOGS, writes_log
from pipegen.values.shape import bucket_of, shapes
from pipegen.values.value import REGION, Value, arn

_SERVICE = "ecs-tasks.amazonaws.com"

CHANNELS = Grant(
    actions=[
        f"ssmmessages:{action}"
        for action in ("CreateControlChannel", "CreateDataChannel", "OpenControlChannel", "OpenDataChannel")
    ],
    resources=("*",),
    because="ECS Exec opens channels, which have no ARNs; "
    "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html#ecs-exec-required-iam-permissions",
)


def task_roles(named: NamedService) -> Iterator[ServiceRole]:
    """Yield the roles that the stack creates.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html (the trust policy's conditions)"""
    service = named.service
    if EXECUTION_ROLE in named.created_roles:
        yield ServiceRole(
            logical_id=EXECUTION_ROLE,
            service=_SERVICE,
            grants=[*_execution_grants(named)],
            name=named.role_name(EXECUTION_ROLE),
        )
    if TASK_ROLE in named.created_roles:
        channels = (CHANNELS,) if service.execute_command else ()
        yield ServiceRole(
            logical_id=TASK_ROLE,
            service=_SERVICE,
            grants=(*channels, *mount_grants(service.task_definition), *service.grants),
            source_arn=arn("ecs", "*"),
            managed_policies=service.managed_policies,
            name=named.role_name(TASK_ROLE),
        )


def _execution_grants(named: NamedService) -> Iterator[Grant]:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html"""
    service, containers = named.service, named.service.task_definition.containers
    pulled = [*chain(*named.repositories.values()), *map(Repository.of, service.repositories)]
    pulled += _pinned([*(each.image for each in containers), *service.first_images.values()])
    yield from pull_grants([repository.existing() for repository in pulled], "pulls the images")
    if writes_log(named):
        yield log_grant(named.log_group_name)
    yield from _log_grants(containers)
    yield from _secret_grants(service.task_definition)
    yield from look_up_grants(service.task_definition)
    yield from _file_grants(containers)
    yield from named.service.execution_grants


def _pinned(images: Iterable[Value | None]) -> Iterator[Repository]:
    """Yield the ECR repositories of images that the service sets."""
    return chain.from_iterable(repositories_of(image) for image in images if image is not None)


def _log_grants(containers: Iterable[Container]) -> Iterator[Grant]:
    """Yield permissions to write to the log groups that containers set.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html"""
    for container in containers:
        log = container.log_configuration
        if log is None or log.driver != AWSLOGS or "awslogs-group" not in log.options:
            continue
        group, region = log.options["awslogs-group"], log.options.get("awslogs-region", REGION)
        create = log.options.get("awslogs-create-group") not in (None, "false")
        for each in shapes(group):
            yield from existing_log_grants(each.value(), region, create=create)


def _secret_grants(task: TaskDefinition) -> Iterator[Grant]:
    """Yield permissions to read secrets and parameters, referred to by ARN or name."""
    secrets, parameters = list[Value](), list[Value]()
    for reference in chain(chain.from_iterable(map(_references, task.containers)), volume_credentials(task)):
        of_secrets, of_parameters = task_secrets(reference)
        secrets += of_secrets
        parameters += of_parameters
    for container in task.containers:
        parameters += specification_parameters(container)
        if container.repository_credentials is not None:
            secrets += secret_arns(container.repository_credentials.credentials_parameter)
    if secrets:
        resources = list(dict.fromkeys(secrets))
        yield Grant(actions=("secretsmanager:GetSecretValue",), resources=resources, because="reads the tasks' secrets")
    if parameters:
        resources = list(dict.fromkeys(parameters))
        yield Grant(actions=("ssm:GetParameters",), resources=resources, because="reads the tasks' parameters")


def _references(container: Container) -> Iterator[Value]:
    yield from container.secrets.values()
    if container.log_configuration is not None:
        yield from container.log_configuration.secret_options.values()


def _file_grants(containers: Iterable[Container]) -> Iterator[Grant]:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/use-environment-file.html
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/firelens-taskdef.html (a configuration file in S3)"""
    files = [each for container in containers for file in _files(container) for each in shapes(file)]
    if files:
        because = "reads the files of the containers"
        resources = list(dict.fromkeys(each.value() for each in files))
        yield Grant(actions=("s3:GetObject",), resources=resources, because=because)
        buckets = list(dict.fromkeys(map(bucket_of, files)))
        because = "finds the bucket of these files"
        yield Grant(actions=("s3:GetBucketLocation",), resources=buckets, because=because)


def _files(container: Container) -> Iterator[Value]:
    yield from container.environment_files
    yield from specification_files(container)
    router = container.firelens_configuration
    if router is not None:
        yield from router_file(router)


def passed_roles(named: NamedService) -> tuple[Value, ...]:
    """Return the ARNs of the task role and the execution role, as the service's stack refers to them."""
    task, execution = named.imported_roles
    roles = {TASK_ROLE: task, EXECUTION_ROLE: execution}
    return tuple(GetAtt(role, "Arn") if role in named.created_roles else known for role, known in roles.items())
