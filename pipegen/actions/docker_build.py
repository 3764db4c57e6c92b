"""Docker builds: container images pushed to ECR, with the files that deployments read.

Container name, repository, tag and file contents come from one declaration, so builds and deployments are consistent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import KW_ONLY, replace
from typing import Annotated, Any, Literal

from pipegen.codebuild.buildspec import Buildspec
from pipegen.codebuild.commands import uses_git
from pipegen.codebuild.deploy_files import BuiltImage, DeployFiles, outputs
from pipegen.codebuild.environment import EnvironmentValue, typed
from pipegen.codebuild.image import FromEnvironment, Image, image_problems, unset_problems
from pipegen.codebuild.image_blocks import ImageWords
from pipegen.codebuild.image_script import ImageScript, dynamic_words, image_words, settings_digest
from pipegen.codebuild.project import BuildAction
from pipegen.codebuild.shell import ShellWords
from pipegen.errors import Path, Problem, quoted
from pipegen.fields.constraints import Between, Length
from pipegen.fields.marks import OneOrMore
from pipegen.frozen import frozen
from pipegen.iam.grant import Grant
from pipegen.model.image_pulls import pull_grants
from pipegen.model.repository import LOGIN, PUSH, Pushed, Repository, RepositoryReference
from pipegen.pipeline.action import INPUT_ARTIFACTS, ActionType, variable_of
from pipegen.pipeline.artifact import (
    Artifact,
    DeploymentBundle,
    Files,
    ImageDefinitions,
    ImageDetail,
    Output,
    Reference,
    Tree,
)
from pipegen.pipeline.binding import Bound, Context, Wired
from pipegen.pipeline.effects import ExposedValue
from pipegen.pipeline.requirement import AnyTree
from pipegen.syntax import names

_CROSS = ("buildx", "binfmt", "qemu", "DOCKER_DEFAULT_PLATFORM")
"""Words in commands that prepare a build for other platforms than its own.
https://docs.docker.com/build/building/multi-platform/"""
_CACHE_TAGS = ("layers-*",)
"""The tags of the cache repository, which every build pushes."""

_TYPE = ActionType(category="Build", provider="CodeBuild", inputs=(1, 5), outputs=(0, 5))


