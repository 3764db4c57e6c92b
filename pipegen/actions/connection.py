"""CodeConnections sources: GitHub, GitHub Enterprise Server, GitLab, GitLab self-managed and Bitbucket.

They are one CodePipeline provider; the host belongs to the connection. The connection must exist, and a person must
have completed its handshake in the console: one that CloudFormation creates stays pending until then. Connections are
not available in every region; the action's page lists the exceptions, such as Hong Kong (ap-east-1), Osaka
(ap-northeast-3), Cape Town (af-south-1), Bahrain (me-south-1) and Zurich (eu-central-2) in 2026.
https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodestarConnectionSource.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Annotated, ClassVar, Literal, get_args

from pipegen.errors import Problem
from pipegen.fields.aws import ConfigurationKey
from pipegen.frozen import frozen
from pipegen.iam.grant import Grant
from pipegen.pipeline.action import Action, ActionType, variable_of
from pipegen.pipeline.artifact import Artifact, GitClone, Output, SourceTree, Tree
from pipegen.pipeline.binding import Bound, Context
from pipegen.references.arn_parts import BOTH
from pipegen.references.kinds import CONNECTION
from pipegen.references.mark import Refers
from pipegen.syntax import git
from pipegen.values.value import Value

_TYPE = ActionType(category="Source", provider="CodeStarSourceConnection", outputs=(1, 1))


ConnectionVariable = Literal[
    "AuthorDate", "BranchName", "CommitId", "CommitMessage", "ConnectionArn", "FullRepositoryName"
]


@frozen(kw_only=True)
class ConnectionSource(Action):
    """A branch of a repository that a connection gives access to.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodestarConnectionSource.html"""

    repository: Annotated[Value, git.REPOSITORY, ConfigurationKey("FullRepositoryId")]
    """The full id of the repository, `owner/name`, case-sensitive."""
    branch: Annotated[Value, git.BRANCH, ConfigurationKey("BranchName")]
    """The name of the branch."""
    connection: Annotated[Value, Refers(CONNECTION, near=BOTH, may_differ=True), ConfigurationKey("ConnectionArn")]
    """The ARN of the connection, whose handshake must be completed."""
    clone: Annotated[Literal["zip", "full"], ConfigurationKey("OutputArtifactFormat")] = "zip"
    """`zip`, or `full` for a Git clone with its history, which only CodeBuild actions can read. Default: zip."""
    detect_changes: Annotated[bool, ConfigurationKey("DetectChanges")] | None = None
    """Whether every push to the branch starts the pipeline. Default: true, except if the pipeline has a trigger for
    this source."""

    provider_type: ClassVar[str]
    """The type of the connection: https://docs.aws.amazon.com/codeconnections/latest/APIReference/API_CreateConnection.html"""
    takes_triggers: ClassVar[bool] = True
    variables: ClassVar[tuple[str, ...]] = get_args(ConnectionVariable)

    @property
    def action_type(self) -> ActionType:
        return _TYPE

    @property
    def takes_role(self) -> bool:
        return False

    def variable(self, name: ConnectionVariable) -> str:
        return variable_of(self, name)

    @property
    def output(self) -> Artifact[Tree]:
        return self.reference()

    def makes(self) -> Sequence[Output]:
        tree = GitClone(reader_grants=(self._grant(),)) if self.clone == "full" else SourceTree()
        return (Output(name="source", contents=tree),)

    def plain_variables(self) -> AbstractSet[str]:
        return frozenset(self.variables) - {"CommitMessage"}

    def problems(self) -> Iterator[Problem]:
        yield from git.branch_problems(self.branch)

    def trigger_problems(self) -> Iterator[Problem]:
        # https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-triggers.html
        if self.detect_changes:
            text = "detect_changes cannot be set with a trigger for the source"
            yield Problem("trigger-detection", ("detect_changes",), text, "remove detect_changes or the trigger")

    def _grant(self) -> Grant:
        """Both actions are required with both prefixes of ARNs, and each applies to ARNs with its own prefix.
        https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodestarConnectionSource.html
        https://github.com/awslabs/landing-zone-accelerator-on-aws/issues/828
        https://docs.aws.amazon.com/dtconsole/latest/userguide/rename.html"""
        arns: tuple[Value, ...] = (self.connection,)
        if isinstance(self.connection, str) and CONNECTION.matches(self.connection):
            start, _, end = self.connection.split(":", 3)[1:]
            arns = tuple(f"arn:{start}:{prefix}:{end}" for prefix in CONNECTION.services)
        return Grant(
            actions=[f"{prefix}:UseConnection" for prefix in CONNECTION.services],
            resources=arns,
            because="reads the repository through the connection",
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


@frozen(kw_only=True)
class GitHub(ConnectionSource):
    """A repository on github.com."""

    kind: Literal["github"] = "github"
    provider_type: ClassVar[str] = "GitHub"


@frozen(kw_only=True)
class GitHubEnterprise(ConnectionSource):
    """A repository on a GitHub Enterprise Server."""

    kind: Literal["github-enterprise"] = "github-enterprise"
    provider_type: ClassVar[str] = "GitHubEnterpriseServer"


@frozen(kw_only=True)
class GitLab(ConnectionSource):
    """A repository on gitlab.com."""

    kind: Literal["gitlab"] = "gitlab"
    provider_type: ClassVar[str] = "GitLab"
    repository: Annotated[Value, git.PROJECT, ConfigurationKey("FullRepositoryId")]
    """The full path of the project, `group/project`, case-sensitive; groups may be nested."""


@frozen(kw_only=True)
class GitLabSelfManaged(ConnectionSource):
    """A repository on a self-managed GitLab."""

    kind: Literal["gitlab-self-managed"] = "gitlab-self-managed"
    provider_type: ClassVar[str] = "GitLabSelfManaged"
    repository: Annotated[Value, git.PROJECT, ConfigurationKey("FullRepositoryId")]
    """The full path of the project, `group/project`, case-sensitive; groups may be nested."""


@frozen(kw_only=True)
class Bitbucket(ConnectionSource):
    """A repository on bitbucket.org."""

    kind: Literal["bitbucket"] = "bitbucket"
    provider_type: ClassVar[str] = "Bitbucket"
    repository: Annotated[Value, git.WORKSPACE, ConfigurationKey("FullRepositoryId")]
    """The full id of the repository, `workspace/repository`, case-sensitive."""
