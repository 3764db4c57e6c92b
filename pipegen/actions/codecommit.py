"""A CodeCommit repository, watched through EventBridge.
https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeCommit.html"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import ClassVar, Literal

from pipegen.action import Action, ActionType, Bound, Context, EventTrigger
from pipegen.artifact import Artifact, GitClone, Output, SourceTree, Tree
from pipegen.errors import Problem
from pipegen.fields.gaps import is_known
from pipegen.grant import Grant
from pipegen.shape import contradicts, shown
from pipegen.values import Value, arn


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeCommit(Action):
    """A branch of a CodeCommit repository in the pipeline's account and region.

    repository: its name. branch: what is built.
    clone: `zip`, the default, or `full`: a git clone with its history, which CodeBuild actions alone can read.
    detect_changes: start the pipeline on every push to the branch, by an EventBridge rule; it never polls.
    """

    kind: Literal["codecommit"] = "codecommit"
    repository: Value
    branch: Value
    clone: Literal["zip", "full"] = "zip"
    detect_changes: bool = True

    variables: ClassVar[tuple[str, ...]] = (
        "AuthorDate",
        "BranchName",
        "CommitId",
        "CommitMessage",
        "CommitterDate",
        "RepositoryName",
    )

    @property
    def action_type(self) -> ActionType:
        return ActionType(category="Source", provider="CodeCommit", outputs=(1, 1))

    @property
    def output(self) -> Artifact[Tree]:
        return self.reference()

    @property
    def _arn(self) -> Value:
        return arn("codecommit", self.repository)

    def makes(self) -> Sequence[Output]:
        pull = Grant(actions=("codecommit:GitPull",), resources=(self._arn,), because="clones the repository")
        tree = GitClone(reader_grants=(pull,)) if self.clone == "full" else SourceTree()
        return (Output(name="source", holds=tree),)

    def plain_variables(self) -> AbstractSet[str]:
        return frozenset(self.variables) - {"CommitMessage"}

    def problems(self) -> Iterator[Problem]:
        # https://docs.aws.amazon.com/codecommit/latest/userguide/limits.html
        if contradicts(self.repository, lambda name: re.fullmatch(r"[\w.-]{1,100}", name, re.ASCII) is not None):
            text = f"{shown(self.repository)} is no CodeCommit repository name"
            yield Problem("source-repository", ("repository",), text, "1 to 100 letters, digits, or . _ -")
        if is_known(self.branch) and not self.branch:
            yield Problem("source-branch", ("branch",), "the branch is empty", "name a branch, such as main")

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
            trigger=self._trigger() if self.detect_changes else None,
        )

    def _trigger(self) -> EventTrigger:
        """https://docs.aws.amazon.com/codepipeline/latest/userguide/triggering.html"""
        detail = {
            "event": ["referenceCreated", "referenceUpdated"],
            "referenceType": ["branch"],
            "referenceName": [self.branch],
        }
        pattern = {
            "source": ["aws.codecommit"],
            "detail-type": ["CodeCommit Repository State Change"],
            "resources": [self._arn],
            "detail": detail,
        }
        return EventTrigger(
            pattern=pattern,
            description="a push to the branch",
            revision_type="COMMIT_ID",
            revision_path="$.detail.commitId",
        )
