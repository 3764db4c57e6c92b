"""What a build keeps for the next one."""

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
from pipegen.values.shape import Shape, each_branch, shapes, shown
from pipegen.values.value import PARTITION, Value, concat

LOCAL_MODES = {
    "docker-layer": "LOCAL_DOCKER_LAYER_CACHE",
    "source": "LOCAL_SOURCE_CACHE",
    "custom": "LOCAL_CUSTOM_CACHE",
}


@frozen(kw_only=True)
class Cache(Model):
    """What a build keeps for the next one: either on the build host or in S3.
    https://docs.aws.amazon.com/codebuild/latest/userguide/build-caching.html"""

    aws_type: ClassVar[str] = "AWS::CodeBuild::Project.ProjectCache"

    local: Annotated[Sequence[Literal["docker-layer", "source", "custom"]], Property("Modes")] = ()
    """The caches on the build host, which are lost with the host: docker-layer, source and custom. They do not go with
    `s3`, a `vpc` or the compute type BUILD_GENERAL1_2XLARGE."""
    s3: Annotated[Value, Property("Location")] | None = None
    """The cache in a bucket, as `bucket/prefix`. It does not go with `local`."""
    paths: Sequence[str] = ()
    """Patterns of the files that the custom and the S3 cache keep, such as `/root/.npm/**/*`. A buildspec file lists
    them itself:
    https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.cache"""


def project_cache(cache: Cache) -> codebuild.ProjectCache | None:
    if cache.s3 is not None:
        return codebuild.ProjectCache(Type="S3", Location=cache.s3)
    if cache.local:
        return codebuild.ProjectCache(Type="LOCAL", Modes=[LOCAL_MODES[mode] for mode in cache.local])
    return None


def cache_grants(cache: Cache) -> Iterator[Grant]:
    if cache.s3 is None:
        return
    objects = each_branch(
        cache.s3, lambda place: concat("arn:", PARTITION, ":s3:::", place.value(place.text.rstrip("/")), "/*")
    )
    yield Grant(
        actions=("s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"),
        resources=(objects,),
        because="keeps its cache there",
    )


def cache_problems(
    cache: Cache, *, in_vpc: bool, compute: str, runs_docker: bool, buildspec: str | None = None
) -> Iterator[Problem]:
    """What CodeBuild cannot do; paths start at the cache.
    https://docs.aws.amazon.com/codebuild/latest/userguide/build-caching.html"""
    yield from _place_problems(cache, in_vpc=in_vpc, compute=compute, runs_docker=runs_docker)
    yield from _path_problems(cache, buildspec)


def _place_problems(cache: Cache, *, in_vpc: bool, compute: str, runs_docker: bool) -> Iterator[Problem]:
    if cache.local and cache.s3 is not None:
        yield Problem("build-cache", (), "a build caches either locally or in S3", "keep one of local and s3")
    if cache.local and in_vpc:
        yield Problem("build-cache", ("local",), "CodeBuild has no local cache in a VPC", "use s3 instead")
    if cache.local and compute.endswith("2XLARGE"):
        text = f"CodeBuild has no local cache on {compute}"
        yield Problem("build-cache", ("local",), text, "use s3 or a smaller compute type")
    if "docker-layer" in cache.local and not runs_docker:
        text = "a cache of docker layers is for builds of images"
        yield Problem("build-cache", ("local",), text, "use custom and paths")
    if cache.s3 is not None and any(map(_is_no_place, shapes(cache.s3))):
        text = f"{shown(cache.s3)} is no bucket with a prefix"
        yield Problem("bucket-name", ("s3",), text, "such as my-bucket/cache")
    if "source" in cache.local:
        # https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-codebuild-project-projectcache.html
        text = "CodeBuild ignores the source cache, as CodePipeline hands the source to the build"
        path = ("local", cache.local.index("source"))
        yield Problem("build-cache", path, text, "remove source from local", severity="warning")


def _is_no_place(place: Shape) -> bool:
    """By what is known of the bucket's name: up to a slash or a gap, which may have one."""
    bucket = re.match(rf"[^/]*?(?:{GAP}|(?=/)|$)", place.text)
    return bucket is None or not could_match(bucket[0], names.BUCKET.matches)


def _path_problems(cache: Cache, buildspec: str | None) -> Iterator[Problem]:
    """The paths are part of the buildspec.
    https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.cache"""
    keeps_paths = cache.s3 is not None or "custom" in cache.local
    if buildspec is not None:
        if cache.paths:
            text = f"CodeBuild reads the paths of the cache from the buildspec file {buildspec}"
            yield Problem("build-cache", ("paths",), text, "move them there, under cache")
        return
    for index, path in enumerate(cache.paths):
        if "\\" in path and not re.match(r"[A-Za-z]:", path):
            text = f"paths[{index}] is {quoted(path)}, and \\ is no separator in paths of Linux"
            yield Problem("build-cache", ("paths", index), text, f"write {path.replace(chr(92), '/')}", "warning")
    if keeps_paths and not cache.paths:
        yield Problem("build-cache", (), "the cache lists no paths", "list what to keep under paths")
    if cache.paths and not keeps_paths:
        yield Problem("build-cache", ("paths",), "no cache keeps these paths", "add s3, or custom to local")
