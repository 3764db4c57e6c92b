"""Notifications to a Lambda function.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from troposphere import GetAtt, awslambda, events

from pipegen.fields.aws import Property
from pipegen.frozen import frozen
from pipegen.notifications.event import EventNotification
from pipegen.pipeline.notification import BoundNotification, NotificationContext
from pipegen.references.arn_parts import BOTH
from pipegen.references.kinds import FUNCTION, FUNCTION_NAME
from pipegen.references.mark import Refers
from pipegen.syntax import names
from pipegen.values.create import create
from pipegen.values.shape import arn_or_name
from pipegen.values.value import Value


@frozen(kw_only=True)
class LambdaNotification(EventNotification):
    """Events for a Lambda function, which the stack allows EventBridge to invoke.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/detect-state-changes-cloudwatch-events.html"""

    kind: Literal["lambda"] = "lambda"
    function: Annotated[
        Value, Refers(FUNCTION_NAME, FUNCTION, near=BOTH), Property("AWS::Lambda::Permission.FunctionName")
    ]
    """The name or ARN of the function, in the pipeline's account and region; a parameter has the ARN. The function gets
    the event as EventBridge sends it."""

    @property
    def target(self) -> Value | Sequence[Value] | None:
        return self.function

    def bind(self, context: NotificationContext) -> BoundNotification:
        target = create(events.Target, Id="Function", Arn=arn_or_name(self.function, "lambda", "function:"))
        rule = self.rule(context, target)
        # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
        permission = create(
            awslambda.Permission,
            names.logical_id(self.name, "Permission"),
            Action="lambda:InvokeFunction",
            FunctionName=self.function,
            Principal="events.amazonaws.com",
            SourceArn=GetAtt(rule, "Arn"),
        )
        return BoundNotification(rule=rule, resources=(permission,))
