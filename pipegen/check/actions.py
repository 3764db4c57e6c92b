"""What actions and the store say of their own fields."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from pipegen.definition import Definition
from pipegen.errors import Path, Problem
from pipegen.model import walk
from pipegen.secrets import is_resolved_secret
from pipegen.shape import anywhere, shown
from pipegen.stack import referred_names
from pipegen.values import Expression


def own_problems(definition: Definition) -> Iterator[Problem]:
    for problem in definition.artifacts.problems():
        yield problem.under("artifacts")
    for located in definition.pipeline.located():
        for problem in located.action.problems():
            yield problem.under(*located.path)


def exposed_secrets(definition: Definition) -> Iterator[Problem]:
    """What an action exposes holds no NoEcho parameter and no dynamic reference to a secret."""
    hidden = {name for name, parameter in definition.parameters.items() if parameter.NoEcho}
    for located in definition.pipeline.located():
        for path, value in located.action.exposes():
            for secret in _secrets_in(value, hidden):
                text = f"{secret}, and build arguments stay in the image's history"
                fix = "let an environment variable take it from Secrets Manager, and name it under secrets of the image"
                yield Problem("build-secret", (*located.path, *path), text, fix)


def visible_secrets(definition: Definition) -> Iterator[Problem]:
    """No dynamic reference to a secret stands where its value can be read later: CloudFormation puts the secret itself
    in its place. Overrides reach properties that are made for it.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html"""
    exposed = {
        (*located.path, *path) for located in definition.pipeline.located() for path, _ in located.action.exposes()
    }
    hidden = {name for name, parameter in definition.parameters.items() if parameter.NoEcho}
    for path, leaf in walk(definition):
        if "overrides" in (path[0], *path[2:3]) or not isinstance(leaf, str | Expression) or path in exposed:
            continue
        if is_resolved_secret(leaf):
            text = f"{_named(path)} would hold the secret in plain text, for CloudFormation replaces the reference"
            yield Problem("secret-visible", path, text, _instead(path))
        elif hidden and not _VISIBLE.isdisjoint(path) and isinstance(leaf, Expression):
            for name in sorted(hidden & set(referred_names(leaf.to_dict()))):
                text = f"{_named(path)} shows the value of the NoEcho parameter {name} to everybody who may look at it"
                yield Problem("secret-visible", path, text, _instead(path), severity="warning")


_VISIBLE = {"environment", "action_environment", "command", "entry_point", "docker_labels"}


def _named(path: Path) -> str:
    return str(path[-1]) if isinstance(path[-1], str) else f"{path[-2]}[{path[-1]}]"


def _instead(path: Path) -> str:
    if "containers" in path:
        return "let ECS pass it to the container: secrets: {NAME: the secret's ARN}"
    if "environment" in path or "action_environment" in path:
        return "let CodeBuild read it: {secrets_manager: name-or-arn:key}, or {parameter_store: name}"
    return "name the secret by its ARN where there is a field for it, or read it when the program runs"


def _secrets_in(value: object, hidden: AbstractSet[str]) -> Iterator[str]:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html"""
    data = value.to_dict() if isinstance(value, Expression) else value
    names = hidden & set(referred_names(data)) if hidden else set()
    yield from (f"the parameter {name} is NoEcho" for name in sorted(names))
    if isinstance(value, str | Expression) and is_resolved_secret(value):
        yield f"{shown(value)} is a secret"


_PERMITTED = {
    "BatchEnabled": "a batch of builds takes permissions and a role that pipegen does not make: run the builds as "
    "actions side by side, with the same run_order",
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
        "the permissions of the pipeline would not follow it: use the field of the action or rule",
    ),
}
"""Keys of configuration that take permissions, and what to do instead of setting them past pipegen.
https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeBuild.html (BatchEnabled)"""


def _takes_permissions(key: str, value: str | Expression) -> bool:
    if key == "EnvironmentVariables":
        return anywhere(value, re.compile("SECRETS_MANAGER|PARAMETER_STORE"))
    return value != "false"


def extra_configuration(definition: Definition) -> Iterator[Problem]:
    """What is set past the fields of actions and rules takes no permissions that nothing grants."""
    given = [(located.path, located.action.extra_configuration) for located in definition.pipeline.located()]
    given += [(located.path, located.rule.extra_configuration) for located in definition.pipeline.rules()]
    for path, extra in given:
        for key, value in extra.items():
            if key in _PERMITTED and _takes_permissions(key, value):
                text = f"extra_configuration sets {key} to {shown(value)}"
                yield Problem("extra-configuration", (*path, "extra_configuration", key), text, _PERMITTED[key])
