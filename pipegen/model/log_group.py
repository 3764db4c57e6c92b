"""A group in CloudWatch Logs, as everything that writes a log gets it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from troposphere import logs

from pipegen.fields.aws import Property
from pipegen.fields.constraints import OneOf
from pipegen.iam.grant import Grant
from pipegen.model.suppressions import accepted
from pipegen.values.value import Value, arn

# fmt: off
RETENTION_DAYS = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
)
# fmt: on
"""Besides 0, which stands for no retention: events never expire.
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html"""
RetentionDays = Annotated[int, OneOf((0, *RETENTION_DAYS)), Property("AWS::Logs::LogGroup.RetentionInDays")]
"""Days for which CloudWatch Logs keeps events; 0 keeps them forever."""


def log_group(logical_id: str, name: str, retention_days: int, why_unencrypted: str) -> logs.LogGroup:
    """The group, which is deleted with its stack. retention_days: 0 keeps events forever: without
    `RetentionInDays`. why_unencrypted: why it needs no customer-managed KMS key.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-logs-loggroup.html"""
    reasons = {"CKV_AWS_158": why_unencrypted}
    retention: dict[str, Any] = {"RetentionInDays": retention_days} if retention_days else {}
    if not retention:
        reasons["CKV_AWS_66"] = "log_retention_days is 0: the log is kept forever"
    return logs.LogGroup(
        logical_id,
        LogGroupName=name,
        **retention,
        Metadata=accepted(**reasons),
        DeletionPolicy="Delete",
        UpdateReplacePolicy="Delete",
    )


def log_grant(name: Value, streams: str = "") -> Grant:
    """Writing to the group, or to those of its streams alone whose names begin with `streams` and a slash."""
    pattern = f":log-stream:{streams}/*" if streams else ":*"
    return Grant(
        actions=("logs:CreateLogStream", "logs:PutLogEvents"),
        resources=(arn("logs", "log-group:", name, pattern),),
        because="writes its log",
    )


def existing_log_grants(name: Value, region: Value, *, create: bool) -> Iterator[Grant]:
    """Writing to a group that the stack does not make. create: also making it, where it is missing."""
    yield Grant(
        actions=("logs:CreateLogStream", "logs:PutLogEvents"),
        resources=(arn("logs", "log-group:", name, ":*", region=region),),
        because="writes its log",
    )
    if create:
        yield Grant(
            actions=("logs:CreateLogGroup",),
            resources=(arn("logs", "log-group:", name, region=region),),
            because="makes the group of its log",
        )


def commands_log_name(pipeline_name: str) -> str:
    return f"/aws/codepipeline/{pipeline_name}"


def commands_log_grant(pipeline_name: str) -> Grant:
    """Writing to the group of the commands of a pipeline's actions and rules. CodePipeline asks for the permission to
    create it, too, though the stack has it.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-Commands.html"""
    group = f"log-group:{commands_log_name(pipeline_name)}"
    return Grant(
        actions=("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"),
        resources=(arn("logs", group), arn("logs", f"{group}:*")),
        because="writes the log of the commands",
    )
