"""The roles that tasks run with: how they are named, and which a task needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pipegen.errors import Problem, quoted
from pipegen.model.repository import HOST
from pipegen.values.shape import arn_or_name, shapes
from pipegen.values.value import Value

if TYPE_CHECKING:
    from pipegen.ecs.tasks.container import Container


def role_arn(role: Value) -> Value:
    """A role's ARN, from its ARN or its name with its path. A value whose text is not known is an ARN."""
    return arn_or_name(role, "iam", "role/", region="")


def execution_role_problems(containers: Sequence[Container], *, fargate: bool) -> Iterator[Problem]:
    """Where ECS refuses a task without an execution role; paths start at the task definition.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html; the refusals are quoted in
    https://github.com/hashicorp/terraform-provider-aws/issues/3051 (images) and /issues/6503 (secrets).
    """
    for container in containers:
        log = container.log_configuration
        needs = {
            "to read its secrets": bool(container.secrets or (log and log.secret_options)),
            "to pull from ECR": fargate and (container.image is None or _is_of_ecr(container.image)),
            "to write to CloudWatch Logs": fargate and log is not None and log.driver == "awslogs",
        }
        what = next((what for what, needed in needs.items() if needed), None)
        if what is not None:
            text = f"container {quoted(container.name)} needs the task's execution role, {what}"
            yield Problem("task-execution-role", (), text, "add execution_role")
            return


def _is_of_ecr(image: Value) -> bool:
    return any(HOST.search(each.text) for each in shapes(image))
