"""Container images built from a source tree and pushed to ECR, with the files that deploys read.

Container name, repository, tag and file contents come from one declaration, so builds and deploys cannot disagree.
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
from pipegen.codebuild.image_script import ImageScript, dynamic_words, image_words, settings_digest
from pipegen.codebuild.project import BuildAction
from pipegen.codebuild.shell import ShellWords
from pipegen.errors import Path, Problem, quoted
from pipegen.fields.constraints import Between, Length
from pipegen.fields.model import OneOrMore
from pipegen.frozen import frozen
from pipegen.iam.grant import Grant
from pipegen.model.image_pulls import pull_grants
from pipegen.model.repository import LOGIN, PUSH, Pushed, Repository, RepositoryReference
from pipegen.pipeline.action import INPUT_ARTIFACTS, ActionType, Bound, Context, ExposedValue, Wired, variable_of
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
from pipegen.pipeline.requirement import AnyTree
from pipegen.syntax import names

_CROSS = ("buildx", "binfmt", "qemu", "DOCKER_DEFAULT_PLATFORM")
"""What prepares a build for other platforms than its own.
https://docs.docker.com/build/building/multi-platform/"""
_CACHE_TAGS = ("layers-*",)
"""The tags of the cache repository, which every build pushes anew."""

_TYPE = ActionType(category="Build", provider="CodeBuild", inputs=(1, 5), outputs=(0, 5))


@frozen
class DockerBuild(BuildAction):
    """A CodeBuild project that builds container images and pushes them to ECR.

    Nothing is pushed before all images are built and every tag can be pushed. The tags of the commit are pushed
    first, then the others. If an image of the commit exists whose labels show that it was built with the same settings
    (`before`, platform, build arguments and so on), it is used in place of a new one. If another image has the tag, it
    stays, and the new tag gets a suffix. Deployments get images by digest. The output variables are IMAGE_TAG, and
    IMAGE_URI_<CONTAINER> for each image.
    """

    images: Annotated[Image | Sequence[Image], OneOrMore(Image), Length(1, None, "images")]
    """The images to build. In Python, one image may stand without a list."""
    _: KW_ONLY
    kind: Literal["docker-build"] = "docker-build"
    input: Annotated[Reference[Tree], INPUT_ARTIFACTS] | None = None
    """The artifact that the images are built from. Default: the only source tree."""
    before: Sequence[str] = ()
    """Commands that run before the images are built, such as tests. The build stops at the first that fails."""
    commit_length: Annotated[int, Between(1, 40)] = 12
    """How many characters of the commit id the image tag has. Default: 12. Without a commit, the tag is
    `build-<build number>`."""
    cache_repository: RepositoryReference | None = None
    """An ECR repository that keeps layers between builds, under one tag for each container. It must not be immutable.
    Default: none."""
    pull_repositories: Sequence[RepositoryReference] = ()
    """ECR repositories that the Dockerfiles take base images from."""

    @property
    def action_type(self) -> ActionType:
        return _TYPE

    @property
    def built(self) -> Sequence[Image]:
        """The images, however many were given."""
        return (self.images,) if isinstance(self.images, Image) else self.images

    @property
    def script(self) -> tuple[str, Sequence[str]]:
        return "before", self.before

    @property
    def runs_docker(self) -> bool:
        return True

    @property
    def definitions(self) -> Artifact[ImageDefinitions]:
        """The artifact with the image definitions file of each deploy that reads it."""
        return self.reference("definitions")

    def requires(self) -> AnyTree:
        return AnyTree()

    @property
    def deployment(self) -> Artifact[DeploymentBundle]:
        """The artifact with task definition and appspec for each deploy through CodeDeploy."""
        return self.reference("deployment")

    def detail(self, container: str) -> Artifact[ImageDetail]:
        """The artifact with the image detail of one of several images."""
        return self.reference("deployment" if len(self.built) == 1 else f"detail_{names.identifier(container)}")

    def makes(self) -> Sequence[Output]:
        return outputs([image.container for image in self.built])

    def variable(self, name: str) -> str:
        return variable_of(self, name)

    def own_variables(self) -> AbstractSet[str]:
        return frozenset(self._exported())

    def plain_variables(self) -> AbstractSet[str]:
        # The script makes them of what ECR and git allow in tags and names.
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
        """The same where another stack has created its repositories."""
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
        return frozenset({*self._exported(), *_script(self, self).variables})

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
        if self.image is None:  # another image may set any variable
            yield from unset_problems(image, {*self._variables, *self.reserved_variables()}, self.before)

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
        if cache is not None and cache.immutable:
            text = "the cache is written anew by every build, which an immutable repository refuses"
            yield Problem("build-cache", ("cache_repository",), text, "name another repository for it")

    def bind(self, context: Context) -> Bound:
        placed = self._after_registry() if context.has_registry else self
        script = _script(self, placed, context.inputs)
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
            artifacts=files.found({output.name: self.artifact_name(output.name) for output in self.makes()}),
            cache_paths=self.cache.paths,
            uses_git=uses_git(context.inputs, self.before),
        )
        variables = {**script.variables, **files.words.variables}
        grants = [*placed._grants()]
        bound = self.bind_project(context, buildspec=buildspec.text(), variables=variables, grants=grants)
        created = [each for each in placed.pushes() if each.repository.create]
        return replace(
            bound,
            resources=(*(each.repository.resource(each.tags) for each in created), *bound.resources),
            outputs={f"{each.repository.logical_id}Uri": each.repository.uri for each in created},
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
            because="pushes images, and finds those that are there",
        )
        yield from pull_grants([Repository.of(each) for each in self.pull_repositories], "pulls base images")


