"""Comments about the first deployment of a stack, for people who run the command."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from pipegen.stacks.stack import Document, mapping, resources_of, sequence

_WAITING = "serviceDeployments[0].lifecycleHookDetails[?status=='AWAITING_ACTION']|[0].hookId"
"""https://docs.aws.amazon.com/AmazonECS/latest/developerguide/pause-lifecycle-hooks.html"""


def remarks(name: str, document: Document) -> Iterator[str]:
    """Return comment lines for the command that creates a stack."""
    yield from _first_images(document)
    yield from _pauses(name, document)


def _first_images(document: Document) -> Iterator[str]:
    resources = [properties for _, properties in resources_of(document, "AWS::SSM::Parameter")]
    if not resources:
        return
    from pipegen.services.images import FIRST_IMAGE

    first = [each.get("Name") for each in resources if each.get("Value") == FIRST_IMAGE]
    if first:
        yield "# Until their first deployment, these run a sample image by Google unless first_images names another:"
        yield f"#   {FIRST_IMAGE}"
        yield from (f"#   {name}" for name in first)


def _pauses(stack: str, document: Document) -> Iterator[str]:
    for _, service in resources_of(document, "AWS::ECS::Service"):
        if not (stages := _paused_at(service)):
            continue
        cluster = service.get("Cluster")
        name = shlex.quote(str(service.get("ServiceName")))
        options = f"--cluster {shlex.quote(cluster) if isinstance(cluster, str) else 'CLUSTER'} --service {name}"
        yield f"# When {stack} is created, the service's first deployment pauses at {', '.join(stages)}."
        yield "# Continue it in another terminal:"
        yield f"#   arn=$(aws ecs list-service-deployments {options} \\"
        yield "#     --query 'serviceDeployments[0].serviceDeploymentArn' --output text)"
        yield '#   hook=$(aws ecs describe-service-deployments --service-deployment-arns "$arn" \\'
        yield f'#     --query "{_WAITING}" --output text)'
        yield '#   aws ecs continue-service-deployment --service-deployment-arn "$arn" \\'
        yield '#     --hook-id "$hook" --action CONTINUE'


def _paused_at(service: Mapping[str, Any]) -> list[str]:
    hooks = map(mapping, sequence(mapping(service.get("DeploymentConfiguration")).get("LifecycleHooks")))
    return [str(stage) for each in hooks if each.get("TargetType") == "PAUSE" for stage in each["LifecycleStages"]]
