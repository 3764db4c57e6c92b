"""Build images of CodeBuild, their platforms and runtimes.

https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-available.html
https://docs.aws.amazon.com/codebuild/latest/userguide/runtime-versions.html
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from pipegen import facts
from pipegen.errors import Problem, did_you_mean, quoted
from pipegen.fields.gaps import GAP
from pipegen.model.image_pulls import sources_of
from pipegen.values.shape import shapes
from pipegen.values.value import Value

IMAGES = {
    "amd64": ("LINUX_CONTAINER", "aws/codebuild/amazonlinux-x86_64-standard:6.0"),
    "arm64": ("ARM_CONTAINER", "aws/codebuild/amazonlinux-aarch64-standard:4.0"),
}
"""CodeBuild's environment type and newest curated Amazon Linux image of each platform, as of 2026-11.
https://docs.aws.amazon.com/codebuild/latest/userguide/ec2-compute-images.html
https://github.com/aws/aws-codebuild-docker-images/tree/master/al (aarch64/standard/4.0 since its pull request 813)"""

_PREFIX = "aws/codebuild/"
_CUSTOM = {
    "dotnet": r"\d+\.\d+\.\d+",
    "golang": r"\d+\.\d+(?:\.\d+)?",
    "java": r"corretto\d+",
    "nodejs": r"\d+(?:\.\d+){0,2}",
    "php": r"\d+\.\d+\.\d+",
    "python": r"\d+(?:\.\d+){0,2}",
    "ruby": r"\d+\.\d+\.\d+",
}
"""Versions that CodeBuild installs if an image of Amazon Linux or Ubuntu does not contain them.
https://docs.aws.amazon.com/codebuild/latest/userguide/runtime-versions.html#custom-runtime"""


def machine_problems(image: Value | None, platform: str, versions: Mapping[str, str]) -> Iterator[Problem]:
    """Check the image, the platform and the runtime versions of a build. Paths start at the build."""
    for text in [IMAGES[platform][1]] if image is None else [each.text for each in shapes(image)]:
        yield from _platform_problems(text, platform)
        if re.search(GAP, text):
            continue
        if image is not None:
            yield from _name_problems(text)
        if versions:
            for problem in _runtime_problems(text, versions):
                yield problem.under("runtime_versions")
    if image is not None:
        yield from _source_problems(image)


def _platform_problems(image: str, platform: str) -> Iterator[Problem]:
    by_name = next((name for name, words in _WORDS.items() if any(word in image for word in words)), "")
    machine = _machine_of(image) or by_name
    if machine and machine != platform:
        shown = quoted(re.sub(GAP, "…", image))
        text = f"image {shown} is built for {machine}, but platform is {platform}"
        fix = f"set platform: {machine}, or remove image" if machine in IMAGES else "use an image for Linux"
        yield Problem("build-platform", ("image",), text, fix)


_WORDS = {"amd64": ("x86_64", "amd64"), "arm64": ("aarch64", "arm64")}
"""Words in names of images that indicate the platform."""


def _source_problems(image: Value) -> Iterator[Problem]:
    sources = sources_of(image)
    if image == "":
        yield Problem("build-image", ("image",), "image is empty", "set an image, or remove it for AWS's newest")
    elif "unknown" in sources:
        text = "the registry of image is only known at deployment, but the project's settings depend on it"
        fix = (
            "write the registry and the start of the tag, such as !Sub aws/codebuild/${Image} or "
            "!Sub ${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/build:${Tag}"
        )
        yield Problem("build-image", ("image",), text, fix)
    elif "ecr" in sources and len(sources) > 1:
        text = "all possible values of image must be in ECR, or none"
        yield Problem("build-image", ("image",), text, "use images of the same registry in both branches of !If")


def _name_problems(image: str) -> Iterator[Problem]:
    """Report an unknown image of CodeBuild, or a name that looks like one without the prefix."""
    known = facts.enum("codebuild.Image")
    if image.startswith(_PREFIX):
        if "@" not in image and _unpinned(image) not in known:
            yield facts.unlisted("build-image", ("image",), image, known, "build image of CodeBuild")
    elif (likely := f"{_PREFIX}{image.rpartition('/')[2]}") in known and "." not in image.partition("/")[0].partition(
        ":"
    )[0]:
        text = f"image {quoted(image)} is an image on Docker Hub"
        yield Problem("build-image", ("image",), text, did_you_mean(likely), "warning")


