"""Manual approvals.
https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ManualApproval.html"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pipegen.errors import Problem
from pipegen.fields.aws import ConfigurationKey, Property
from pipegen.fields.constraints import Between, Matches
from pipegen.frozen import frozen
from pipegen.iam.grant import Grant
from pipegen.model.encryption import EncryptionKey, topic_key_grant
from pipegen.pipeline.action import Action, ActionType
from pipegen.pipeline.binding import Bound, Context
from pipegen.references.arn_parts import REGION_ONLY
from pipegen.references.kinds import TOPIC
from pipegen.references.mark import Refers
from pipegen.values.number import IntegerValue, known
from pipegen.values.value import Value

_TIMEOUT_MINUTES = 7 * 24 * 60
"""https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html"""

_URL = Matches(r"https?://.+", "a URL that starts with https:// or http://")

_TYPE = ActionType(category="Approval", provider="Manual")


@frozen(kw_only=True)
class Approval(Action):
    """A manual approval.

    The pipeline waits until a person approves or rejects, in the console or with the API.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ManualApproval.html"""

    kind: Literal["approval"] = "approval"
    topic: Annotated[Value, Refers(TOPIC, near=REGION_ONLY), ConfigurationKey("NotificationArn")] | None = None
    """The ARN of an SNS topic that is notified when an approval is due."""
    encryption_key: EncryptionKey | None = None
    """The ARN of the KMS key that encrypts the topic, if it is a customer managed one. The pipeline may then use it."""
    message: Annotated[Value, ConfigurationKey("CustomData")] | None = None
    """The message for the approver, which may use variables such as `#{Build.Version}`."""
    review_url: Annotated[Value, _URL, ConfigurationKey("ExternalEntityLink")] | None = None
    """The URL that the approver should review."""
    timeout_minutes: Annotated[IntegerValue, Between(5, 86_400), Property("TimeoutInMinutes")] | None = None
    """Minutes to wait for an answer before the action fails. Default: AWS's, 7 days."""

    @property
    def action_type(self) -> ActionType:
        return _TYPE

    @property
    def takes_role(self) -> bool:
        return False

    @property
    def waits_minutes(self) -> int:
        return known(self.timeout_minutes) or _TIMEOUT_MINUTES

    def problems(self) -> Iterator[Problem]:
        if self.encryption_key is not None and self.topic is None:
            text = "encryption_key requires topic, which it encrypts"
            yield Problem("approval-key", ("encryption_key",), text, "set topic, or remove encryption_key")

    def bind(self, context: Context) -> Bound:
        settings = {"NotificationArn": self.topic, "CustomData": self.message, "ExternalEntityLink": self.review_url}
        return Bound(
            configuration={key: value for key, value in settings.items() if value is not None},
            grants=[*self._grants()],
            timeout_minutes=self.timeout_minutes,
        )

    def _grants(self) -> Iterator[Grant]:
        if self.topic is not None:
            because = "notifies that an approval is due"
            yield Grant(actions=("sns:Publish",), resources=(self.topic,), because=because)
        if self.encryption_key is not None:
            yield topic_key_grant(self.encryption_key)
