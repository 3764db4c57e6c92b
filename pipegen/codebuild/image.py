"""Container images that a build builds and pushes."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import KW_ONLY, field
from pathlib import PurePosixPath
from typing import Annotated

from pipegen.codebuild.commands import is_given
from pipegen.errors import Path, Problem, did_you_mean
from pipegen.fields.constraints import RELATIVE_PATH, Matches
from pipegen.fields.marks import Keyed
from pipegen.fields.model import Model
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
    """The value of an environment variable during the build; a `before` command may set it."""

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
    """A container image that a build builds and pushes."""

    container: Annotated[str, names.CONTAINER]
    """The name of the container for the image, to which deployments refer."""
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
    """Values for the `ARG` instructions of the Dockerfile. Use `secrets` for secrets: build arguments are stored in the
    history of the image, where everyone who can pull it can read them."""
    secrets: Mapping[Annotated[str, _SECRET], FromEnvironment] = field(default_factory=dict)
    """Environment variables by the id of the secret, such as `npm: {from_environment: NPM_TOKEN}`:
    `RUN --mount=type=secret,id=npm` can read the value from the file `/run/secrets/npm`. It is stored neither in the
    image nor in its history. https://docs.docker.com/build/building/secrets/"""
    tags: Sequence[Tag] = ()
    """Tags in addition to that of the commit, such as `latest` or `{from_environment: VERSION}`."""

    @property
    def file(self) -> str:
        return self.dockerfile or str(PurePosixPath(self.context, "Dockerfile"))

    @property
    def variable(self) -> str:
        """The name of the container as part of the name of a shell variable."""
        return names.identifier(self.container).upper()


def variables_read(image: Image) -> Iterator[tuple[Path, str]]:
    """The environment variables that the image reads, each with the path of its field."""
    for field_name in ("build_arguments", "secrets"):
        for name, value in getattr(image, field_name).items():
            if isinstance(value, FromEnvironment):
                yield (field_name, name, "from_environment"), value.from_environment
    for index, tag in enumerate(image.tags):
        if isinstance(tag, FromEnvironment):
            yield ("tags", index, "from_environment"), tag.from_environment


def unset_problems(image: Image, known: AbstractSet[str], before: Sequence[str]) -> Iterator[Problem]:
    """Report variables that nothing sets, without which the build fails.

    known: the variables of the project, the action and the build's script. before: the commands that run first, which
    may set others.
    """
    loads = any(_LOADS.search(command) for command in before)
    for path, name in variables_read(image):
        if name in known or loads or is_given(name) or not _VARIABLE.matches(name):
            continue
        if any(re.search(rf"{_EXPORT}{name}(?=[=\s;&|)]|$)", command) for command in before):
            continue
        if any(re.search(rf"(?<![\w$]){name}=(?!\()|{_READ}{name}(?=[\s;&|)]|$)", command) for command in before):
            if path[0] == "secrets":
                text = f"before sets {name} without exporting it, so Docker cannot read the secret"
                yield Problem("environment-unset", path, text, f"write export {name}=… in before", "warning")
            continue
        near = difflib.get_close_matches(name, known, n=1)
        fix = did_you_mean(*near[:1]) or f"add it to environment: {{{name}: {{secrets_manager: …}}}}"
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
"""The words before the name of an exported variable. Variables that are not exported last beyond the command too,
except arrays, but other programs do not see them.
https://docs.aws.amazon.com/codepipeline/latest/userguide/ecs-cd-pipeline.html (REPOSITORY_URI)
https://github.com/aws/aws-cdk/issues/26694"""
_READ = rf"{_START}(?:read|printf\s+-v)\s(?:[^;&|\n]*\s)?"


def image_problems(image: Image, secret: AbstractSet[str]) -> Iterator[Problem]:
    """Check an image. `secret`: the variables of its build with secrets."""
    repository = Repository.of(image.repository)
    for problem in repository.problems():
        yield problem.under("repository")
    yield from _exposed_problems(image, secret)
    for index, tag in enumerate(image.tags):
        if tag == "latest" and repository.immutable:
            text = 'tags cannot contain "latest" for an immutable repository, because every build would overwrite it'
            yield Problem("image-latest", ("tags", index), text, "remove the tag, or remove immutable: true")


def _exposed_problems(image: Image, secret: AbstractSet[str]) -> Iterator[Problem]:
    """Report secrets that everyone with access to the image could read."""
    for argument, value in image.build_arguments.items():
        if isinstance(value, FromEnvironment) and value.from_environment in secret:
            name = value.from_environment
            text = f"{name} is a secret, but build arguments are stored in the history of the image"
            fix = f"write secrets: {{{name.lower()}: {{from_environment: {name}}}}} instead, and in the Dockerfile "
            fix += f"RUN --mount=type=secret,id={name.lower()}"
            yield Problem("build-secret", ("build_arguments", argument), text, fix)
    for index, tag in enumerate(image.tags):
        if isinstance(tag, FromEnvironment) and tag.from_environment in secret:
            text = f"{tag.from_environment} is a secret, but tags are visible to everyone with access to the repository"
            yield Problem("build-secret", ("tags", index), text, "remove the tag, or use a plain variable")
