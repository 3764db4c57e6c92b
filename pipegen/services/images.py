"""Images of a service's containers: the one that the pipeline deployed last, and a first one before that.

The registry stack has an SSM parameter for each container. CloudFormation writes it once; the pipeline writes it after
every deployment. The service's stack reads it in every update, so that updates do not go back to an older image. The
image of a deployment is recorded at its end; until then, `deploy.sh` rejects updates.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Literal

from troposphere import Parameter, ssm

from pipegen.ecs.storage import mount_grants
from pipegen.ecs.tasks.container import Container
from pipegen.ecs.tasks.images import registry_problems
from pipegen.errors import Path, Problem, quoted
from pipegen.fields.gaps import is_known
from pipegen.fields.model import walk
from pipegen.model.image_pulls import source_of
from pipegen.model.repository import HOST
from pipegen.services.named_service import NamedService
from pipegen.services.service import EcsService
from pipegen.syntax.names import logical_id
from pipegen.values.create import create
from pipegen.values.shape import shapes
from pipegen.values.value import Value

FIRST_IMAGE = (
    "us-docker.pkg.dev/google-samples/containers/gke/hello-app"
    "@sha256:37e5287945774f27b418ce567cd77f4bbc9ef44a1bcd1a2312369f31f9cce567"
)
"""Responds to every HTTP request with 200, on the port in the variable PORT, and reads no other variables. Google's
documentation deploys this digest. The images in Amazon's public registry listen on a fixed port, or only respond to
some paths.
https://github.com/GoogleCloudPlatform/kubernetes-engine-samples/blob/main/quickstarts/hello-app/main.go
https://cloud.google.com/binary-authorization/docs/deploying-containers"""

_CHINA = re.compile(r"arn:aws-cn:|\.amazonaws\.com\.cn\b|(?<![\w-])cn-[a-z]+-\d")
"""The partition, the suffix of DNS names, or a region of AWS's regions in China.
https://docs.amazonaws.cn/en_us/aws/latest/userguide/endpoints-arns.html"""
_NOT_IN_CHINA = "cannot be pulled in AWS's regions in China"

PORT, _DEFAULT_PORT = "PORT", 8080


def first_image(service: EcsService, container: str) -> Value:
    return service.first_images.get(container, FIRST_IMAGE)


def parameters(named: NamedService) -> Iterator[Parameter]:
    """The parameters of the service's stack for the images."""
    for container in named.containers:
        if named.service.deployed_by == "cloudformation":
            first = first_image(named.service, container)
            default = {"Default": first} if isinstance(first, str) else {}
            yield create(
                Parameter,
                named.image_parameter(container),
                Type="String",
                Description=f"The image of the container {container}; the pipeline sets it",
                **default,
            )
        else:
            yield create(
                Parameter,
                named.image_parameter(container),
                Type="AWS::SSM::Parameter::Value<String>",
                Default=named.recorded_image(container),
                Description=f"The SSM parameter with the image of the container {container}; the pipeline writes it",
            )


def recorded(named: NamedService) -> Iterator[ssm.Parameter]:
    """The SSM parameters. They must not change later: CloudFormation would write the first image again."""
    for container in named.containers if named.service.deployed_by == "pipeline" else ():
        yield create(
            ssm.Parameter,
            logical_id(named.key, container, "Image"),
            Name=named.recorded_image(container),
            Type="String",
            Value=first_image(named.service, container),
            Description=f"The image of {container} in {named.stack_name}; the pipeline writes it after deployments",
        )


def environment(service: EcsService, container: Container) -> Mapping[str, Value]:
    """The environment variables of a container for the first image: the port that it listens on."""
    if container.image is not None or container.name in service.first_images or PORT in container.environment:
        return {}
    port = _port(service, container)
    return {} if port is None else {PORT: str(port)}


def _port(service: EcsService, container: Container) -> int | None:
    """The port that the first image listens on: the target of the load balancer, or the container's first port."""
    target = service.target
    if target is not None and target[0] == container.name:
        return target[1]
    return next(iter(service.task_definition.ports_of(container.name)), None)


def image_problems(named: NamedService) -> Iterator[Problem]:
    """Check the images of a service. Paths start at the service."""
    service = named.service
    for index, each in enumerate(service.task_definition.containers):
        path = ("task_definition", "containers", index)
        yield from _source_problems(named, each, path)
        if each.image is None and each.name not in service.first_images:
            yield from _first_problems(named, each, path)
    for container, image in service.first_images.items():
        yield from (problem.under("first_images", container) for problem in registry_problems(image))
        if container not in named.containers:
            text = f"first_images contains {quoted(container)}, which is not a container without an image"
            fix = f"use {', '.join(named.containers)}" if named.containers else "remove first_images"
            yield Problem("service-first-image", ("first_images", container), text, fix)


