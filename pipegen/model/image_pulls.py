"""Images that are pulled: where they come from, and what pulling them takes."""

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
    """Where an image comes from: CodeBuild's own, a registry in ECR that asks for permissions, anywhere else, or what
    only CloudFormation knows: a repository's name ends where a tag or a digest begins."""
    if image.text.startswith(_CURATED):
        return "curated"
    if found := _ECR.fullmatch(image.text):
        is_open = found["version"] is None and re.search(f"{GAP}$", image.text)
        return "unknown" if is_open else "ecr"
    # A registry's host, or a name on Docker Hub, is what comes before the first slash.
    return "unknown" if re.search(GAP, image.text.split("/", 1)[0].split(":")[0]) else "public"


def sources_of(image: Value) -> set[Source]:
    return {source_of(each) for each in shapes(image)}


def repositories_of(image: Value) -> Iterator[Repository]:
    """The repositories in ECR that an image may come from."""
    for each in shapes(image):
        if source_of(each) == "ecr" and (found := _ECR.fullmatch(each.text)):
            yield Repository(each.value(found["repository"]))


def pull_grants(repositories: Sequence[Repository], because: str) -> Iterator[Grant]:
    """The first pull through a cache makes the repository and imports the image.
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
            because="imports what it pulls first through a cache",
        )
