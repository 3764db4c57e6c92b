"""Checks of commands in builds: git needs a repository, and calls of AWS need permissions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from pipegen.errors import Problem
from pipegen.graph.outline import Outline
from pipegen.graph.wiring import WiredAction, Wiring
from pipegen.iam.cli_calls import actions_of
from pipegen.pipeline.action import Action
from pipegen.pipeline.artifact import SourceTree
from pipegen.pipeline.located import LocatedAction
from pipegen.stacks.stack import Document, Stack, resources_of, sequence, statements_of
from pipegen.syntax import names
from pipegen.syntax.shell import Program, Script, parsed

_IN_REPOSITORY = {
    *("add", "am", "archive", "bisect", "blame", "branch", "cat-file", "checkout", "cherry", "cherry-pick", "clean"),
    *(
        "commit",
        "describe",
        "fetch",
        "for-each-ref",
        "format-patch",
        "fsck",
        "gc",
        "grep",
        "log",
        "ls-files",
        "ls-tree",
    ),
    *("merge", "merge-base", "mv", "name-rev", "notes", "pull", "push", "range-diff", "rebase", "reflog", "remote"),
    *("reset", "restore", "rev-list", "rev-parse", "revert", "rm", "show", "show-ref", "sparse-checkout", "stash"),
    *("status", "submodule", "switch", "symbolic-ref", "tag", "update-index", "update-ref", "verify-commit"),
    *("verify-tag", "whatchanged", "worktree", "write-tree"),
}
"""Git commands that fail outside of a repository, for git 2.39: RUN_SETUP in
https://github.com/git/git/blob/master/git.c"""
_ELSEWHERE = {"--help", "-h", "--remote", "--no-index", "--sq-quote", "--parseopt", "--local-env-vars"}
"""Options with which these commands do not need a repository."""
_OF_HISTORY = re.compile(r"HEAD|\.\.|^origin/|^--(?:cached|staged)$")
"""Without a repository, `git diff` compares two files."""
_OF_LFS = re.compile(r"^(?:checkout|fetch|ls-files|pull|push)$")
_OPTIONS_OF_GIT = {"-C", "-c", "--git-dir", "--work-tree", "--namespace"}


def git(wiring: Wiring) -> Iterator[Problem]:
    """Find git commands without a repository. Sources are zip files without .git, except for full clones.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/tutorials-github-gitclone.html"""
    sources = {
        each.located.action.artifact_name(output.name): each.located
        for each in wiring.actions
        for output in each.located.action.makes()
        if getattr(each.located.action, "clone", "") and type(output.contents) is SourceTree
    }
    for each in wiring.actions:
        if each.inputs and (source := sources.get(each.inputs[0].artifact)):
            yield from _git_problems(each, source)


def _git_problems(wired: WiredAction, source: LocatedAction) -> Iterator[Problem]:
    field_name, commands = _script(wired.located.action)
    scripts = [parsed(command) for command in commands]
    verbs = [[_verb(program) for program in script.programs] for script in scripts]
    if any(verb in ("clone", "init") for found in verbs for verb in found):
        return
    for index, (script, found) in enumerate(zip(scripts, verbs, strict=True)):
        if needed := _needed(script.programs, found):
            text = f"{field_name}[{index}] runs git {needed}, but {source.words} does not provide a repository"
            fix = f"set clone: full in {source.words}"
            yield Problem("command-git", (*wired.located.path, field_name, index), text, fix, "warning")
            return


def _needed(programs: Sequence[Program], verbs: Sequence[str]) -> str:
    """Return the git command that needs a repository; an empty text if there is none, or if an earlier command tests
    for a repository."""
    for program, verb in zip(programs, verbs, strict=True):
        if program.is_guarded and verb:
            return ""
        if _needs_repository(program, verb):
            return verb
    return ""


def _needs_repository(program: Program, verb: str) -> bool:
    if verb == "config":  # it sets a value in the repository's configuration if no option names another file
        words = [word for word in program.words[2:] if word]
        return len(words) == 2 and not words[0].startswith("-") and "." in words[0]
    options = {word.split("=")[0] for word in program.words}
    if verb in ("diff", "lfs"):
        asks = _OF_HISTORY if verb == "diff" else _OF_LFS
        return any(map(asks.search, program.words)) and _ELSEWHERE.isdisjoint(options)
    return verb in _IN_REPOSITORY and "-C" not in options and _ELSEWHERE.isdisjoint(options)


def _verb(program: Program) -> str:
    """Return the git command that a program runs; an empty text for other programs."""
    words = iter(program.words[1:] if program.words[0] == "git" else ())
    for word in words:
        if word in _OPTIONS_OF_GIT:
            next(words, None)
        elif not word.startswith("-"):
            return word
    return ""


def permissions(lowered: Outline, stack: Stack, document: Document) -> Iterator[Problem]:
    """Find calls of the AWS CLI that the role of the build does not allow, as far as both are known."""
    roles = dict(resources_of(document, "AWS::IAM::Role"))
    for located in lowered.actions:
        role = roles.get(names.logical_id(located.action.name, "ProjectRole"))
        field_name, commands = _script(located.action)
        if role is None or not any("aws " in command for command in commands):
            continue
        scripts = [parsed(command) for command in commands]
        if not role.get("ManagedPolicyArns") and not _has_other_credentials(located.action, scripts):
            yield from _permission_problems(located, field_name, scripts, role)


def _permission_problems(
    located: LocatedAction, field_name: str, scripts: Sequence[Script], role: Mapping[str, Any]
) -> Iterator[Problem]:
    allowed = [*_allowed(role)]
    own = [action for grant in getattr(located.action, "grants", ()) for action in grant.actions]
    seen: set[str] = set()
    for index, script in enumerate(scripts):
        needed = [
            action
            for program in script.programs
            if program.words[0] == "aws" and not program.is_guarded
            for action in actions_of(program.words)
            # The role's access to the artifact bucket does not count: commands use other buckets.
            if not _matches(action, own if action.startswith("s3:") else allowed) and action not in seen
        ]
        if needed:
            seen.update(needed)
            text = f"{field_name}[{index}] calls AWS, but the build role does not allow {', '.join(needed)}"
            fix = f"add grants: [{{actions: {json.dumps(needed)}, resources: […]}}]"
            yield Problem("command-permission", (*located.path, field_name, index), text, fix, "warning")


def _has_other_credentials(action: Action, scripts: Sequence[Script]) -> bool:
    """Return whether the commands can use other credentials."""
    given = {*getattr(action, "environment", ()), *getattr(action, "action_environment", ())}
    set_by = {name for script in scripts for name in script.sets} | given
    if any(re.match(r"AWS_(?:ACCESS|PROFILE|ROLE|SESSION|SECRET|CONFIG|SHARED)", name) for name in set_by):
        return True
    words = {word.split("=")[0] for script in scripts for program in script.programs for word in program.words}
    return any(script.loads for script in scripts) or any(_CREDENTIALS.match(word) for word in words)


_CREDENTIALS = re.compile(r"--profile$|--endpoint-url$|--no-sign-request$|assume-role|configure$")


def _allowed(role: Mapping[str, Any]) -> Iterator[str]:
    for statement in statements_of(role):
        actions = statement.get("Action")
        yield from map(str, sequence(actions) or [actions])


def _matches(action: str, allowed: Sequence[str]) -> bool:
    return any(fnmatchcase(action.lower(), each.lower()) for each in allowed)


def _script(action: Action) -> tuple[str, Sequence[str]]:
    found: tuple[str, Sequence[str]] = getattr(action, "script", ("", ()))
    return found
