"""A person's yes before the pipeline goes on.
https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ManualApproval.html"""

from __future__ import annotations

from typing import Annotated, Literal

from pipegen.fields.aws import ConfigurationKey, Property
from pipegen.fields.constraints import Between, Matches
from pipegen.frozen import frozen
from pipegen.iam.grant import Grant
from pipegen.pipeline.action import Action, ActionType, Bound, Context
from pipegen.references.kinds import TOPIC
from pipegen.references.mark import Refers
from pipegen.references.places import REGION_ONLY
from pipegen.values.value import Value

_TIMEOUT_MINUTES = 7 * 24 * 60
"""https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html"""

_URL = Matches(r"https?://.+", "a URL that begins with https:// or http://")

_TYPE = ActionType(category="Approval", provider="Manual")


@frozen(kw_only=True)
class Approval(Action):
    """A manual approval.

    The pipeline waits until somebody approves or rejects, in the console or by the API.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ManualApproval.html"""

    kind: Literal["approval"] = "approval"
    topic: Annotated[Value, Refers(TOPIC, near=REGION_ONLY), ConfigurationKey("NotificationArn")] | None = None
    """The ARN of an SNS topic that is notified when an approval is due."""
    message: Annotated[Value, ConfigurationKey("CustomData")] | None = None
    """What the approver reads; variables such as `#{Build.Version}` are filled in."""
    review_url: Annotated[Value, _URL, ConfigurationKey("ExternalEntityLink")] | None = None
    """Where the approver looks."""
    timeout_minutes: Annotated[int, Between(5, 86_400), Property("TimeoutInMinutes")] | None = None
    """Minutes to wait for an answer before the action fails. AWS's default is 7 days."""

    @property
    def action_type(self) -> ActionType:
        return _TYPE

    @property
    def waits_minutes(self) -> int:
        return self.timeout_minutes or _TIMEOUT_MINUTES

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