def _strict(command: str) -> str:
    """A command of several lines that stops at the first line that fails; CodeBuild looks only at the last one's exit.

    Each command is a script of its own, in which `set -e` and arrays end, while other variables last.
    https://github.com/aws/aws-sdk-java-v2/pull/6524
    https://github.com/aws/aws-cdk/issues/26694
    https://docs.aws.amazon.com/codepipeline/latest/userguide/ecs-cd-pipeline.html (REPOSITORY_URI)
    """
    return f"set -e\n{command}" if "\n" in command.strip() else command


def _script(build: DockerBuild, placed: DockerBuild, inputs: Sequence[Wired] = ()) -> ImageScript:
    """The script of the build; `placed`: the build with its repositories where they are."""
    words = ShellWords()
    uris = [Repository.of(image.repository).uri for image in placed.built]
    images = [image_words(image, uri, words) for image, uri in zip(build.built, uris, strict=True)]
    cache = None
    if placed.cache_repository is not None:
        cache = words.reference(Repository.of(placed.cache_repository).uri, "CACHE_REPOSITORY")
    pulled = [
        words.reference(Repository.of(each).uri, f"PULL_REPOSITORY_{index}")
        for index, each in enumerate(build.pull_repositories, start=1)
    ]
    return ImageScript(
        commit_length=build.commit_length,
        images=images,
        cache=cache,
        pulled=pulled,
        made_of=[*_made_of(build), *dynamic_words(build.built, words)],
        read=[*_read(build, inputs)],
        variables=words.variables,
    )


def _made_of(build: DockerBuild) -> Iterator[str]:
    """What is made of a commit depends on the settings and, if commands run before, on all that they can see."""
    settings: dict[str, Any] = {"platform": build.platform}
    if build.before:
        settings |= {"before": build.before, "image": build.image, "runtime_versions": build.runtime_versions}
    yield settings_digest(build.built, settings)
    if build.before:
        yield from (f'"${{{name}-}}"' for name, kind, _ in typed(build._variables) if kind == "PLAINTEXT")


def _read(build: DockerBuild, inputs: Sequence[Wired]) -> Iterator[str]:
    """The inputs that are no source of the commit's: what a build has made, and what commands may copy from others."""
    if inputs and isinstance(inputs[0].contents, Files):
        yield '"$CODEBUILD_SRC_DIR"'
    if build.before:
        yield from (f'"$CODEBUILD_SRC_DIR_{wired.artifact}"' for wired in inputs[1:])
