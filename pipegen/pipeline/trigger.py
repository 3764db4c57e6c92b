"""Which pushes and pull requests start the pipeline.

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
from pipegen.fields.model import Model, NameOf
from pipegen.frozen import frozen
from pipegen.pipeline.action import Action
from pipegen.values.value import Value

Pattern = Annotated[Value, Length(1, 255)]
ActionName = Annotated[str | Action, NameOf(Action)]
PullRequestEvent = Literal["OPEN", "UPDATED", "CLOSED"]


@frozen(kw_only=True)
class Patterns(Model):
    """Glob patterns; at least one.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/syntax-glob.html"""

    aws_type: ClassVar[str] = "AWS::CodePipeline::Pipeline.GitBranchFilterCriteria"

    includes: Annotated[Sequence[Pattern], Length(0, 8, "patterns"), Property("Includes")] = ()
    """Patterns of 1 to 255 characters, of which one must match.
    https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_GitBranchFilterCriteria.html"""
    excludes: Annotated[Sequence[Pattern], Length(0, 8, "patterns"), Property("Excludes")] = ()
    """Patterns of 1 to 255 characters, of which none may match. They take precedence over `includes`.
    https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_GitBranchFilterCriteria.html"""

    def problems(self) -> Iterator[Problem]:
        if not self.includes and not self.excludes:
            yield Problem("trigger-patterns", (), "there are no patterns", "list some under includes or excludes")


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
    """The tags whose pushes start the pipeline. They do not go with branches or file paths; give those a filter of
    their own."""

    def problems(self) -> Iterator[Problem]:
        yield from _pattern_problems(self, "branches", "file_paths", "tags")
        if self.tags is not None and (self.branches is not None or self.file_paths is not None):
            fix = "make two filters of it: either starts the pipeline"
            yield Problem("trigger-filter", ("tags",), "tags do not go with branches or file_paths", fix)
        elif self.tags is None and self.branches is None and self.file_paths is None:
            yield _empty("branches, file_paths or tags")


@frozen(kw_only=True)
class PullRequest(Model):
    """A filter of pull requests, by target branches, file paths or both. The run takes the pull request's own branch.
    https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_GitPullRequestFilter.html"""

    aws_type: ClassVar[str] = "AWS::CodePipeline::Pipeline.GitPullRequestFilter"

    branches: Annotated[Patterns, Property("Branches")] | None = None
    """The branches that the pull requests are to be merged into. Default: every branch."""
    file_paths: Annotated[Patterns, Property("FilePaths")] | None = None
    """The files whose changes start the pipeline. Default: every file."""
    events: Annotated[Sequence[PullRequestEvent], Length(1, 3, "events"), Property("Events")] = ("OPEN", "UPDATED")
    """What of a pull request starts the pipeline: OPEN, UPDATED and CLOSED (also by a merge), each at most once.
    Default: OPEN and UPDATED."""

    def problems(self) -> Iterator[Problem]:
        yield from _pattern_problems(self, "branches", "file_paths")
        if self.branches is None and self.file_paths is None:
            yield _empty("branches or file_paths")
        if len(set(self.events)) < len(self.events):
            fix = "list OPEN, UPDATED or CLOSED, each once"
            yield Problem("trigger-events", ("events",), "an event is listed twice", fix)


@frozen
class Trigger(Model):
    """A trigger of the pipeline for one source, in place of every push to the source's branch. An event that passes any
    of its filters starts a run. https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-triggers.html"""

    aws_type: ClassVar[str] = "AWS::CodePipeline::Pipeline.GitConfiguration"

    source: Annotated[ActionName, Property("SourceActionName")]
    """The name of a source action behind a connection. Its `branch` is what a manual start of the pipeline takes."""
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
        """Whether only branches that it names without wildcards start a run."""
        filters = [each.branches for each in self.push if each.tags is None]
        listed = [pattern for each in filters for pattern in (each.includes if each else ("*",)) or ("*",)]
        known = all(isinstance(pattern, str) and re.fullmatch(r"[\w./-]+", pattern) for pattern in listed)
        return known and len(filters) == len(self.push) and not self.pull_request

    def problems(self) -> Iterator[Problem]:
        if not self.push and not self.pull_request:
            fix = "list filters under push or pull_request; without a trigger every push to the branch starts a run"
            yield Problem("trigger-filter", (), "the trigger has no filters", fix)
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

    wrong = False
    for field in ("includes", "excludes"):
        for index, pattern in enumerate(getattr(patterns, field)):
            if is_known(pattern) and (fault := globs.fault(pattern, of)) is not None:
                wrong = True
                text = f"{field}[{index}] is {quoted(pattern)}, which {fault.text}"
                severity: Severity = "error" if fault.is_certain else "warning"
                yield Problem("trigger-patterns", (field, index), text, fault.fix, severity)
    if not wrong and all(map(is_known, (*patterns.includes, *patterns.excludes))):
        yield from _covered(patterns)


def _covered(patterns: Patterns) -> Iterator[Problem]:
    from pipegen.syntax.globs import covers

    excludes = [str(each) for each in patterns.excludes]
    listed = [str(each) for each in patterns.includes or ("**",)]
    covered = [index for index, pattern in enumerate(listed) if covers(excludes, pattern)]
    if len(covered) == len(listed):
        text = f"the excludes {', '.join(excludes)} leave nothing of the includes {', '.join(listed)}"
        first = next(index for index, each in enumerate(excludes) if covers([each], listed[0]) or each == excludes[-1])
        yield Problem("trigger-patterns", ("excludes", first), text, "excludes take precedence: make them narrower")
        return
    for index in covered:
        text = (
            f"includes[{index}] is {quoted(listed[index])}, and the excludes {', '.join(excludes)} leave out all of it"
        )
        fix = "excludes take precedence: drop the pattern, or make them narrower"
        yield Problem("trigger-patterns", ("includes", index), text, fix, severity="warning")


def _empty(needed: str) -> Problem:
    return Problem("trigger-filter", (), "the filter has no patterns", f"give {needed}")
