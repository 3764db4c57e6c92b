"""CodeCommit sources, with change detection through EventBridge.
https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeCommit.html"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Annotated, ClassVar, Literal, get_args

from pipegen.errors import Problem
from pipegen.fields.aws import ConfigurationKey
from pipegen.fields.constraints import Matches
from pipegen.frozen import frozen
from pipegen.iam.grant import Grant
from pipegen.pipeline.action import Action, ActionType, variable_of
from pipegen.pipeline.artifact import Artifact, GitClone, Output, SourceTree, Tree
from pipegen.pipeline.binding import Bound, Context, EventTrigger
from pipegen.syntax import git
from pipegen.values.value import Value, arn

_REPOSITORY = Matches(
    r"(?!.*\.git$)[A-Za-z0-9_.-]{1,100}",
    "1 to 100 letters, digits, or . _ -, not .git at the end",
    "https://docs.aws.amazon.com/codecommit/latest/userguide/limits.html",
)

_TYPE = ActionType(category="Source", provider="CodeCommit", outputs=(1, 1))


CodeCommitVariable = Literal["AuthorDate", "BranchName", "CommitId", "CommitMessage", "CommitterDate", "RepositoryName"]


@frozen(kw_only=True)
class CodeCommit(Action):
    """A branch of a CodeCommit repository in the pipeline's account and region.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeCommit.html"""

    kind: Literal["codecommit"] = "codecommit"
    repository: Annotated[Value, _REPOSITORY, ConfigurationKey("RepositoryName")]
    """The name of the repository."""
    branch: Annotated[Value, git.BRANCH, ConfigurationKey("BranchName")]
    """The name of the branch."""
    clone: Annotated[Literal["zip", "full"], ConfigurationKey("OutputArtifactFormat")] = "zip"
    """`zip`, or `full` for a Git clone with its history, which only CodeBuild actions can read. Default: zip."""
    detect_changes: bool = True
    """Whether every push to the branch starts the pipeline, through an EventBridge rule. Default: true."""

    variables: ClassVar[tuple[str, ...]] = get_args(CodeCommitVariable)

    @property
    def action_type(self) -> ActionType:
        return _TYPE

    def variable(self, name: CodeCommitVariable) -> str:
        return variable_of(self, name)

    @property
    def output(self) -> Artifact[Tree]:
        return self.reference()

    @property
    def _arn(self) -> Value:
        return arn("codecommit", self.repository)

    def makes(self) -> Sequence[Output]:
        pull = Grant(actions=("codecommit:GitPull",), resources=(self._arn,), because="clones the repository")
        tree = GitClone(reader_grants=(pull,)) if self.clone == "full" else SourceTree()
        return (Output(name="source", contents=tree),)

    def plain_variables(self) -> AbstractSet[str]:
        return frozenset(self.variables) - {"CommitMessage"}

    def problems(self) -> Iterator[Problem]:
        yield from git.branch_problems(self.branch)

    def bind(self, context: Context) -> Bound:
        actions = ["CancelUploadArchive", "GetBranch", "GetCommit", "GetUploadArchiveStatus", "UploadArchive"]
        if self.clone == "full":
            actions.append("GetRepository")
        return Bound(
            configuration={
                "RepositoryName": self.repository,
                "BranchName": self.branch,
                "OutputArtifactFormat": "CODEBUILD_CLONE_REF" if self.clone == "full" else "CODE_ZIP",
                "PollForSourceChanges": False,
            },
            grants=(
                Grant(
                    actions=[f"codecommit:{action}" for action in actions],
                    resources=(self._arn,),
                    because="fetches the branch",
                ),
            ),
            trigger=self._trigger(context.account) if self.detect_changes else None,
        )

    def _trigger(self, account: Value) -> EventTrigger:
        """https://docs.aws.amazon.com/codepipeline/latest/userguide/triggering.html"""
        detail = {
            "event": ["referenceCreated", "referenceUpdated"],
            "referenceType": ["branch"],
            "referenceName": [self.branch],
        }
        pattern = {
            "source": ["aws.codecommit"],
            "detail-type": ["CodeCommit Repository State Change"],
            "resources": [arn("codecommit", self.repository, account=account)],
            "detail": detail,
        }
        return EventTrigger(
            pattern=pattern,
            description="a push to the branch",
            revision_type="COMMIT_ID",
            revision_path="$.detail.commitId",
        )
