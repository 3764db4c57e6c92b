"""What a person should know before deploying a stack for the first time, as comments beside the command."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

from pipegen.stack import Stack

_WAITING = "serviceDeployments[0].lifecycleHookDetails[?status=='AWAITING_ACTION']|[0].hookId"
"""https://docs.aws.amazon.com/AmazonECS/latest/developerguide/pause-lifecycle-hooks.html"""


def remarks(stack: Stack) -> Iterator[str]:
    """Lines of comments before the command that creates the stack."""
    yield from _first_images(stack)
    yield from _pauses(stack)


def _first_images(stack: Stack) -> Iterator[str]:
    resources = [each for each in stack.template.resources.values() if each.resource_type == "AWS::SSM::Parameter"]
    if not resources:
        return
    from pipegen.services.images import FIRST_IMAGE

    first = [each.properties["Name"] for each in resources if each.properties.get("Value") == FIRST_IMAGE]
    if first:
        yield "# Until their first deployment, these run a sample image by Google unless first_images names another:"
        yield f"#   {FIRST_IMAGE}"
        yield from (f"#   {name}" for name in first)


def _pauses(stack: Stack) -> Iterator[str]:
    for service in stack.template.resources.values():
        if service.resource_type != "AWS::ECS::Service" or not (stages := _paused_at(service)):
            continue
        cluster = service.properties.get("Cluster")
        name = shlex.quote(str(service.properties.get("ServiceName")))
        place = f"--cluster {shlex.quote(cluster) if isinstance(cluster, str) else 'CLUSTER'} --service {name}"
        yield f"# When {stack.name} is created, the service's first deployment pauses at {', '.join(stages)}."
        yield "# Continue it in another terminal:"
        yield f"#   arn=$(aws ecs list-service-deployments {place} \\"
        yield "#     --query 'serviceDeployments[0].serviceDeploymentArn' --output text)"
        yield '#   hook=$(aws ecs describe-service-deployments --service-deployment-arns "$arn" \\'
        yield f'#     --query "{_WAITING}" --output text)'
        yield '#   aws ecs continue-service-deployment --service-deployment-arn "$arn" \\'
        yield '#     --hook-id "$hook" --action CONTINUE'


def _paused_at(service: Any) -> list[str]:
    hooks = getattr(service.properties.get("DeploymentConfiguration"), "properties", {}).get("LifecycleHooks", ())
    pauses = [each.properties for each in hooks if each.properties.get("TargetType") == "PAUSE"]
    return [stage for each in pauses for stage in each["LifecycleStages"]]