@frozen
class DockerBuild(BuildAction):
    """A CodeBuild project that builds container images and pushes them to ECR.

    Nothing is pushed before all images are built and all tags can be pushed. The tags of the commit are pushed first,
    then the others. If an image of the commit exists that was built with the same settings (`before`, platform, build
    arguments and so on, as its labels show), it is reused. If a different image has the tag, it is kept, and the new
    tag gets a suffix. Deployments use images by digest. The output variables are IMAGE_TAG, and IMAGE_URI_<CONTAINER>
    for each image.
    """

    images: Annotated[Image | Sequence[Image], OneOrMore(Image), Length(1, None, "images")]
    """The images to build. In Python, a single image does not need a list."""
    _: KW_ONLY
    kind: Literal["docker-build"] = "docker-build"
    input: Annotated[Reference[Tree], INPUT_ARTIFACTS] | None = None
    """The artifact that the images are built from. Default: the only source tree."""
    before: Sequence[str] = ()
    """Commands that run before the images are built, such as tests. The build stops at the first failure."""
    commit_length: Annotated[int, Between(1, 40)] = 12
    """The number of characters of the commit id in the image tag. Default: 12. Without a commit, the tag is
    `build-<build number>`."""
    cache_repository: RepositoryReference | None = None
    """An ECR repository that caches layers between builds, with one tag for each container. It must not be immutable.
    Default: none."""
    pull_repositories: Sequence[RepositoryReference] = ()
    """ECR repositories of the base images in the Dockerfiles."""

    @property
    def action_type(self) -> ActionType:
        return _TYPE

    @property
    def built(self) -> Sequence[Image]:
        """The images as a sequence."""
        return (self.images,) if isinstance(self.images, Image) else self.images

    @property
    def script(self) -> tuple[str, Sequence[str]]:
        return "before", self.before

    @property
    def runs_docker(self) -> bool:
        return True

    @property
    def definitions(self) -> Artifact[ImageDefinitions]:
        """The artifact with the image definitions files of deployments by ECS."""
        return self.reference("definitions")

    def requires(self) -> AnyTree:
        return AnyTree()

    @property
    def deployment(self) -> Artifact[DeploymentBundle]:
        """The artifact with the task definitions and AppSpecs of deployments through CodeDeploy."""
        return self.reference("deployment")

    def detail(self, container: str) -> Artifact[ImageDetail]:
        """The artifact with the image detail of one of several images."""
        return self.reference("deployment" if len(self.built) == 1 else f"detail_{names.identifier(container)}")

    def makes(self) -> Sequence[Output]:
        return outputs(*(image.container for image in self.built))

    def variable(self, name: str) -> str:
        return variable_of(self, name)

    def own_variables(self) -> AbstractSet[str]:
        return frozenset(self._exported())

    def plain_variables(self) -> AbstractSet[str]:
        # The script builds them from characters that ECR and Git allow in tags and names.
        return self.own_variables()

    def owned(self) -> Sequence[str]:
        return [f"the repository {Repository.of(image.repository).identity}" for image in self.built]

    def pushes(self) -> Sequence[Pushed]:
        pushed = [
            Pushed(
                container=image.container,
                repository=Repository.of(image.repository),
                tags=image.tags,
                platform=None if any(each in line for line in self.before for each in _CROSS) else self.platform,
            )
            for image in self.built
        ]
        if self.cache_repository is not None:
            pushed.append(Pushed(repository=Repository.of(self.cache_repository), tags=_CACHE_TAGS))
        return pushed

    def scripts(self) -> Iterator[tuple[Path, str]]:
        yield from ((("before", index), command) for index, command in enumerate(self.before))

    def exposes(self) -> Iterator[ExposedValue]:
        for index, image in enumerate(self.built):
            for name, argument in image.build_arguments.items():
                path: Path = ("images", index, "build_arguments", name)
                if not isinstance(argument, FromEnvironment):
                    yield ExposedValue(path=path, origin=path, value=argument)
                    continue
                variable, of_action = argument.from_environment, self.action_environment
                if variable in of_action or variable in self.environment:
                    field_name = "action_environment" if variable in of_action else "environment"
                    yield ExposedValue(path=path, origin=(field_name, variable), value=self._variables[variable])

    def _after_registry(self) -> DockerBuild:
        """The build with its repositories as existing ones, which another stack has created."""
        images = [replace(image, repository=Repository.of(image.repository).existing()) for image in self.built]
        cache = None if self.cache_repository is None else Repository.of(self.cache_repository).existing()
        return replace(self, images=images, cache_repository=cache)

    @property
    def _variables(self) -> dict[str, EnvironmentValue]:
        """The variables of the project and the action, as a build sees them."""
        return {**self.environment, **self.action_environment}

    def _exported(self) -> list[str]:
        return ["IMAGE_TAG", *(f"IMAGE_URI_{image.variable}" for image in self.built)]

    def reserved_variables(self) -> frozenset[str]:
        words = ShellWords()
        _add_words(self, self, words)
        return frozenset({*self._exported(), *words.variables})

    def problems(self) -> Iterator[Problem]:
        yield from BuildAction.problems(self)
        secret = {name for name, kind, _ in typed(self._variables) if kind != "PLAINTEXT"}
        seen: dict[str, str] = {}
        for index, image in enumerate(self.built):
            if image.variable in seen:
                text = f"the build cannot distinguish its containers {quoted(seen[image.variable])} and "
                text += quoted(image.container)
                yield Problem("build-images", ("images", index, "container"), text, "give them different names")
            seen[image.variable] = image.container
            for problem in (*image_problems(image, secret), *self._unset_problems(image)):
                yield problem.under("images", index)
        yield from self._repository_problems()

    def _unset_problems(self, image: Image) -> Iterator[Problem]:
        if self.image is None:  # a custom image may set any variable
            yield from unset_problems(image, {*self._variables, *self.reserved_variables()}, self.before)

    def _repository_problems(self) -> Iterator[Problem]:
        for name in ("cache_repository", "pull_repositories"):
            value = getattr(self, name)
            references = value if isinstance(value, tuple) else () if value is None else (value,)
            for index, reference in enumerate(references):
                prefix = (name, index) if isinstance(value, tuple) else (name,)
                repository = Repository.of(reference)
                for problem in repository.problems():
                    yield problem.under(*prefix)
                if name == "pull_repositories" and repository.create:
                    text = "create cannot be set for a repository of base images, which must exist"
                    yield Problem("repository-create", prefix, text, "remove create")
        cache = Repository.of(self.cache_repository) if self.cache_repository is not None else None
        if cache is not None and cache.immutable:
            text = "cache_repository must not be immutable, because every build overwrites its tags"
            yield Problem("build-cache", ("cache_repository",), text, "use another repository")

    def bind(self, context: Context) -> Bound:
        deployed = self._after_registry() if context.has_registry else self
        script = _script(self, deployed, context.inputs)
        images = [BuiltImage(image.container, f"IMAGE_URI_{image.variable}") for image in self.built]
        taken = {*self.environment, *self.action_environment, *script.variables, *self._exported()}
        files = DeployFiles(images, ShellWords(taken=taken))
        for output in self.makes():
            if requests := context.requests.get(output.name):
                files.add(output, requests)
        buildspec = Buildspec(
            commands=(*map(_strict, self.before), script.text(files)),
            runtime_versions=self.runtime_versions,
            exported=self._exported(),
            artifacts=files.artifact_files({output.name: self.artifact_name(output.name) for output in self.makes()}),
            cache_paths=self.cache.paths,
            uses_git=uses_git(context.inputs, self.before),
        )
        variables = {**script.variables, **files.words.variables}
        grants = [*deployed._grants()]
        bound = self.bind_project(context, buildspec=buildspec.text(), variables=variables, grants=grants)
        created = [each for each in deployed.pushes() if each.repository.create]
        return replace(
            bound,
            resources=(*(each.repository.resource(each.tags) for each in created), *bound.resources),
        )

    def _grants(self) -> Iterator[Grant]:
        """https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html"""
        yield LOGIN
        pushed = [image.repository for image in self.built]
        if self.cache_repository is not None:
            pushed.append(self.cache_repository)
        yield Grant(
            actions=PUSH,
            resources=list(dict.fromkeys(Repository.of(each).arn for each in pushed)),
            because="pushes images, and looks up existing ones",
        )
        yield from pull_grants([Repository.of(each) for each in self.pull_repositories], "pulls base images")


