"""The input of AWS CLI commands that start a deployment outside the pipeline. Nothing here calls AWS."""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Mapping
from typing import Any

from pipegen.frozen import frozen
from pipegen.output.yaml import dump

TASK_DEFINITION = "<TASK_DEFINITION>"
"""The placeholder for the ARN of the task definition in an AppSpec.
https://docs.aws.amazon.com/codepipeline/latest/userguide/tutorials-ecs-ecr-codedeploy.html"""


@frozen
class Object:
    """An object in S3."""

    bucket: str
    key: str


def filled(data: Any, texts: Mapping[str, str]) -> Any:
    """Replace placeholders in all texts, as CodePipeline does."""
    if isinstance(data, str):
        for placeholder, text in texts.items():
            data = data.replace(placeholder, text)
        return data
    if isinstance(data, Mapping):
        return {key: filled(item, texts) for key, item in data.items()}
    return [filled(item, texts) for item in data] if isinstance(data, list | tuple) else data


def task_definition_text(request: Mapping[str, Any], images: Mapping[str, str]) -> str:
    """Return the input of `aws ecs register-task-definition --cli-input-json`. images: by placeholder.
    https://docs.aws.amazon.com/cli/latest/reference/ecs/register-task-definition.html"""
    return _json(filled(request, images))


def appspec_text(content: Mapping[str, Any], task_definition: str | None) -> str:
    """Return an AppSpec file. https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file.html"""
    return dump(filled(content, {TASK_DEFINITION: task_definition} if task_definition else {}))


def deployment_text(application: str, group: str, appspec: str | Object) -> str:
    """Return the input of `aws deploy create-deployment --cli-input-json`. appspec: its text, or its object in S3.
    https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_RevisionLocation.html"""
    revision: dict[str, Any]
    if isinstance(appspec, str):
        digest = hashlib.sha256(appspec.encode()).hexdigest()
        revision = {"revisionType": "AppSpecContent", "appSpecContent": {"content": appspec, "sha256": digest}}
    else:
        location = {"bucket": appspec.bucket, "key": appspec.key, "bundleType": "YAML"}
        revision = {"revisionType": "S3", "s3Location": location}
    return _json({"applicationName": application, "deploymentGroupName": group, "revision": revision})


def redeploy_command(cluster: str, service: str, region: str | None = None) -> str:
    """Return the command that starts new tasks from the same task definition.
    https://docs.aws.amazon.com/cli/latest/reference/ecs/update-service.html"""
    words = ("aws", "ecs", "update-service", "--cluster", cluster, "--service", service, "--force-new-deployment")
    return shlex.join((*words, "--region", region) if region else words)


def _json(data: Any) -> str:
    # In ASCII, as the AWS CLI reads files in the encoding of the locale.
    return json.dumps(data, indent=2) + "\n"
