"""Which image a service's containers run: what the pipeline deployed last, and before that a first one.

The registry stack has an SSM parameter for each container. CloudFormation writes it once; after every deployment the
pipeline writes it. The service's stack reads it whenever it is updated, so that it never goes back to an older image.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from troposphere import Parameter, ssm

from pipegen.deployments.container import Container
from pipegen.errors import Problem
from pipegen.names import logical_id
from pipegen.services.placed import PlacedService
from pipegen.services.service import EcsService
from pipegen.values import Value

FIRST_IMAGE = "us-docker.pkg.dev/google-samples/containers/gke/hello-app:1.0"
"""Answers every HTTP request with 200, on the port that PORT says; it reads nothing else of its environment.
https://github.com/GoogleCloudPlatform/kubernetes-engine-samples/blob/main/quickstarts/hello-app/main.go"""

PORT = "PORT"


def first_image(service: EcsService, container: str) -> Value:
    return service.first_images.get(container, FIRST_IMAGE)


def parameters(placed: PlacedService) -> Iterator[Parameter]:
    """Those of the service's stack that give the images."""
    for container in placed.containers:
        if placed.service.writer == "cloudformation":
            first = first_image(placed.service, container)
            default = {"Default": first} if isinstance(first, str) else {}
            yield Parameter(
                placed.image_parameter(container),
                Type="String",
                Description=f"The image of the container {container}; the pipeline gives it",
                **default,
            )
        else:
            yield Parameter(
                placed.image_parameter(container),
                Type="AWS::SSM::Parameter::Value<String>",
                Default=placed.recorded_image(container),
                Description=f"The SSM parameter with the image of the container {container}; the pipeline writes it",
            )


def recorded(placed: PlacedService) -> Iterator[ssm.Parameter]:
    """The SSM parameters. Nothing of them may change later: CloudFormation would write the first image again."""
    for container in placed.containers if placed.service.writer == "pipeline" else ():
        yield ssm.Parameter(
            logical_id(placed.key, container, "Image"),
            Name=placed.recorded_image(container),
            Type="String",
            Value=first_image(placed.service, container),
            Description=f"The image of {container} in {placed.stack_name}; the pipeline writes it after deployments",
        )


def environment(service: EcsService, container: Container) -> Mapping[str, Value]:
    """The variables that a container gets for the sake of the first image: the port that it answers on."""
    target = service.target
    if target is None or container.image is not None or container.name in service.first_images:
        return {}
    return {PORT: str(target[1])} if target[0] == container.name and PORT not in container.environment else {}


def image_problems(placed: PlacedService) -> Iterator[Problem]:
    """Paths start at the service."""
    service = placed.service
    for container, repositories in placed.repositories.items():
        if not repositories:
            index = [each.name for each in service.task_definition.containers].index(container)
            text = f"no build of the pipeline makes an image for the container {container}"
            fix = "add it to the images of a docker-build, give it an image, or list where it comes from: repositories"
            yield Problem("service-image", ("task_definition", "containers", index), text, fix)
    for container in service.first_images:
        if container not in placed.containers:
            text = f"no container {container!r} waits for an image"
            fix = f"those that do are {', '.join(placed.containers) or 'none'}"
            yield Problem("service-first-image", ("first_images", container), text, fix)
    for index, each in enumerate(service.task_definition.containers):
        if each.image is None and each.name not in service.first_images:
            yield from _first_problems(placed, each, ("task_definition", "containers", index))


def _first_problems(placed: PlacedService, container: Container, path: tuple[str | int, ...]) -> Iterator[Problem]:
    """Where the public first image cannot do."""
    service, target = placed.service, placed.service.target
    platform = service.task_definition.runtime_platform
    why = None
    if container.entry_point or container.command:
        why = "does not have the command of the container"
    elif container.health_check is not None:
        why = "has no program for the container's health check"
    elif platform is not None and platform.cpu_architecture == "ARM64":
        why = "is not known to run on ARM64"
    elif target is not None and target[0] == container.name:
        port = container.environment.get(PORT)
        if port is not None and port != str(target[1]):
            why = f"answers on the port in the variable PORT, and that is not {target[1]}"
    if why is not None:
        text = f"the image that the container {container.name} runs before the first deployment {why}"
        fix = f"give one that does: first_images: {{{container.name}: …}}"
        yield Problem("service-first-image", path, text, fix)