def _unpinned(image: str) -> str:
    """The image without its exact release, such as the end of `…-standard:5.0-24.03.11`."""
    return re.sub(r"(:\d+\.\d+)-[\d.]+$", r"\1", image)


def _machine_of(image: str) -> str:
    """The platform of an image of CodeBuild: amd64, arm64, windows, macos or lambda; empty for other images."""
    if not image.startswith(_PREFIX):
        return ""
    words = {"lambda": "lambda", "windows": "windows", "macos": "macos", "aarch64": "arm64", "arm": "arm64"}
    usual = "" if re.search(GAP, image) else "amd64"
    return next((machine for word, machine in words.items() if word in image), usual)


def _runtime_problems(image: str, versions: Mapping[str, str]) -> Iterator[Problem]:
    """Report runtimes and versions that an image does not contain. Paths start at the versions."""
    if not image.startswith(_PREFIX):
        if "codebuild" not in image and ".dkr.ecr" not in image:
            text = f"runtime_versions only applies to images of CodeBuild, got image {quoted(image)}"
            fix = "remove runtime_versions, and use an image with these runtimes"
            yield Problem("build-runtime", (), text, fix, "warning")
        return
    available = _available(image)
    for name, version in versions.items() if available else ():
        if name not in available:
            near = _like(name, available)
            fix = did_you_mean(near) or f"use one of {', '.join(available)}"
            text = f"image {image} does not contain the runtime {quoted(name, 60)}"
            yield Problem("build-runtime", (name,), text, fix, "warning")
        elif not _is_available(version, available[name]) and not _is_installed(name, version):
            text = f"image {image} does not contain {name} {quoted(version, 60)}"
            near = next((each for each in available[name] if each.endswith(version)), "")
            fix = did_you_mean(near) or f"use one of {', '.join(_sorted(available[name]))}"
            yield Problem("build-runtime", (name,), text, fix, "warning")


def _available(image: str) -> Mapping[str, Collection[str]]:
    """The versions of each runtime in a standard image; empty if they are not known."""
    match = re.fullmatch(r"aws/codebuild/(?:amazonlinux2?-(x86_64|aarch64)-)?standard:([\w.]+)", _unpinned(image))
    if match is None:
        return {}
    architecture, version = match.groups()
    directories = (
        [f"al/{architecture}/standard/{version}", f"unsupported_images/al2/{architecture}/standard/{version}"]
        if architecture
        else [f"ubuntu/standard/{version}", f"unsupported_images/ubuntu/standard/{version}"]
    )
    return next((facts.runtimes()[each] for each in directories if each in facts.runtimes()), {})


def _is_available(version: str, known: Collection[str]) -> bool:
    """Whether a version, `latest`, or the newest of a major version such as `3.x` is known."""
    major = version.removesuffix(".x")
    return (
        version == "latest"
        or version in known
        or (major != version and any(each == major or each.startswith(f"{major}.") for each in known))
    )


def _is_installed(name: str, version: str) -> bool:
    """Whether CodeBuild can probably install a version that an image does not contain: a version of the right form,
    of which some image contains the major or minor version."""
    if not re.fullmatch(_CUSTOM.get(name, ""), version):
        return False
    known = {f"{each}." for image in facts.runtimes().values() for each in image.get(name, ())}
    if name == "java":  # images contain few versions, and AWS's own example is corretto15
        return _numbers(version) <= max(_numbers(each) for each in known)
    return any(f"{version}.".startswith(each) or each.startswith(f"{version}.") for each in known)


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]


def _like(name: str, known: Collection[str]) -> str:
    """The runtime that starts with a name or is similar to it."""
    return next((each for each in known if each.startswith(name.lower())), "") or facts.closest(name, known)


def _sorted(versions: Collection[str]) -> list[str]:
    return sorted(versions, key=_numbers)
