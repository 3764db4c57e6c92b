"""A container image that a build makes: where it is built from, with what, and where it is pushed to."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import KW_ONLY, field
from pathlib import PurePosixPath
from typing import Annotated

from pipegen.codebuild.commands import is_given
from pipegen.errors import Path, Problem
from pipegen.fields.constraints import RELATIVE_PATH, Matches
from pipegen.fields.model import Keyed, Model
from pipegen.frozen import frozen
from pipegen.model.repository import Repository, RepositoryReference
from pipegen.syntax import names
from pipegen.values.expression import Expression
from pipegen.values.value import Text, TextValue

_VARIABLE = Matches(
    r"[A-Za-z_][A-Za-z0-9_]*", "the name of an environment variable: letters, digits or _, not a digit first"
)
_SECRET = Matches(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", "letters, digits, or _ . - (not first: . -)")
_DIRECTORY = Matches(rf"\.|{RELATIVE_PATH.expression}", RELATIVE_PATH.words)


@frozen
class FromEnvironment(Model):
    """The value that an environment variable has during the build; a `before` command may set it."""

    from_environment: Annotated[str, _VARIABLE]
    """The name of the variable: letters, digits and _, not a digit first."""


BuildArgument = Annotated[
    str | Expression | FromEnvironment, Keyed(from_environment=FromEnvironment, otherwise=TextValue)
]
Tag = Annotated[
    str | FromEnvironment, Keyed(from_environment=FromEnvironment, otherwise=Annotated[Text, names.IMAGE_TAG])
]


@frozen
class Image(Model):
    """A container image that a build makes and pushes."""

    container: Annotated[str, names.CONTAINER]
    """The name of the container that the image is for, which deployments refer to."""
    repository: RepositoryReference
    """The ECR repository that the image is pushed to: the name, ARN or URI of an existing one, or a `Repository`."""
    _: KW_ONLY
    context: Annotated[str, _DIRECTORY] = "."
    """The directory in the source that the image is built from. Default: the root of the source."""
    dockerfile: Annotated[str, RELATIVE_PATH] | None = None
    """The path of the Dockerfile in the source. Default: `<context>/Dockerfile`."""
    target: str | None = None
    """The stage of the Dockerfile to build. Default: the last one."""
    build_arguments: Mapping[Annotated[str, names.ENVIRONMENT], BuildArgument] = field(default_factory=dict)
    """Values for the `ARG` instructions of the Dockerfile. Use `secrets` for secrets: build arguments stay in the
    history of the image, where everybody who can pull it can read them."""
    secrets: Mapping[Annotated[str, _SECRET], FromEnvironment] = field(default_factory=dict)
    """Environment variables by the id of the secret, such as `npm: {from_environment: NPM_TOKEN}`:
    `RUN --mount=type=secret,id=npm` finds the value in the file `/run/secrets/npm`. It reaches neither the image nor
    its history. https://docs.docker.com/build/building/secrets/"""
    tags: Sequence[Tag] = ()
    """Tags in addition to that of the commit, such as `latest` or `{from_environment: VERSION}`."""

    @property
    def file(self) -> str:
        return self.dockerfile or str(PurePosixPath(self.context, "Dockerfile"))

    @property
    def variable(self) -> str:
        """The container's name as part of a shell variable's."""
        return names.identifier(self.container).upper()


def variables_read(image: Image) -> Iterator[tuple[Path, str]]:
    """The environment variables that the image takes values from, each with the place that says so."""
    for field_name in ("build_arguments", "secrets"):
        for name, value in getattr(image, field_name).items():
            if isinstance(value, FromEnvironment):
                yield (field_name, name, "from_environment"), value.from_environment
    for index, tag in enumerate(image.tags):
        if isinstance(tag, FromEnvironment):
            yield ("tags", index, "from_environment"), tag.from_environment


def unset_problems(image: Image, known: AbstractSet[str], before: Sequence[str]) -> Iterator[Problem]:
    """Variables that nothing sets, whose absence fails the build. `known`: those of the project, the action and the
    build's script; `before`: the commands that run first, of which any may set more."""
    loads = any(_LOADS.search(command) for command in before)
    for path, name in variables_read(image):
        if name in known or loads or is_given(name) or not _VARIABLE.matches(name):
            continue
        if any(re.search(rf"{_EXPORT}{name}(?=[=\s;&|)]|$)", command) for command in before):
            continue
        if any(re.search(rf"(?<![\w$]){name}=(?!\()|{_READ}{name}(?=[\s;&|)]|$)", command) for command in before):
            if path[0] == "secrets":
                text = f"before sets {name} without exporting it, and Docker reads the secret from the environment"
                yield Problem("environment-unset", path, text, f"write export {name}=… in before", "warning")
            continue
        near = difflib.get_close_matches(name, known, n=1)
        fix = f"did you mean {near[0]}?" if near else f"add it to environment, such as {name}: {{secrets_manager: …}}"
        if path[0] != "secrets" and not near:
            fix = f"add it to environment: {{{name}: …}}, or set it in before: [export {name}=…]"
        text = f"nothing sets {name}"
        yield Problem("environment-unset", path, text, fix, "warning" if before else "error")


_START = r"(?:^|[\s;&|(])"
_LOADS = re.compile(
    rf"{_START}(?:(?:\.|source|eval|set\s+-\w*a|set\s+-o\s+allexport)(?=[\s;]|$)|export\s+[\"']?[$`])", re.MULTILINE
)
"""Commands that may export variables without naming them."""
_EXPORT = rf"{_START}(?:export|(?:declare|typeset)\s+-\w*x\w*)\s(?:[^;&|\n]*\s)?"
"""What stands in front of the name of an exported variable. Those that are not exported outlive the command too, but
not arrays, and other programs do not see them.
https://docs.aws.amazon.com/codepipeline/latest/userguide/ecs-cd-pipeline.html (REPOSITORY_URI)
https://github.com/aws/aws-cdk/issues/26694"""
_READ = rf"{_START}(?:read|printf\s+-v)\s(?:[^;&|\n]*\s)?"


def image_problems(image: Image, secret: AbstractSet[str]) -> Iterator[Problem]:
    """What is wrong with the image; `secret`: the variables of its build that hold secrets."""
    repository = Repository.of(image.repository)
    for problem in repository.problems():
        yield problem.under("repository")
    yield from _exposed_problems(image, secret)
    for index, tag in enumerate(image.tags):
        if tag == "latest" and repository.immutable:
            text = "latest moves with every build, which an immutable repository refuses"
            yield Problem("image-latest", ("tags", index), text, "drop the tag, or leave out immutable: true")


def _exposed_problems(image: Image, secret: AbstractSet[str]) -> Iterator[Problem]:
    """Secrets where everybody who sees the image reads them."""
    for argument, given in image.build_arguments.items():
        if isinstance(given, FromEnvironment) and given.from_environment in secret:
            name = given.from_environment
            text = f"{name} is a secret, and build arguments stay in the image's history"
            fix = f"write secrets: {{{name.lower()}: {{from_environment: {name}}}}} instead, and in the Dockerfile "
            fix += f"RUN --mount=type=secret,id={name.lower()}"
            yield Problem("build-secret", ("build_arguments", argument), text, fix)
    for index, tag in enumerate(image.tags):
        if isinstance(tag, FromEnvironment) and tag.from_environment in secret:
            text = f"{tag.from_environment} is a secret, and everybody who sees the repository reads its tags"
            yield Problem("build-secret", ("tags", index), text, "drop the tag, or take it from a plain variable")
