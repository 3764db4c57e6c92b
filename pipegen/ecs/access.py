"""What whoever deploys to an ECS service must be allowed to do.
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
    return Grant(
        actions=("ecs:DescribeServices", "ecs:UpdateService"),
        resources=(arn("ecs", "service/", cluster, "/", service),),
        because="moves the service to the new revision and follows it",
    )


def register_grants(family: Value | None, *, tagged: bool = True, reads: bool = True) -> Iterator[Grant]:
    """Register revisions of a family, or of any where none is named; `reads`: also describe the current one, which
    takes no resource. A revision with tags takes permission to tag.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/supported-iam-actions-tagging.html"""
    revisions = arn("ecs", "task-definition/", family or "*", ":*")
    if reads:
        yield Grant(
            actions=("ecs:DescribeTaskDefinition",),
            resources=("*",),
            because=f"reads the current revision; the action takes no resource; {_REFERENCE}",
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
            because="gives new revisions their tags",
        )


def pass_roles(roles: Sequence[Value], services: Sequence[str] = ("ecs-tasks.amazonaws.com",)) -> Grant:
    """That tasks may run with these roles; with none named, any role of the account, but for tasks alone.
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
    """Of the field `roles`; `who` may pass any where none is named."""
    if not roles or any(isinstance(role, str) and "#{" in role for role in roles):
        what = "names roles by variables" if roles else "names no roles"
        text = f"{what}, so {who} may pass any role of the account to ECS tasks"
        fix = "list the task and execution roles under roles"
        yield Problem("ecs-roles", ("roles",), text, fix, severity="warning")
