"""A person's yes before the pipeline goes on.
https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ManualApproval.html"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pipegen.action import Action, ActionType, Bound, Context
from pipegen.arns import TOPIC
from pipegen.errors import Problem
from pipegen.grant import Grant
from pipegen.shape import is_known, shown
from pipegen.values import Value

_TIMEOUT_MINUTES = 7 * 24 * 60
"""https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval(Action):
    """A manual approval.

    topic: the ARN of an SNS topic that is told of it. message: what the approver reads.
    review_url: where the approver looks. timeout_minutes: 5 to 86,400; without an answer by then it fails, after 7 days
    by default.
    """

    kind: Literal["approval"] = "approval"
    topic: Value | None = None
    message: Value | None = None
    review_url: Value | None = None
    timeout_minutes: int | None = None

    @property
    def action_type(self) -> ActionType:
        return ActionType(category="Approval", provider="Manual")

    @property
    def waits_minutes(self) -> int:
        return self.timeout_minutes or _TIMEOUT_MINUTES

    def problems(self) -> Iterator[Problem]:
        if self.timeout_minutes is not None and not 5 <= self.timeout_minutes <= 86400:
            text = f"a timeout of {self.timeout_minutes} minutes"
            yield Problem("action-timeout", ("timeout_minutes",), text, "5 to 86400")
        if self.topic is not None and TOPIC.refuses(self.topic):
            text = f"{shown(self.topic)} is not the ARN of an SNS topic"
            yield Problem("approval-topic", ("topic",), text, "arn:aws:sns:REGION:ACCOUNT:NAME, or an expression")
        if is_known(self.review_url) and not self.review_url.startswith(("https://", "http://", "#{")):
            text = f"{self.review_url!r} is no URL"
            yield Problem("approval-url", ("review_url",), text, "start it with https://")

    def bind(self, context: Context) -> Bound:
        given = {"NotificationArn": self.topic, "CustomData": self.message, "ExternalEntityLink": self.review_url}
        publish = (
            ()
            if self.topic is None
            else (Grant(actions=("sns:Publish",), resources=(self.topic,), because="tells that an approval is due"),)
        )
        return Bound(
            configuration={key: value for key, value in given.items() if value is not None},
            grants=publish,
            timeout_minutes=self.timeout_minutes,
        )
