"""Sources behind CodeConnections: GitHub, GitHub Enterprise Server, GitLab, GitLab self-managed and Bitbucket.

They are one CodePipeline provider; the connection knows which host it leads to. It must exist, and somebody must have
completed its handshake in the console: one that CloudFormation creates stays pending until then. Connections are not
available in every region; the action's page lists those without them, such as Hong Kong (ap-east-1), Osaka
(ap-northeast-3), Cape Town (af-south-1), Bahrain (me-south-1) and Zurich (eu-central-2) in 2026.
https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodestarConnectionSource.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import ClassVar, Literal

from pipegen.action import Action, ActionType, Bound, Context
from pipegen.artifact import Artifact, GitClone, Output, SourceTree, Tree
from pipegen.errors import Problem
from pipegen.fields.gaps import is_known
from pipegen.grant import Grant
from pipegen.shape import is_no_arn, shown
from pipegen.values import Value

_ARN = re.compile(r"arn:aws[a-z-]*:(codeconnections|codestar-connections):[a-z0-9-]+:\d{12}:connection/[A-Za-z0-9-]+")
_PREFIXES = ("codeconnections", "codestar-connections")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionSource(Action):
    """A repository behind a connection.

    repository: the full repository id, `owner/name`, case-sensitive. branch: what is built.
    connection: the ARN of the connection.
    clone: `zip`, the default, or `full`: a git clone with its history, which CodeBuild actions alone can read.
    detect_changes: start the pipeline on every push to the branch; so it does unless it is false, or the pipeline has
        a trigger for this source, which replaces it.
    """

    repository: Value
    branch: Value
    connection: Value
    clone: Literal["zip", "full"] = "zip"
    detect_changes: bool | None = None

    repository_pattern: ClassVar[str] = r"[^/\s]+/[^/\s]+"
    repository_words: ClassVar[str] = "owner/name"
    takes_triggers: ClassVar[bool] = True
    variables: ClassVar[tuple[str, ...]] = (
        "AuthorDate",
        "BranchName",
        "CommitId",
        "CommitMessage",
        "ConnectionArn",
        "FullRepositoryName",
    )

    @property
    def action_type(self) -> ActionType:
        return ActionType(category="Source", provider="CodeStarSourceConnection", outputs=(1, 1))

    @property
    def output(self) -> Artifact[Tree]:
        return self.reference()

    def makes(self) -> Sequence[Output]:
        tree = GitClone(reader_grants=(self._grant(),)) if self.clone == "full" else SourceTree()
        return (Output(name="source", holds=tree),)

    def plain_variables(self) -> AbstractSet[str]:
        return frozenset(self.variables) - {"CommitMessage"}

    def problems(self) -> Iterator[Problem]:
        if is_known(self.repository) and not re.fullmatch(self.repository_pattern, self.repository):
            text = f"{self.repository!r} is no full repository id"
            yield Problem("source-repository", ("repository",), text, f"expected {self.repository_words}")
        if is_known(self.branch) and not self.branch:
            yield Problem("source-branch", ("branch",), "the branch is empty", "name a branch, such as main")
        if is_no_arn(self.connection) or (is_known(self.connection) and not _ARN.fullmatch(self.connection)):
            fix = "arn:aws:codeconnections:REGION:ACCOUNT:connection/ID, or !Ref to a parameter"
            yield Problem("source-connection", ("connection",), f"{shown(self.connection)} is no connection ARN", fix)

    def trigger_problems(self) -> Iterator[Problem]:
        # https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-triggers.html
        if self.detect_changes:
            text = "the pipeline's trigger takes the place of detect_changes"
            yield Problem("trigger-detection", ("detect_changes",), text, "leave out one of the two")

    def _grant(self) -> Grant:
        """Both actions are required, whichever prefix the ARN has, and each is for ARNs with its own prefix.
        https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodestarConnectionSource.html
        https://github.com/awslabs/landing-zone-accelerator-on-aws/issues/828
        https://docs.aws.amazon.com/dtconsole/latest/userguide/rename.html"""
        spellings: tuple[Value, ...] = (self.connection,)
        if isinstance(self.connection, str) and (match := _ARN.fullmatch(self.connection)):
            spellings = tuple(self.connection.replace(f":{match[1]}:", f":{prefix}:", 1) for prefix in _PREFIXES)
        return Grant(
            actions=[f"{prefix}:UseConnection" for prefix in _PREFIXES],
            resources=spellings,
            because="reads the repository by the connection",
        )

    def bind(self, context: Context) -> Bound:
        return Bound(
            configuration={
                "ConnectionArn": self.connection,
                "FullRepositoryId": self.repository,
                "BranchName": self.branch,
                "OutputArtifactFormat": "CODEBUILD_CLONE_REF" if self.clone == "full" else "CODE_ZIP",
                "DetectChanges": self.detect_changes is not False and not context.has_trigger,
            },
            grants=(self._grant(),),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class GitHub(ConnectionSource):
    """A repository on github.com."""

    kind: Literal["github"] = "github"


@dataclass(frozen=True, slots=True, kw_only=True)
class GitHubEnterprise(ConnectionSource):
    """A repository on a GitHub Enterprise Server."""

    kind: Literal["github-enterprise"] = "github-enterprise"


@dataclass(frozen=True, slots=True, kw_only=True)
class GitLab(ConnectionSource):
    """A repository on gitlab.com; groups may be nested."""

    kind: Literal["gitlab"] = "gitlab"
    repository_pattern: ClassVar[str] = r"[^/\s]+(?:/[^/\s]+)+"
    repository_words: ClassVar[str] = "group/project, groups may be nested"


@dataclass(frozen=True, slots=True, kw_only=True)
class GitLabSelfManaged(ConnectionSource):
    """A repository on a self-managed GitLab; groups may be nested."""

    kind: Literal["gitlab-self-managed"] = "gitlab-self-managed"
    repository_pattern: ClassVar[str] = GitLab.repository_pattern
    repository_words: ClassVar[str] = GitLab.repository_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Bitbucket(ConnectionSource):
    """A repository on bitbucket.org."""

    kind: Literal["bitbucket"] = "bitbucket"
    repository_words: ClassVar[str] = "workspace/repository"
