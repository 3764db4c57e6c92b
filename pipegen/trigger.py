"""Which pushes and pull requests start the pipeline.

https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-triggers.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from pipegen.errors import Problem
from pipegen.model import Model
from pipegen.values import Value

_FILTERS, _PATTERNS, _PATTERN_LENGTH = 3, 8, 255
"""https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_GitConfiguration.html,
https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_GitBranchFilterCriteria.html"""

PullRequestEvent = Literal["OPEN", "UPDATED", "CLOSED"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Patterns(Model):
    """Glob patterns, 1 to 8 of each sort: any of `includes` lets in, any of `excludes` keeps out and wins.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/syntax-glob.html"""

    includes: Sequence[Value] = ()
    excludes: Sequence[Value] = ()

    def problems(self) -> Iterator[Problem]:
        if not self.includes and not self.excludes:
            yield Problem("trigger-patterns", (), "there are no patterns", "list some under includes or excludes")
        for field in ("includes", "excludes"):
            patterns: Sequence[Value] = getattr(self, field)
            if len(patterns) > _PATTERNS:
                text = f"{len(patterns)} patterns in {field}"
                yield Problem("trigger-patterns", (field,), text, f"{_PATTERNS} at most: widen them, or add a filter")
            for index, pattern in enumerate(patterns):
                if isinstance(pattern, str) and not 1 <= len(pattern) <= _PATTERN_LENGTH:
                    text = f"a pattern of {len(pattern)} characters"
                    yield Problem("trigger-patterns", (field, index), text, f"1 to {_PATTERN_LENGTH}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Push(Model):
    """Pushes that start the pipeline: of `tags`, or to `branches`, or with changes of `file_paths`, or of both.

    File paths without branches are those of every branch.

    Of a diff CodePipeline looks at the first 100 files, and a branch's first push has none.
    """

    branches: Patterns | None = None
    file_paths: Patterns | None = None
    tags: Patterns | None = None

    def problems(self) -> Iterator[Problem]:
        yield from _pattern_problems(self, "branches", "file_paths", "tags")
        if self.tags is not None and (self.branches is not None or self.file_paths is not None):
            fix = "make two filters of it: either starts the pipeline"
            yield Problem("trigger-filter", ("tags",), "tags do not go with branches or file_paths", fix)
        elif self.tags is None and self.branches is None and self.file_paths is None:
            yield _empty("branches, file_paths or tags")


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequest(Model):
    """Pull requests that start the pipeline: into `branches`, or with changes of `file_paths`, or both.

    File paths without branches are those of every branch.

    The run takes the pull request's own branch. events: OPEN and UPDATED; CLOSED, where a merge counts too, only if
    it is listed.
    """

    branches: Patterns | None = None
    file_paths: Patterns | None = None
    events: Sequence[PullRequestEvent] = ("OPEN", "UPDATED")

    def problems(self) -> Iterator[Problem]:
        yield from _pattern_problems(self, "branches", "file_paths")
        if self.branches is None and self.file_paths is None:
            yield _empty("branches or file_paths")
        if not self.events or len(set(self.events)) < len(self.events):
            text = "no events" if not self.events else "an event is there twice"
            yield Problem("trigger-events", ("events",), text, "list OPEN, UPDATED or CLOSED, each once")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger(Model):
    """What starts the pipeline, instead of every push to the branch of the source.

    source: the name of a source action behind a connection; its `branch` is then what a start by hand takes.
    push, pull_request: up to 3 filters each; an event that passes any of them starts a run.
    """

    source: str
    push: Sequence[Push] = ()
    pull_request: Sequence[PullRequest] = ()

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
            if len(listed) > _FILTERS:
                fix = f"{_FILTERS} at most: put more patterns into one"
                yield Problem("trigger-filter", (field,), f"{len(listed)} filters under {field}", fix)
            for index, each in enumerate(listed):
                yield from (problem.under(field, index) for problem in each.problems())


def _pattern_problems(holder: Push | PullRequest, *fields: str) -> Iterator[Problem]:
    for field in fields:
        patterns: Patterns | None = getattr(holder, field)
        for problem in () if patterns is None else patterns.problems():
            yield problem.under(field)


def _empty(needed: str) -> Problem:
    return Problem("trigger-filter", (), "the filter has no patterns", f"give {needed}")