def is_in_china(text: str) -> bool:
    """Whether a text, such as a region, an ARN or a URL, contains one of AWS's regions in China."""
    return _CHINA.search(text) is not None


def problems_in_china(services: Mapping[str, EcsService]) -> Iterator[Problem]:
    """Report containers of services in China that would run the sample image. Paths start at the definition."""
    for key, service in services.items():
        for index, each in enumerate(service.task_definition.containers):
            if each.image is None and each.name not in service.first_images:
                yield _unfit(each, _NOT_IN_CHINA, ("services", key, "task_definition", "containers", index))


def _source_problems(named: NamedService, container: Container, path: Path) -> Iterator[Problem]:
    """Report images whose repository is not known, so that the execution role cannot be allowed to pull them."""
    if container.image is None and not named.repositories[container.name]:
        text = f"no action of the pipeline builds an image for the container {quoted(container.name)}"
        fix = "add it to the images of a docker-build action, set its image, or list its repository in repositories"
        yield Problem("service-image", path, text, fix)
    image = container.image
    if image is None or named.service.repositories:
        return
    unknown = [each for each in shapes(image) if source_of(each) == "unknown"]
    if unknown:
        in_ecr = any(HOST.search(each.text) for each in unknown)
        text = f"the repository of the image of the container {quoted(container.name)} is only known at deployment"
        fix = "if it is in ECR, list it in repositories, so that the execution role may pull from it"
        severity: Literal["error", "warning"] = "error" if in_ecr else "warning"
        yield Problem("service-image", (*path, "image"), text, fix, severity)


def _first_problems(named: NamedService, container: Container, path: Path) -> Iterator[Problem]:
    """Report containers that cannot run the public sample image."""
    service, target = named.service, named.service.target
    why = _unfit_for_task(service, container) or _unfit_for_trust(service, container)
    if container.entry_point or container.command:
        why = "does not contain the command of the container"
    elif container.health_check is not None:
        why = "does not contain the program of the container's health check"
    elif target is not None and target[0] == container.name:
        port = container.environment.get(PORT)
        if port is not None and port != str(target[1]):
            why = f"listens on the port in the variable PORT, which is not {target[1]}"
        elif why is None:
            why = _unfit_for_requests(service, target[1])
    if why is not None:
        yield _unfit(container, why, path)


def _unfit(container: Container, why: str, path: Path) -> Problem:
    text = f"the sample image that the container {quoted(container.name)} runs before the first deployment {why}"
    fix = f"set another image, such as your own: first_images: {{{container.name}: …}}"
    return Problem("service-first-image", path, text, fix)


def _unfit_for_task(service: EcsService, container: Container) -> str | None:
    task = service.task_definition
    platform = task.runtime_platform
    if platform is not None and platform.cpu_architecture == "ARM64":
        return "is not known to run on ARM64"
    if platform is not None and str(platform.operating_system_family or "LINUX").startswith("WINDOWS"):
        return "does not run on Windows"
    if _port(service, container) is None and task.network_mode in ("awsvpc", "host"):
        others = [each for each in task.containers if each.name != container.name]
        taken = {port for each in others for port in task.ports_of(each.name)}
        taken |= {_DEFAULT_PORT for each in others if each.image is None and not task.ports_of(each.name)}
        if _DEFAULT_PORT in taken:
            return f"listens on port {_DEFAULT_PORT} of a container without ports, which another container uses"
    return None


def _unfit_for_trust(service: EcsService, container: Container) -> str | None:
    """Why a third-party image must not run instead of the container's own."""
    if container.secrets or container.environment_files:
        return "is a third-party image, and would get the container's secrets"
    mounting = any(mount_grants(service.task_definition))
    if service.grants or service.managed_policies or mounting or service.task_definition.task_role is not None:
        return "is a third-party image, and would get the permissions of the task role"
    texts = (leaf for _, leaf in walk(service, ()) if isinstance(leaf, str))
    if any(is_in_china(text) for text in texts):
        return _NOT_IN_CHINA
    return None


def _unfit_for_requests(service: EcsService, port: int) -> str | None:
    """Why the load balancer's health check would fail."""
    assert service.load_balancer is not None
    group = service.load_balancer.target_group
    check = group.health_check
    if any(group.problems()):
        return None  # reported first
    if group.protocol == "HTTPS" or check.protocol == "HTTPS" or group.protocol_version != "HTTP1":
        return "only supports plain HTTP/1.1"
    if check.port not in (None, port):
        return f"only listens on port {port}, not on the port of the health check"
    if is_known(check.matcher) and not _accepts_200(check.matcher):
        return "responds with 200, which the health check does not accept"
    return None


def _accepts_200(matcher: str) -> bool:
    ranges = (part.split("-") for part in matcher.split(","))
    return any(codes[0] <= "200" <= codes[-1] for codes in ranges)
