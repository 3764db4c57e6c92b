"""The names of Git branches, and of repositories on hosts such as GitHub."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipegen.errors import Problem, quoted
from pipegen.fields.constraints import Matches

_CONNECTION = "https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodestarConnectionSource.html"

BRANCH = Matches(
    r"(?!refs/|[/.-]|HEAD$|@$)(?!.*(?:\.\.|//|/\.|@\{|\.lock(?:/|$)))[^\x00-\x20\x7f~^:?*\[\\]*[^\x00-\x20\x7f~^:?*\[\\/.]",
    "the name of one branch, such as main: without refs/heads/, spaces and wildcards",
    "https://git-scm.com/docs/git-check-ref-format",
)
REPOSITORY = Matches(
    r"(?!.*\.git$)[A-Za-z0-9_-]+/[A-Za-z0-9_.-]+", "owner/name, without the host and without .git", _CONNECTION
)
WORKSPACE = Matches(REPOSITORY.expression, "workspace/repository, without the host and without .git", _CONNECTION)
PROJECT = Matches(
    r"(?!.*\.git$)(?!(?:www\.)?gitlab\.com/|.*/-/)\w[\w.-]*(?:/[\w.-]+)+",
    "group/project, without the host and without .git; groups may be nested",
    _CONNECTION,
)


def branch_problems(branch: object) -> Iterator[Problem]:
    """Problems with a branch that is valid but probably misspelled. Paths are relative to the source."""
    if not isinstance(branch, str):
        return
    text = f"branch is {quoted(branch)}"
    if match := re.match(r"(?:remotes/)?(?:origin|upstream)/|heads/", branch):
        said, fix = f"{text}, and {match[0]} is not part of a branch's name", f"write {branch[match.end() :]}"
        yield Problem("source-branch", ("branch",), said, fix, severity="warning")
    elif "," in branch:
        fix = "name one, and start the pipeline for others with a trigger of push filters"
        yield Problem("source-branch", ("branch",), f"{text}, and a source reads one branch", fix, severity="warning")
