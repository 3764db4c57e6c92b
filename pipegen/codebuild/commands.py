"""Checks of commands: syntax, variables that nothing sets, and Docker in a build without it.
https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.phases"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from pipegen.codebuild.docker_daemon import docker_problems
from pipegen.errors import Path, Problem, Severity, did_you_mean, last_of, one_line, quoted
from pipegen.facts import image_variables
from pipegen.iam.cli_calls import misspelled
from pipegen.pipeline.artifact import GitClone
from pipegen.pipeline.binding import Wired
from pipegen.syntax.plaintext import MAY_HOLD_SECRET
from pipegen.syntax.shell import Script, parsed
from pipegen.values.value import Value

CODEBUILD_VARIABLES = frozenset(
    f"CODEBUILD_{name}"
    for name in (
        *("BATCH_BUILD_IDENTIFIER", "BUILD_ARN", "BUILD_ID", "BUILD_IMAGE", "BUILD_NUMBER", "BUILD_SUCCEEDING"),
        *("INITIATOR", "KMS_KEY_ID", "LOG_PATH", "PROJECT_ARN", "PUBLIC_BUILD_URL", "RESOLVED_SOURCE_VERSION"),
        *("SOURCE_REPO_URL", "SOURCE_VERSION", "SRC_DIR", "START_TIME", "WEBHOOK_ACTOR_ACCOUNT_ID"),
        *("WEBHOOK_BASE_REF", "WEBHOOK_EVENT", "WEBHOOK_HEAD_REF", "WEBHOOK_MERGE_COMMIT", "WEBHOOK_PREV_COMMIT"),
        "WEBHOOK_TRIGGER",
        # Not documented, but set in every build:
        *("AGENT_ENDPOINT", "AUTH_TOKEN", "BMR_URL", "BUILD_URL", "CI", "CONTAINER_NAME", "EXECUTION_ROLE_BUILD"),
        *("FE_REPORT_ENDPOINT", "GOPATH", "LAST_EXIT", "PROJECT_UUID"),
    )
)
"""https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html, and the environment of a build:
https://github.com/OndraM/ci-detector/blob/main/tests/phpt/Ci/CiDetector_AwsCodeBuild.phpt"""
_OF_SOURCE = re.compile(r"CODEBUILD_(?:RESOLVED_SOURCE_VERSION|SOURCE_REPO_URL|SOURCE_VERSION|SRC_DIR)_\w+")
"""The variables of a secondary source, with its identifier."""
_OF_SHELL = re.compile(
    r"AWS_(?:CONTAINER_\w+|DEFAULT_REGION|EXECUTION_ENV|REGION)|ECS_CONTAINER_METADATA_URI(?:_V4)?"
    r"|BASH\w*|COPROC\w*|LC_\w+|SSH_\w+|XDG_\w+|COLUMNS|DIRSTACK|EUID|FUNCNAME|GROUPS|HOME|HOSTNAME|HOSTTYPE|IFS|LANG"
    r"|LINENO|LINES|LOGNAME|MACHTYPE|MAIL|MAPFILE|OLDPWD|OPTARG|OPTERR|OPTIND|OSTYPE|PATH|PIPESTATUS|PPID|PS[0-4]|PWD"
    r"|RANDOM|REPLY|SECONDS|SHELL|SHELLOPTS|SHLVL|SRANDOM|TERM|TMPDIR|TZ|UID|USER|EPOCHSECONDS|EPOCHREALTIME|_"
)
"""https://www.gnu.org/software/bash/manual/html_node/Bash-Variables.html, and variables in the environment of
builds."""


def command_problems(
    field_name: str, commands: Sequence[str], known: Collection[str], *, has_docker: bool, is_own_image: bool
) -> Iterator[Problem]:
    """Check the commands of a build. Paths start at the build.

    known: the variables of the project, of the action and of the build's own script.
    """
    scripts = [parsed(command) for command in commands]
    for index, (command, script) in enumerate(zip(commands, scripts, strict=True)):
        yield from syntax_problems((field_name, index), command, script)
    if not has_docker and not is_own_image:
        yield from docker_problems(field_name, scripts, known)
    if not is_own_image:
        yield from _unset_problems(field_name, scripts, known)