def _strict(command: str) -> str:
    """A command of several lines that stops at the first failure; CodeBuild only checks the exit code of the last line.

    Each command is a separate script: `set -e` and arrays do not last beyond it, but other variables do.
    https://github.com/aws/aws-sdk-java-v2/pull/6524
    https://github.com/aws/aws-cdk/issues/26694
    https://docs.aws.amazon.com/codepipeline/latest/userguide/ecs-cd-pipeline.html (REPOSITORY_URI)
    """
    return f"set -e\n{command}" if "\n" in command.strip() else command


def _script(build: DockerBuild, deployed: DockerBuild, inputs: Sequence[Wired] = ()) -> ImageScript:
    """The script of the build. `deployed`: the build with references to its deployed repositories."""
    words = ShellWords()
    images, cache, pulled = _add_words(build, deployed, words)
    return ImageScript(
        commit_length=build.commit_length,
        images=images,
        cache=cache,
        pulled=pulled,
        fingerprinted=[*_fingerprinted(build), *dynamic_words(build.built, words)],
        read=[*_read(build, inputs)],
        variables=words.variables,
    )


def _add_words(
    build: DockerBuild, deployed: DockerBuild, words: ShellWords
) -> tuple[Sequence[ImageWords], str | None, Sequence[str]]:
    """Add the environment variables of the script. Returns the words for the images, for the cache repository and for
    the repositories of base images."""
    uris = [Repository.of(image.repository).uri for image in deployed.built]
    images = [image_words(image, uri, words) for image, uri in zip(build.built, uris, strict=True)]
    cache = None
    if deployed.cache_repository is not None:
        cache = words.reference(Repository.of(deployed.cache_repository).uri, "CACHE_REPOSITORY")
    pulled = [
        words.reference(Repository.of(each).uri, f"PULL_REPOSITORY_{index}")
        for index, each in enumerate(build.pull_repositories, start=1)
    ]
    return images, cache, pulled


def _fingerprinted(build: DockerBuild) -> Iterator[str]:
    """The inputs of the fingerprint of images: the settings and, if commands run before, their environment."""
    settings: dict[str, Any] = {"platform": build.platform}
    if build.before:
        settings |= {"before": build.before, "image": build.image, "runtime_versions": build.runtime_versions}
    yield settings_digest(build.built, settings)
    if build.before:
        yield from (f'"${{{name}-}}"' for name, kind, _ in typed(build._variables) if kind == "PLAINTEXT")


def _read(build: DockerBuild, inputs: Sequence[Wired]) -> Iterator[str]:
    """The directories that are not part of the commit: outputs of builds, and other artifacts that commands may
    copy."""
    if inputs and isinstance(inputs[0].contents, Files):
        yield '"$CODEBUILD_SRC_DIR"'
    if build.before:
        yield from (f'"$CODEBUILD_SRC_DIR_{wired.artifact}"' for wired in inputs[1:])
