"""Where container images are pulled from, and the permissions that pulling them requires."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from pipegen.fields.gaps import GAP
from pipegen.iam.grant import Grant
from pipegen.model.repository import LOGIN, PULL, Repository
from pipegen.values.shape import Shape, shapes
from pipegen.values.value import Value

Source = Literal["curated", "ecr", "public", "unknown"]

_ECR = re.compile(r"(?P<repository>[^/]+\.dkr[.-]ecr(?:-fips)?\.[^/]+/[^:@]+)(?P<version>[:@].*)?")
_CURATED = "aws/codebuild/"


def source_of(image: Shape) -> Source:
    """The source of an image: curated by CodeBuild, a private ECR registry (which requires permissions), any other
    registry, or unknown until deployment: where a text ends in a gap, the end of the repository's name is unknown."""
    if image.text.startswith(_CURATED):
        return "curated"
    if match := _ECR.fullmatch(image.text):
        may_continue = match["version"] is None and re.search(f"{GAP}$", image.text)
        return "unknown" if may_continue else "ecr"
    # The text before the first slash is a registry's host, or a name on Docker Hub.
    return "unknown" if re.search(GAP, image.text.split("/", 1)[0].split(":")[0]) else "public"


def sources_of(image: Value) -> set[Source]:
    return {source_of(each) for each in shapes(image)}


def repositories_of(image: Value) -> Iterator[Repository]:
    """The ECR repositories that an image may come from."""
    for each in shapes(image):
        if source_of(each) == "ecr" and (match := _ECR.fullmatch(each.text)):
            yield Repository(each.value(match["repository"]))


def pull_grants(repositories: Sequence[Repository], because: str) -> Iterator[Grant]:
    """Grants for pulling images. The first pull through a cache creates the repository and imports the image.
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-iam.html"""
    if not repositories:
        return
    yield LOGIN
    arns = dict.fromkeys(repository.arn for repository in repositories)
    yield Grant(actions=PULL, resources=list(arns), because=because)
    cached = dict.fromkeys(repository.arn for repository in repositories if repository.is_cache)
    if cached:
        yield Grant(
            actions=("ecr:BatchImportUpstreamImage", "ecr:CreateRepository"),
            resources=list(cached),
            because="imports images on the first pull through a cache",
        )
