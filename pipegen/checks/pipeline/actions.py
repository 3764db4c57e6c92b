"""Run the checks that actions and the artifact store define for their own fields."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipegen.errors import Problem
from pipegen.graph.outline import Outline
from pipegen.values.expression import Expression
from pipegen.values.shape import anywhere, shown


def own_problems(written: Outline) -> Iterator[Problem]:
    for problem in written.definition.artifacts.problems():
        yield problem.under("artifacts")
    for located in written.actions:
        for problem in located.action.problems():
            yield problem.under(*located.path)


_PERMITTED = {
    "BatchEnabled": "pipegen does not create the permissions and the role of a batch build: run the builds as "
    "parallel actions with the same run_order",
    **dict.fromkeys(
        (
            "ActionMode",
            "AlarmName",
            "AllowOverrideForS3ObjectKey",
            "ApplicationName",
            "BucketName",
            "ChangeSetName",
            "ClusterName",
            "ConnectionArn",
            "DeploymentGroupName",
            "EnvironmentVariables",
            "FunctionName",
            "NotificationArn",
            "OutputArtifactFormat",
            "ProjectName",
            "RepositoryName",
            "RoleArn",
            "S3Bucket",
            "S3ObjectKey",
            "ServiceName",
            "StackName",
            "TemplateConfiguration",
        ),
        "use the field of the action or rule, so that the pipeline gets the permissions",
    ),
}
"""Configuration keys that need permissions, each with the fix.
https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeBuild.html (BatchEnabled)"""


def _needs_permissions(key: str, value: str | Expression) -> bool:
    if key == "EnvironmentVariables":
        return anywhere(value, re.compile("SECRETS_MANAGER|PARAMETER_STORE"))
    return value != "false"


def extra_configuration(written: Outline) -> Iterator[Problem]:
    """Find keys in `extra_configuration` that need permissions which are not granted."""
    configurations = [(located.path, located.action.extra_configuration) for located in written.actions]
    configurations += [(located.path, located.rule.extra_configuration) for located in written.rules]
    for path, extra in configurations:
        for key, value in extra.items():
            if key in _PERMITTED and _needs_permissions(key, value):
                text = f"extra_configuration sets {key} to {shown(value)}"
                yield Problem("extra-configuration", (*path, "extra_configuration", key), text, _PERMITTED[key])
