"""Triggers: the pushes and pull requests that start the pipeline.

https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-triggers.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY
from typing import Annotated, Any, ClassVar, Literal

from pipegen.errors import Problem, Severity, quoted
from pipegen.fields.aws import Property
from pipegen.fields.constraints import Length
from pipegen.fields.gaps import is_known
from pipegen.fields.marks import NameOf
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.pipeline.action import Action
from pipegen.values.value import Value

Pattern = Annotated[Value, Length(1, 255)]
ActionName = Annotated[str | Action, NameOf(Action)]
PullRequestEvent = Literal["OPEN", "UPDATED", "CLOSED"]


@frozen
class Patterns(Model):
    """Glob patterns; at least one.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/syntax-glob.html"""

    aws_type: ClassVar[str] = "AWS::CodePipeline::Pipeline.GitBranchFilterCriteria"

    includes: Annotated[Sequence[Pattern], Length(0, 8, "patterns"), Property("Includes")] = ()
    """Patterns of 1 to 255 characters, of which one must match.
    https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_GitBranchFilterCriteria.html"""
    _: KW_ONLY
    excludes: Annotated[Sequence[Pattern], Length(0, 8, "patterns"), Property("Excludes")] = ()
    """Patterns of 1 to 255 characters, of which none may match. They take precedence over `includes`.
    https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_GitBranchFilterCriteria.html"""

    def problems(self) -> Iterator[Problem]:
        if not self.includes and not self.excludes:
            text = "includes and excludes are both empty"
            yield Problem("trigger-patterns", (), text, "add patterns to includes or excludes")


@frozen(kw_only=True)
class Push(Model):
    """A filter of pushes, by tags, or by branches, file paths or both.
    https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_GitPushFilter.html"""

    aws_type: ClassVar[str] = "AWS::CodePipeline::Pipeline.GitPushFilter"

    branches: Annotated[Patterns, Property("Branches")] | None = None
    """The branches whose pushes start the pipeline. Default: every branch."""
    file_paths: Annotated[Patterns, Property("FilePaths")] | None = None
    """The files whose changes start the pipeline. Default: every file. CodePipeline looks at the first 100 files of a
    diff, and the first push of a branch has no diff:
    https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-triggers.html"""
    tags: Annotated[Patterns, Property("Tags")] | None = None
    """The tags whose pushes start the pipeline. Cannot be combined with branches or file paths; use separate
    filters."""

    def problems(self) -> Iterator[Problem]:
        yield from _pattern_problems(self, "branches", "file_paths", "tags")
        if self.tags is not None and (self.branches is not None or self.file_paths is not None):
            fix = "split it into two filters; each starts the pipeline"
            yield Problem("trigger-filter", ("tags",), "tags cannot be set with branches or file_paths", fix)
        elif self.tags is None and self.branches is None and self.file_paths is None:
            yield _empty("branches, file_paths or tags")


@frozen(kw_only=True)
class PullRequest(Model):
    """A filter of pull requests, by target branches, file paths or both. The run uses the branch of the pull request.
    https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_GitPullRequestFilter.html"""

    aws_type: ClassVar[str] = "AWS::CodePipeline::Pipeline.GitPullRequestFilter"

    branches: Annotated[Patterns, Property("Branches")] | None = None
    """The target branches of the pull requests. Default: every branch."""
    file_paths: Annotated[Patterns, Property("FilePaths")] | None = None
    """The files whose changes start the pipeline. Default: every file."""
    events: Annotated[Sequence[PullRequestEvent], Length(1, 3, "events"), Property("Events")] = ("OPEN", "UPDATED")
    """The events that start the pipeline: OPEN, UPDATED and CLOSED (also by a merge), each at most once. Default: OPEN
    and UPDATED."""

    def problems(self) -> Iterator[Problem]:
        yield from _pattern_problems(self, "branches", "file_paths")
        if self.branches is None and self.file_paths is None:
            yield _empty("branches or file_paths")
        if len(set(self.events)) < len(self.events):
            fix = "list OPEN, UPDATED or CLOSED at most once each"
            yield Problem("trigger-events", ("events",), "events contains an event twice", fix)


@frozen
class Trigger(Model):
    """A trigger of the pipeline for one source, instead of every push to the source's branch. An event that matches any
    of the filters starts a run. https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-triggers.html"""

    aws_type: ClassVar[str] = "AWS::CodePipeline::Pipeline.GitConfiguration"

    source: Annotated[ActionName, Property("SourceActionName")]
    """The name of a source action with a connection. Manually started runs use its `branch`."""
    _: KW_ONLY
    push: Annotated[Sequence[Push], Length(0, 3, "filters"), Property("Push")] = ()
    """Filters of pushes.
    https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_GitConfiguration.html"""
    pull_request: Annotated[Sequence[PullRequest], Length(0, 3, "filters"), Property("PullRequest")] = ()
    """Filters of pull requests.
    https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_GitConfiguration.html"""

    @property
    def source_name(self) -> str:
        return self.source.name if isinstance(self.source, Action) else self.source

    @property
    def names_branches(self) -> bool:
        """Whether only branches that are listed without wildcards start a run."""
        filters = [each.branches for each in self.push if each.tags is None]
        listed = [pattern for each in filters for pattern in (each.includes if each else ("*",)) or ("*",)]
        known = all(isinstance(pattern, str) and re.fullmatch(r"[\w./-]+", pattern) for pattern in listed)
        return known and len(filters) == len(self.push) and not self.pull_request

    def problems(self) -> Iterator[Problem]:
        if not self.push and not self.pull_request:
            fix = "add filters to push or pull_request; without a trigger every push to the branch starts a run"
            yield Problem("trigger-filter", (), "push and pull_request are both empty", fix)
        filters: dict[str, Sequence[Push | PullRequest]] = {"push": self.push, "pull_request": self.pull_request}
        for field, listed in filters.items():
            for index, each in enumerate(listed):
                yield from (problem.under(field, index) for problem in each.problems())


def _pattern_problems(holder: Push | PullRequest, *fields: str) -> Iterator[Problem]:
    for field in fields:
        patterns: Patterns | None = getattr(holder, field)
        for problem in () if patterns is None else (*patterns.problems(), *_glob_problems(patterns, field)):
            yield problem.under(field)


def _glob_problems(patterns: Patterns, of: Any) -> Iterator[Problem]:
    from pipegen.syntax import globs

    is_invalid = False
    for field in ("includes", "excludes"):
        for index, pattern in enumerate(getattr(patterns, field)):
            if is_known(pattern) and (fault := globs.fault(pattern, of)) is not None:
                is_invalid = True
                text = f"{field}[{index}] is {quoted(pattern)}, which {fault.text}"
                severity: Severity = "error" if fault.is_certain else "warning"
                yield Problem("trigger-patterns", (field, index), text, fault.fix, severity)
    if not is_invalid and all(map(is_known, (*patterns.includes, *patterns.excludes))):
        yield from _covered(patterns)


def _covered(patterns: Patterns) -> Iterator[Problem]:
    from pipegen.syntax.globs import covers

    excludes = [str(each) for each in patterns.excludes]
    listed = [str(each) for each in patterns.includes or ("**",)]
    covered = [index for index, pattern in enumerate(listed) if covers(excludes, pattern)]
    if len(covered) == len(listed):
        text = f"excludes {', '.join(excludes)} matches everything that includes {', '.join(listed)} matches"
        first = next(index for index, each in enumerate(excludes) if covers([each], listed[0]) or each == excludes[-1])
        fix = "make excludes narrower; it takes precedence over includes"
        yield Problem("trigger-patterns", ("excludes", first), text, fix)
        return
    for index in covered:
        text = f"includes[{index}] is {quoted(listed[index])}, and excludes {', '.join(excludes)} matches all of it"
        fix = "remove the pattern, or make excludes narrower; it takes precedence over includes"
        yield Problem("trigger-patterns", ("includes", index), text, fix, severity="warning")


def _empty(needed: str) -> Problem:
    return Problem("trigger-filter", (), "the filter is empty", f"set {needed}")
