"""Container images built from a source tree and pushed to ECR, with the files that deploys read.

Container name, repository, tag and file contents come from one declaration, so builds and deploys cannot disagree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal

from troposphere import AWSHelperFn

from pipegen import names
from pipegen.action import ActionType, Bound, Context
from pipegen.artifact import Artifact, DeploymentBundle, ImageDefinitions, ImageDetail, Output, Reference, Tree
from pipegen.builds.buildspec import Buildspec
from pipegen.builds.deploy_files import BuiltImage, DeployFiles, outputs
from pipegen.builds.project import BuildAction
from pipegen.builds.shell import ShellWords
from pipegen.errors import Problem
from pipegen.files import is_relative
from pipegen.grant import Grant
from pipegen.model import Keyed, Model
from pipegen.repository import LOGIN, PULL, PUSH, Pushed, Repository, RepositoryReference
from pipegen.text import render
from pipegen.values import Value


@dataclass(frozen=True, slots=True)
class FromEnvironment(Model):
    """The value that an environment variable of the build has at that moment; a `before` command may have set it."""

    from_environment: str


_MOVING = ("latest",)
"""The tags of a repository that every build writes anew."""

BuildArgument = Annotated[str | AWSHelperFn | FromEnvironment, Keyed(FromEnvironment, otherwise=Value)]
Tag = Annotated[str | FromEnvironment, Keyed(FromEnvironment, otherwise=str)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Image(Model):
    """One image of a build.

    container: the container that it is for; what deploys name it by. repository: where it is pushed: an existing ECR
        repository's name, ARN or URI, or a `Repository`.
    context: the directory it is built from. dockerfile: its path in the source; `<context>/Dockerfile` unless given.
    target: the stage of the Dockerfile. build_arguments: `ARG` values; not for secrets, they stay in the image.
    tags: further tags beside the commit's, such as `latest`, or `{from_environment: VERSION}`.
    """

    container: str
    repository: RepositoryReference
    context: str = "."
    dockerfile: str | None = None
    target: str | None = None
    build_arguments: Mapping[str, BuildArgument] = field(default_factory=dict)
    tags: Sequence[Tag] = ()

    @property
    def file(self) -> str:
        return self.dockerfile or str(PurePosixPath(self.context, "Dockerfile"))

    @property
    def variable(self) -> str:
        """The container's name as part of a shell variable's."""
        return names.identifier(self.container).upper()


@dataclass(frozen=True, slots=True, kw_only=True)
class DockerBuild(BuildAction):
    """`docker build` and push to ECR.

    images: at least one. before: commands run before anything is built, such as tests; a failure ends the build.
    commit_length: how much of the commit becomes the image tag, 1 to 40; where the source has no commit, the tag is
        `build-<build number>`.
    cache_repository: keep layers in this ECR repository between builds, under a tag for each container; it must not be
        immutable.
    pull_repositories: ECR repositories that Dockerfiles take base images from.

    Nothing is pushed unless everything was built and every tag can be; the commits' tags go first, the others after
    all of them. In an immutable repository an image that is there already under the commit's tag is taken by its
    digest. Deploys get images by digest. Output variables: IMAGE_TAG, and IMAGE_URI_<CONTAINER> for each image.
    """

    kind: Literal["docker-build"] = "docker-build"
    input: Reference[Tree] | None = None
    images: Sequence[Image]
    before: Sequence[str] = ()
    commit_length: int = 7
    cache_repository: RepositoryReference | None = None
    pull_repositories: Sequence[RepositoryReference] = ()

    @property
    def action_type(self) -> ActionType:
        return ActionType(category="Build", provider="CodeBuild", inputs=(1, 5), outputs=(0, 5))

    @property
    def runs_docker(self) -> bool:
        return True

    @property
    def definitions(self) -> Artifact[ImageDefinitions]:
        """The artifact with the image definitions file of each deploy that reads it."""
        return self.reference("definitions")

    def input_wish(self) -> Tree:
        return Tree()

    @property
    def deployment(self) -> Artifact[DeploymentBundle]:
        """The artifact with task definition and appspec for each deploy through CodeDeploy."""
        return self.reference("deployment")

    def detail(self, container: str) -> Artifact[ImageDetail]:
        """The artifact with the image detail of one of several images."""
        return self.reference("deployment" if len(self.images) == 1 else f"detail_{names.identifier(container)}")

    def makes(self) -> Sequence[Output]:
        return outputs([image.container for image in self.images])

    def own_variables(self) -> AbstractSet[str]:
        return frozenset(self._exported())

    def plain_variables(self) -> AbstractSet[str]:
        # The script makes them of what ECR and git allow in tags and names.
        return self.own_variables()

    def owned(self) -> Sequence[str]:
        names = (Repository.of(image.repository).name for image in self.images)
        return [f"the repository {name if isinstance(name, str) else name.to_dict()}" for name in names]

    def pushes(self) -> Sequence[Pushed]:
        pushed = [
            Pushed(container=image.container, repository=Repository.of(image.repository), tags=image.tags)
            for image in self.images
        ]
        if self.cache_repository is not None:
            pushed.append(Pushed(repository=Repository.of(self.cache_repository), tags=_MOVING))
        return pushed

    def _after_registry(self) -> DockerBuild:
        """The same where another stack has created its repositories."""
        images = [
            replace(image, repository=Repository.of(image.repository).existing(image.tags)) for image in self.images
        ]
        cache = None if self.cache_repository is None else Repository.of(self.cache_repository).existing(_MOVING)
        return replace(self, images=images, cache_repository=cache)

    def _exported(self) -> list[str]:
        return ["IMAGE_TAG", *(f"IMAGE_URI_{image.variable}" for image in self.images)]

    def reserved_variables(self) -> frozenset[str]:
        return frozenset({*self._exported(), *_script(self).variables})

    def problems(self) -> Iterator[Problem]:
        yield from BuildAction.problems(self)
        if not self.images:
            yield Problem("build-images", ("images",), "no image is built", "list at least one")
        if not 1 <= self.commit_length <= 40:
            text = f"a tag of {self.commit_length} characters of the commit"
            yield Problem("build-commit", ("commit_length",), text, "1 to 40")
        seen: dict[str, str] = {}
        for index, image in enumerate(self.images):
            if image.variable in seen:
                text = f"containers {seen[image.variable]!r} and {image.container!r} of one build are not told apart"
                yield Problem("build-images", ("images", index, "container"), text, "give them different names")
            seen[image.variable] = image.container
            for problem in _image_problems(image):
                yield problem.under("images", index)
        yield from self._repository_problems()

    def _repository_problems(self) -> Iterator[Problem]:
        for name in ("cache_repository", "pull_repositories"):
            given = getattr(self, name)
            several = given if isinstance(given, tuple) else () if given is None else (given,)
            for index, reference in enumerate(several):
                prefix = (name, index) if isinstance(given, tuple) else (name,)
                repository = Repository.of(reference)
                for problem in repository.problems():
                    yield problem.under(*prefix)
                if name == "pull_repositories" and repository.create:
                    text = "base images come from a repository that exists"
                    yield Problem("repository-create", prefix, text, "leave create out")
        cache = Repository.of(self.cache_repository) if self.cache_repository is not None else None
        if cache is not None and cache.is_immutable(_MOVING):
            text = "the cache is written anew by every build, which an immutable repository refuses"
            yield Problem("build-cache", ("cache_repository",), text, "name another repository for it")

    def bind(self, context: Context) -> Bound:
        if context.has_registry:
            return self._after_registry().bind(replace(context, has_registry=False))
        script = _script(self)
        images = [BuiltImage(image.container, f"IMAGE_URI_{image.variable}") for image in self.images]
        taken = {*self.environment, *self.action_environment, *script.variables, *self._exported()}
        files = DeployFiles(images, ShellWords(taken=taken))
        for output in self.makes():
            if requests := context.requests.get(output.name):
                files.add(output, requests)
        buildspec = Buildspec(
            commands=(*map(_strict, self.before), script.text(self, files)),
            runtime_versions=self.runtime_versions,
            exported=self._exported(),
            artifacts=files.found({output.name: self.artifact_name(output.name) for output in self.makes()}),
            cache_paths=self.cache.paths,
        )
        variables = {**script.variables, **files.words.variables}
        bound = self.bind_project(context, buildspec=buildspec.text(), variables=variables, grants=[*self._grants()])
        created = [each for each in self.pushes() if each.repository.create]
        return replace(
            bound,
            resources=(*(each.repository.resource(each.tags) for each in created), *bound.resources),
            outputs={f"{each.repository.logical_id}Uri": each.repository.uri for each in created},
        )

    def _grants(self) -> Iterator[Grant]:
        """https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html"""
        yield LOGIN
        pushed = [image.repository for image in self.images]
        if self.cache_repository is not None:
            pushed.append(self.cache_repository)
        yield Grant(
            actions=PUSH,
            resources=list(dict.fromkeys(Repository.of(each).arn for each in pushed)),
            because="pushes images, and finds those that are there",
        )
        if self.pull_repositories:
            pulled = [Repository.of(each).arn for each in self.pull_repositories]
            yield Grant(actions=PULL, resources=pulled, because="pulls base images")


def _strict(command: str) -> str:
    """A command of several lines ends with the first that fails; bash by itself goes on."""
    return f"set -e\n{command}" if "\n" in command.strip() else command


@dataclass(frozen=True, slots=True)
class _Script:
    """What the script logs in to, builds and pushes, as shell words, and the environment variables that they name."""

    images: Sequence[dict[str, Any]]
    cache: str | None
    pulled: Sequence[str]
    variables: Mapping[str, Value]

    def text(self, build: DockerBuild, files: DeployFiles) -> str:
        cache = [self.cache] if self.cache else []
        return render(
            "docker_build.sh.j2",
            commit_length=build.commit_length,
            images=self.images,
            cache=self.cache,
            repositories=[*(image["repository"] for image in self.images), *cache, *self.pulled],
            files=files,
        )


def _script(build: DockerBuild) -> _Script:
    words = ShellWords()
    images = [_image_words(image, words) for image in build.images]
    cache = None
    if build.cache_repository is not None:
        cache = words.reference(Repository.of(build.cache_repository).uri, "CACHE_REPOSITORY")
    pulled = [
        words.reference(Repository.of(each).uri, f"PULL_REPOSITORY_{index}")
        for index, each in enumerate(build.pull_repositories, start=1)
    ]
    return _Script(images, cache, pulled, words.variables)


def _image_words(image: Image, words: ShellWords) -> dict[str, Any]:
    """One image as the script's template takes it; every text is a shell word already."""
    repository = Repository.of(image.repository)
    options = [f"--file {words.word(_dotted(image.file), '')}"]
    if image.target is not None:
        options.append(f"--target {words.word(image.target, '')}")
    for index, (name, value) in enumerate(image.build_arguments.items(), start=1):
        if isinstance(value, FromEnvironment):
            options.append(f'--build-arg {name}="${value.from_environment}"')
        else:
            options.append(f"--build-arg {name}={words.word(value, f'BUILD_ARGUMENT_{image.variable}_{index}')}")
    return {
        "container": image.container,
        "name": image.variable,
        "repository": words.reference(repository.uri, f"REPOSITORY_{image.variable}"),
        "immutable": repository.is_immutable(image.tags),
        "options": options,
        "context": words.word(_dotted(image.context), ""),
        "tags": [_tag_word(tag, words) for tag in image.tags],
    }


