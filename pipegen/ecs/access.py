"""Permissions to deploy to an ECS service.
https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECS.html#edit-role-ecs"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipegen.errors import Problem
from pipegen.iam.grant import Grant
from pipegen.values.value import Value, arn

_REFERENCE = (
    "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html"
)


def update_grant(cluster: Value, service: Value) -> Grant:
    """Allow updating a service."""
    return Grant(
        actions=("ecs:DescribeServices", "ecs:UpdateService"),
        resources=(arn("ecs", "service/", cluster, "/", service),),
        because="updates the service to the new revision and waits for it",
    )


def register_grants(family: Value | None, *, tagged: bool = True, reads: bool = True) -> Iterator[Grant]:
    """Allow registering revisions of a family; None: of any family.

    tagged: also allow tagging them, which registering a revision with tags requires. reads: also allow describing the
    current one; the action does not support resource-level permissions.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/supported-iam-actions-tagging.html"""
    revisions = arn("ecs", "task-definition/", family or "*", ":*")
    if reads:
        yield Grant(
            actions=("ecs:DescribeTaskDefinition",),
            resources=("*",),
            because=f"reads the current revision; the action does not support resources; {_REFERENCE}",
        )
    yield Grant(
        actions=("ecs:RegisterTaskDefinition",),
        resources=(revisions,),
        because="registers revisions with the new images",
    )
    if tagged:
        yield Grant(
            actions=("ecs:TagResource",),
            resources=(revisions,),
            conditions={"StringEquals": {"ecs:CreateAction": "RegisterTaskDefinition"}},
            because="tags new revisions",
        )


def pass_roles(roles: Sequence[Value], services: Sequence[str] = ("ecs-tasks.amazonaws.com",)) -> Grant:
    """Allow passing these roles to tasks. Without roles: any role of the account, to `services` only.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html"""
    return Grant(
        actions=("iam:PassRole",),
        resources=list(roles) or (arn("iam", "role/*", region=""),),
        conditions={"StringEquals": {"iam:PassedToService": list(services)}},
        because="lets tasks run with their roles",
    )


PIPELINE_PASSES = ("ecs.amazonaws.com", "ecs-tasks.amazonaws.com")
"""The services that CodePipeline's documentation names for the role of a pipeline."""


def named_role_problems(roles: Sequence[Value], who: str) -> Iterator[Problem]:
    """Report a field `roles` that does not restrict which roles `who` may pass."""
    if not roles or any(isinstance(role, str) and "#{" in role for role in roles):
        cause = "roles contains variables" if roles else "roles is missing"
        text = f"{cause}, so {who} may pass any role of the account to ECS tasks"
        fix = "list the task and execution roles in roles"
        yield Problem("ecs-roles", ("roles",), text, fix, severity="warning")
