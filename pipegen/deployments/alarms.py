"""CloudWatch alarms that stop a deployment.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipegen.errors import Problem
from pipegen.shape import is_known, shapes, shown
from pipegen.values import Value

LONGEST_NAME = 255


def alarm_problems(alarms: Sequence[Value], code: str) -> Iterator[Problem]:
    """ECS and CodeDeploy take their names.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentAlarms.html
    https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_Alarm.html"""
    for index, alarm in enumerate(alarms):
        has_length = not is_known(alarm) or 1 <= len(alarm) <= LONGEST_NAME
        if not has_length or any(each.is_arn for each in shapes(alarm)):
            text = f"{shown(alarm)} is not the name of an alarm"
            fix = f"give its name, not its ARN: 1 to {LONGEST_NAME} characters"
            yield Problem(code, ("alarms", index), text, fix)
