"""Tasks that require an execution role."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipegen.ecs.tasks.container import Container
from pipegen.errors import Problem, quoted
from pipegen.model.repository import HOST
from pipegen.values.shape import shapes
from pipegen.values.value import Value


def execution_role_problems(containers: Sequence[Container], *, fargate: bool) -> Iterator[Problem]:
    """Report a task that ECS rejects without an execution role. Paths start at the task definition.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html; the errors are quoted in
    https://github.com/hashicorp/terraform-provider-aws/issues/3051 (images) and /issues/6503 (secrets).
    """
    for container in containers:
        log = container.log_configuration
        requirements = {
            "to read its secrets": bool(container.secrets or (log and log.secret_options)),
            "to pull from ECR": fargate and (container.image is None or _is_in_ecr(container.image)),
            "to write to CloudWatch Logs": fargate and log is not None and log.driver == "awslogs",
        }
        purpose = next((purpose for purpose, required in requirements.items() if required), None)
        if purpose is not None:
            text = f"execution_role is missing; the container {quoted(container.name)} requires it {purpose}"
            yield Problem("task-execution-role", (), text, "add execution_role")
            return


def _is_in_ecr(image: Value) -> bool:
    return any(HOST.search(each.text) for each in shapes(image))