def _tag_word(tag: str | FromEnvironment, words: ShellWords) -> str:
    return f'"${tag.from_environment}"' if isinstance(tag, FromEnvironment) else words.word(tag, "")


def _dotted(path: str) -> str:
    """A path that no tool can take for an option or a URL."""
    return path if path == "." else f"./{path}"


def _image_problems(image: Image) -> Iterator[Problem]:
    if not names.CONTAINER.matches(image.container):
        text = f"{image.container!r} is no container name"
        yield Problem("container-name", ("container",), text, names.CONTAINER.words)
    for field_name, path in (("context", image.context), ("dockerfile", image.dockerfile)):
        if path is not None and not is_relative(path) and path != ".":
            text = f"{path!r} is no path inside the source"
            yield Problem("file-name", (field_name,), text, "a relative path without ..")
    repository = Repository.of(image.repository)
    for problem in repository.problems():
        yield problem.under("repository")
    yield from _argument_problems(image)
    for index, tag in enumerate(image.tags):
        yield from (problem.under("tags", index) for problem in _tag_problems(tag))
        if tag == "latest" and repository.is_immutable(image.tags):
            text = "latest moves with every build, which an immutable repository refuses"
            yield Problem("image-latest", ("tags", index), text, "drop the tag, or say immutable: false")


def _tag_problems(tag: str | FromEnvironment) -> Iterator[Problem]:
    if isinstance(tag, FromEnvironment):
        yield from _variable_problems(tag)
    elif not names.IMAGE_TAG.matches(tag):
        yield Problem("image-tag", (), f"{tag!r} is no image tag", names.IMAGE_TAG.words)


def _argument_problems(image: Image) -> Iterator[Problem]:
    for name, value in image.build_arguments.items():
        if not names.ENVIRONMENT.matches(name):
            text = f"{name!r} is no name of a build argument"
            yield Problem("environment-name", ("build_arguments", name), text, names.ENVIRONMENT.words)
        if isinstance(value, FromEnvironment):
            yield from (problem.under("build_arguments", name) for problem in _variable_problems(value))


def _variable_problems(value: FromEnvironment) -> Iterator[Problem]:
    name = value.from_environment
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        text = f"{name!r} is no environment variable name"
        yield Problem("environment-name", ("from_environment",), text, "letters, digits or _, no digit first")
