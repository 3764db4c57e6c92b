"""CloudWatch Logs log groups, and the grants for writing to them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from troposphere import logs

from pipegen.fields.aws import Property
from pipegen.fields.constraints import InExpressions, OneOf
from pipegen.iam.grant import Grant
from pipegen.model.suppressions import suppressed
from pipegen.values.create import create
from pipegen.values.number import IntegerValue
from pipegen.values.value import Value, arn

# fmt: off
RETENTION_DAYS = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
)
# fmt: on
"""The retention periods that CloudWatch Logs accepts.
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html"""
RetentionDays = Annotated[
    IntegerValue,
    OneOf((0, *RETENTION_DAYS)),
    InExpressions(OneOf(RETENTION_DAYS)),
    Property("AWS::Logs::LogGroup.RetentionInDays"),
]
"""The number of days for which CloudWatch Logs keeps events; 0: events never expire."""


def log_group(logical_id: str, name: str, retention_days: IntegerValue, why_unencrypted: str) -> logs.LogGroup:
    """Create a log group that is deleted with its stack.

    retention_days: 0 leaves out `RetentionInDays`, so that events never expire.
    why_unencrypted: the reason for not using a customer managed KMS key.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-logs-loggroup.html"""
    reasons = {"CKV_AWS_158": why_unencrypted}
    retention: dict[str, Any] = {"RetentionInDays": retention_days} if retention_days else {}
    if not retention:
        reasons["CKV_AWS_66"] = "log_retention_days is 0: events never expire"
    return create(
        logs.LogGroup,
        logical_id,
        LogGroupName=name,
        **retention,
        Metadata=suppressed(**reasons),
        DeletionPolicy="Delete",
        UpdateReplacePolicy="Delete",
    )


def log_grant(name: Value, streams: str = "") -> Grant:
    """The grant for writing to a log group, or only to its streams whose names begin with `streams` and a slash."""
    pattern = f":log-stream:{streams}/*" if streams else ":*"
    return Grant(
        actions=("logs:CreateLogStream", "logs:PutLogEvents"),
        resources=(arn("logs", "log-group:", name, pattern),),
        because="writes its log",
    )


def existing_log_grants(name: Value, region: Value, *, create: bool) -> Iterator[Grant]:
    """The grants for writing to a log group that the stack does not create. create: also for creating it if missing."""
    yield Grant(
        actions=("logs:CreateLogStream", "logs:PutLogEvents"),
        resources=(arn("logs", "log-group:", name, ":*", region=region),),
        because="writes its log",
    )
    if create:
        yield Grant(
            actions=("logs:CreateLogGroup",),
            resources=(arn("logs", "log-group:", name, region=region),),
            because="creates its log group",
        )


def commands_log_name(pipeline_name: str) -> str:
    return f"/aws/codepipeline/{pipeline_name}"


def commands_log_grant(pipeline_name: str) -> Grant:
    """The grant for writing the log of the commands in a pipeline's actions and rules. CodePipeline also requires the
    permission to create the log group, although the stack creates it.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-Commands.html"""
    group = f"log-group:{commands_log_name(pipeline_name)}"
    return Grant(
        actions=("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"),
        resources=(arn("logs", group), arn("logs", f"{group}:*")),
        because="writes the log of the commands",
    )
