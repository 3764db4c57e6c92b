"""Caches of builds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, ClassVar, Literal

from troposphere import codebuild

from pipegen.errors import Problem, quoted
from pipegen.fields.aws import Property
from pipegen.fields.gaps import GAP, could_match
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.iam.grant import Grant
from pipegen.syntax import names
from pipegen.values.create import create
from pipegen.values.shape import Shape, each_branch, shapes, shown
from pipegen.values.value import PARTITION, Value, concat

LOCAL_MODES = {
    "docker-layer": "LOCAL_DOCKER_LAYER_CACHE",
    "source": "LOCAL_SOURCE_CACHE",
    "custom": "LOCAL_CUSTOM_CACHE",
}


@frozen(kw_only=True)
class Cache(Model):
    """Files that a build caches for later builds, either on the build host or in S3.
    https://docs.aws.amazon.com/codebuild/latest/userguide/build-caching.html"""

    aws_type: ClassVar[str] = "AWS::CodeBuild::Project.ProjectCache"

    local: Annotated[Sequence[Literal["docker-layer", "source", "custom"]], Property("Modes")] = ()
    """The caches on the build host, which are lost with the host: docker-layer, source and custom. Not with `s3`, a
    `vpc` or the compute type BUILD_GENERAL1_2XLARGE."""
    s3: Annotated[Value, Property("Location")] | None = None
    """The location of the cache in a bucket, as `bucket/prefix`. Not with `local`."""
    paths: Sequence[str] = ()
    """Patterns of the files in the custom and the S3 cache, such as `/root/.npm/**/*`. A buildspec file sets its own
    paths:
    https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.cache"""


def project_cache(cache: Cache) -> codebuild.ProjectCache | None:
    if cache.s3 is not None:
        return create(codebuild.ProjectCache, Type="S3", Location=cache.s3)
    if cache.local:
        return create(codebuild.ProjectCache, Type="LOCAL", Modes=[LOCAL_MODES[mode] for mode in cache.local])
    return None


def cache_grants(cache: Cache) -> Iterator[Grant]:
    if cache.s3 is None:
        return
    objects = each_branch(
        cache.s3, lambda location: concat("arn:", PARTITION, ":s3:::", location.value(location.text.rstrip("/")), "/*")
    )
    yield Grant(
        actions=("s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"),
        resources=(objects,),
        because="reads and writes the build cache",
    )


def cache_problems(
    cache: Cache, *, in_vpc: bool, compute: str, runs_docker: bool, buildspec: str | None = None
) -> Iterator[Problem]:
    """Report caches that CodeBuild does not support. Paths start at the cache.
    https://docs.aws.amazon.com/codebuild/latest/userguide/build-caching.html"""
    yield from _location_problems(cache, in_vpc=in_vpc, compute=compute, runs_docker=runs_docker)
    yield from _path_problems(cache, buildspec)


def _location_problems(cache: Cache, *, in_vpc: bool, compute: str, runs_docker: bool) -> Iterator[Problem]:
    if cache.local and cache.s3 is not None:
        yield Problem("build-cache", (), "local and s3 cannot both be set", "remove one of them")
    if cache.local and in_vpc:
        yield Problem("build-cache", ("local",), "local caches are not supported in a VPC", "use s3")
    if cache.local and compute.endswith("2XLARGE"):
        text = f"local caches are not supported with compute_type {compute}"
        yield Problem("build-cache", ("local",), text, "use s3 or a smaller compute type")
    if "docker-layer" in cache.local and not runs_docker:
        text = "docker-layer requires a build that runs Docker"
        yield Problem("build-cache", ("local",), text, "use custom and paths")
    if cache.s3 is not None and any(map(_is_invalid_location, shapes(cache.s3))):
        text = f"s3 must be a bucket with a prefix, got {shown(cache.s3)}"
        yield Problem("bucket-name", ("s3",), text, "use a location such as my-bucket/cache")
    if "source" in cache.local:
        # https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-codebuild-project-projectcache.html
        text = "CodeBuild ignores the source cache of builds in CodePipeline"
        path = ("local", cache.local.index("source"))
        yield Problem("build-cache", path, text, "remove source from local", severity="warning")


def _is_invalid_location(location: Shape) -> bool:
    """Whether the known part of a location, up to a slash or a gap, cannot be the name of a bucket."""
    bucket = re.match(rf"[^/]*?(?:{GAP}|(?=/)|$)", location.text)
    return bucket is None or not could_match(bucket[0], names.BUCKET.matches)


def _path_problems(cache: Cache, buildspec: str | None) -> Iterator[Problem]:
    """Check the paths, which are part of the buildspec.
    https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.cache"""
    keeps_paths = cache.s3 is not None or "custom" in cache.local
    if buildspec is not None:
        if cache.paths:
            text = f"paths cannot be set with buildspec; the file {buildspec} sets them"
            yield Problem("build-cache", ("paths",), text, "move them to cache in the file")
        return
    for index, path in enumerate(cache.paths):
        if "\\" in path and not re.match(r"[A-Za-z]:", path):
            text = f"paths[{index}] must use / as separator, got {quoted(path)}"
            yield Problem("build-cache", ("paths", index), text, f"write {path.replace(chr(92), '/')}", "warning")
    if keeps_paths and not cache.paths:
        yield Problem("build-cache", (), "paths is missing", "add the patterns of the files to cache")
    if cache.paths and not keeps_paths:
        yield Problem("build-cache", ("paths",), "paths requires s3 or local: [custom]", "add one of them")