def syntax_problems(path: Path, command: str, script: Script) -> Iterator[Problem]:
    """Check the syntax of a command, and calls of programs in it."""
    if not command.strip():
        yield Problem("command-syntax", path, f"{last_of(path)} is empty", "remove it", "warning")
    if fault := script.fault:
        severity: Severity = "error" if fault.is_certain else "warning"
        text = f"{last_of(path)} is {_shown(command)}, and {fault.words}"
        yield Problem("command-syntax", path, text, fault.fix, severity)
    for value in script.paths:
        if not re.search(r"\$\{?PATH\b|\$\(|`", value):
            text = f"{last_of(path)} replaces PATH, so that programs are only found in {one_line(value, 60)}"
            yield Problem("environment-path", path, text, 'extend it: export PATH="/opt/bin:$PATH"', "warning")
    for program in script.programs:
        unknown, near = misspelled(program.words) if program.words[0] == "aws" else ("", "")
        if unknown:
            text = f"{last_of(path)} calls aws with the unknown command {quoted(unknown)}"
            fix = did_you_mean(near) or "see aws help"
            yield Problem("command-unknown", path, text, fix, "warning")


def _shown(command: str) -> str:
    """A command as messages show it; only its first word if it may contain a secret."""
    if MAY_HOLD_SECRET.search(command):
        return f"{quoted(command.split()[0].partition('=')[0])} …"
    return quoted(command)


def _unset_problems(field_name: str, scripts: Sequence[Script], known: Collection[str]) -> Iterator[Problem]:
    """Report variables that nothing sets, each at the first command that reads it. Variables last beyond the command
    that sets them, exported or not, but arrays do not.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/ecs-cd-pipeline.html (REPOSITORY_URI)
    https://github.com/aws/aws-cdk/issues/26694"""
    if any(script.loads or (script.fault and script.fault.is_certain) for script in scripts):
        return
    set_by = {name for script in scripts for name in script.sets - script.arrays}
    arrays = {name for script in scripts for name in script.arrays} - set_by
    seen = {*known, *set_by}
    for index, script in enumerate(scripts):
        for name in dict.fromkeys(script.reads):
            if name in seen or name in script.arrays or is_given(name):
                continue
            seen.add(name)
            if name in arrays:
                text = (
                    f"{field_name}[{index}] reads the array {name}, which does not last beyond the command that sets it"
                )
                fix = "write both as one command of several lines, with |"
                yield Problem("environment-unset", (field_name, index), text, fix, "warning")
                continue
            yield unset_problem((field_name, index), f"{field_name}[{index}]", name, {*known, *set_by})


def is_given(name: str) -> bool:
    """Whether CodeBuild, its images or the shell set a variable. Another check covers the directories of artifacts."""
    if name.startswith("CODEBUILD_"):
        return name in CODEBUILD_VARIABLES or _OF_SOURCE.fullmatch(name) is not None
    return _OF_SHELL.fullmatch(name) is not None or name in image_variables()


def unset_problem(path: tuple[str | int, ...], subject: str, name: str, known: Collection[str]) -> Problem:
    """The problem of a variable that a command reads and nothing sets."""
    candidates = CODEBUILD_VARIABLES if name.startswith("CODEBUILD_") else known
    near = difflib.get_close_matches(name, sorted(candidates), n=1)
    fix = did_you_mean(*near[:1]) or f"add it to environment: {{{name}: …}}, or write ${{{name}:-}}"
    return Problem("environment-unset", path, f"{subject} reads {name}, which nothing sets", fix, "warning")


def unset_exports(
    exported: Sequence[str], commands: Sequence[str], known: Collection[str], field_name: str = "exported_variables"
) -> Iterator[Problem]:
    """Report exported variables that nothing sets. field_name: the field with their names."""
    scripts = [parsed(command) for command in commands]
    if any(script.loads for script in scripts):
        return
    names = {*known, *(name for script in scripts for name in script.sets)}
    for index, name in enumerate(exported):
        if name not in names and not is_given(name):
            path = (field_name, index)
            near = difflib.get_close_matches(name, sorted(names), n=1)
            fix = did_you_mean(*near[:1]) or f"set it in a command: export {name}=…"
            text = f"{field_name} contains {name}, which no command sets"
            yield Problem("environment-unset", path, text, fix, "warning")


def has_own_image(image: Value | None) -> bool:
    """Whether a build runs in an image that is not one of CodeBuild's, whose contents are not known."""
    return image is not None and not (isinstance(image, str) and image.startswith("aws/codebuild/"))


def uses_git(inputs: Sequence[Wired], commands: Iterable[str]) -> bool:
    """Whether commands use Git in a full clone, which requires CodeBuild's credential helper.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/tutorials-github-gitclone.html"""
    clones = any(isinstance(wired.contents, GitClone) for wired in inputs)
    return clones and any(re.search(r"\bgit\b", command) for command in commands)
