"""The script that builds and pushes images."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipegen.codebuild import image_blocks as blocks
from pipegen.codebuild.deploy_files import DeployFiles
from pipegen.codebuild.image import FromEnvironment, Image
from pipegen.codebuild.image_blocks import ImageWords, TagWord
from pipegen.codebuild.shell import ShellWords
from pipegen.frozen import frozen
from pipegen.model.repository import Repository
from pipegen.output.scripts import functions, verbatim
from pipegen.values.expression import Expression
from pipegen.values.value import Value


@frozen(kw_only=True)
class ImageScript:
    """The repositories and images of the script as shell words, and the environment variables that they use.

    fingerprinted: the inputs of the images besides the source, so that a build does not reuse a different image: a
    digest of the settings, and words for values that only the build knows. read: the directories, as words, whose
    contents do not depend on the commit.
    """

    commit_length: int
    images: Sequence[ImageWords]
    cache: str | None
    pulled: Sequence[str]
    fingerprinted: Sequence[str]
    read: Sequence[str]
    variables: Mapping[str, Value]

    def text(self, files: DeployFiles) -> str:
        return "\n\n".join(
            [*self._functions(files), *self._preparations(files), *self._builds(), *_after(files), blocks.CLOSING]
        )

    def _functions(self, files: DeployFiles) -> Iterator[str]:
        function = functions("docker_build.sh")
        yield blocks.opening(self.commit_length)
        yield blocks.fingerprinted(self.fingerprinted, self.read)
        yield from (function["digest_of"], function["label_of"], function["is_same"])
        yield blocks.choose_tag(self.images)
        yield from (function["push"], function["pushed_digest"])
        if self._has_tags:
            yield from (function["fit_tag"], function["add_tag"])
        if files.escapes:
            yield function["json_text"]
        if files.checked:
            yield verbatim("check_deployment.sh").rstrip("\n")

    def _preparations(self, files: DeployFiles) -> Iterator[str]:
        cache = [self.cache] if self.cache else []
        yield blocks.log_in([*(image.repository for image in self.images), *cache, *self.pulled])
        if len(self.images) > 1:
            yield blocks.no_repository_twice(self.images)
        if self._has_tags:
            yield blocks.further_tags(self.images)
        if files.before:
            yield "\n".join(["# Task definitions and AppSpecs of deployments.", *files.before])

    def _builds(self) -> Iterator[str]:
        yield blocks.build_images(self.images, self.cache)
        yield blocks.choose_and_build(self.images)
        *pushes, last = (blocks.push(image, number) for number, image in enumerate(self.images, start=1))
        yield from pushes
        yield "\n".join([last, *(line for image in self.images for line in blocks.after_push(image, self.cache))])

    @property
    def _has_tags(self) -> bool:
        return any(image.tags for image in self.images)


def _after(files: DeployFiles) -> Iterator[str]:
    if files.after:
        yield "\n".join(["# The images of each deployment.", *files.after])


def image_words(image: Image, uri: Value, words: ShellWords) -> ImageWords:
    """The parts of the script for one image."""
    repository = Repository.of(image.repository)
    options = [f"--file {words.word(_dotted(image.file), '')}"]
    if image.target is not None:
        options.append(f"--target {words.word(image.target, '')}")
    options += [f"--build-arg {name}={word}" for name, word in argument_words(image, words).items()]
    options += [f'--secret "id={name},env={value.from_environment}"' for name, value in image.secrets.items()]
    return ImageWords(
        container=image.container,
        name=image.variable,
        repository=words.reference(uri, f"REPOSITORY_{image.variable}"),
        options=options,
        secrets=[value.from_environment for value in image.secrets.values()],
        context=words.word(_dotted(image.context), ""),
        tags=[
            TagWord(index, _tag_word(tag, words), repository.has_immutable(tag))
            for index, tag in enumerate(image.tags, start=1)
        ],
    )


def argument_words(image: Image, words: ShellWords) -> dict[str, str]:
    """The build arguments as shell words, by name."""
    return {
        name: f'"${value.from_environment}"'
        if isinstance(value, FromEnvironment)
        else words.word(value, f"BUILD_ARGUMENT_{image.variable}_{index}")
        for index, (name, value) in enumerate(image.build_arguments.items(), start=1)
    }


def settings_digest(images: Sequence[Image], further: Mapping[str, Any]) -> str:
    """A digest of the settings of images and of `further` settings of the build."""
    described = [
        {
            "file": image.file,
            "context": image.context,
            "target": image.target,
            "build_arguments": image.build_arguments,
            "secrets": sorted(image.secrets),
        }
        for image in images
    ]
    text = json.dumps({"images": described, **further}, sort_keys=True, default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


def dynamic_words(images: Sequence[Image], words: ShellWords) -> Iterator[str]:
    """The words for build arguments whose values only the build knows."""
    for image in images:
        arguments = argument_words(image, words)
        yield from (arguments[name] for name, value in image.build_arguments.items() if not isinstance(value, str))


def _plain(value: Any) -> Any:
    if isinstance(value, FromEnvironment):
        return {"from_environment": value.from_environment}
    if isinstance(value, Expression):
        return value.to_dict()
    return dict(value) if isinstance(value, Mapping) else list(value)


def _tag_word(tag: str | FromEnvironment, words: ShellWords) -> str:
    return f'"${tag.from_environment}"' if isinstance(tag, FromEnvironment) else words.word(tag, "")


def _dotted(path: str) -> str:
    """A path that tools do not mistake for an option or a URL."""
    return path if path == "." else f"./{path}"
