"""Environment variables of a build: plain, from Parameter Store, from Secrets Manager."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Annotated

from troposphere import AWSHelperFn, Sub

from pipegen import names
from pipegen.errors import Problem
from pipegen.grant import Grant
from pipegen.model import Keyed, Model
from pipegen.values import TextValue, Value, arn, concat


@dataclass(frozen=True, slots=True)
class ParameterStore(Model):
    """An environment variable's value, taken from Systems Manager Parameter Store when the build starts: its name."""

    parameter_store: Value


@dataclass(frozen=True, slots=True)
class SecretsManager(Model):
    """An environment variable's value, taken from Secrets Manager when the build starts.

    A reference as CodeBuild takes it: `name-or-arn[:json-key[:version-stage[:version-id]]]`. The secret itself never
    reaches the template. https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
    """

    secrets_manager: Value


EnvironmentValue = Annotated[
    str | AWSHelperFn | ParameterStore | SecretsManager, Keyed(ParameterStore, SecretsManager, otherwise=TextValue)
]


def typed(environment: Mapping[str, EnvironmentValue]) -> Iterator[tuple[str, str, Value]]:
    for name, value in environment.items():
        if isinstance(value, ParameterStore):
            yield name, "PARAMETER_STORE", value.parameter_store
        elif isinstance(value, SecretsManager):
            yield name, "SECRETS_MANAGER", value.secrets_manager
        else:
            yield name, "PLAINTEXT", value


def action_variables(environment: Mapping[str, EnvironmentValue]) -> Value:
    """The JSON text of an action's EnvironmentVariables; expressions stand between literal parts.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeBuild.html"""
    parts: list[Value] = ["["]
    for name, kind, value in typed(environment):
        comma = "," if len(parts) > 1 else ""
        head = f'{comma}{{"name":{json.dumps(name)},"type":"{kind}","value":'
        parts += [head + json.dumps(value) + "}"] if isinstance(value, str) else [head + '"', value, '"}']
    return concat(*parts, "]")


def environment_grants(environment: Mapping[str, EnvironmentValue]) -> Iterator[Grant]:
    """Reading the parameters and secrets.
    https://docs.aws.amazon.com/codebuild/latest/userguide/setting-up-service-role.html"""
    for _, kind, value in typed(environment):
        if kind == "PARAMETER_STORE":
            yield Grant(
                actions=("ssm:GetParameters",),
                resources=parameter_arns(value),
                because="reads the parameter for its environment",
            )
        elif kind == "SECRETS_MANAGER":
            yield Grant(
                actions=("secretsmanager:GetSecretValue",),
                resources=(_secret_arn(value),),
                because="reads the secret for its environment",
            )


def parameter_arns(name: Value) -> list[Value]:
    """A parameter's ARN has one slash before its name, whether the name begins with one or not; where that is known
    only at deployment, both are named."""
    if isinstance(name, str):
        return [name if name.startswith("arn:") else arn("ssm", "parameter/", name.removeprefix("/"))]
    if str(name.data.get("Fn::Sub")).startswith("/"):
        return [arn("ssm", "parameter", name)]
    return [arn("ssm", "parameter/", name), arn("ssm", "parameter", name)]


def _secret_arn(reference: Value) -> Value:
    """The ARN behind a reference, without the key and version that may follow it.

    Secrets Manager ends every ARN in six characters of its own, which a name does not tell. An expression other than
    a Sub is taken for an ARN.
    https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_iam-permissions.html"""
    text = reference if isinstance(reference, str) else reference.data.get("Fn::Sub")
    if not isinstance(text, str):
        return reference
    parts = text.replace("AWS::", "AWS;;").split(":")
    head = ":".join(parts[: 7 if parts[0] == "arn" else 1]).replace("AWS;;", "AWS::")
    if parts[0] == "arn" and not re.search(r"-[A-Za-z0-9]{6}$|[}*]$", head):
        head += "-??????"
    found: Value = head if isinstance(reference, str) else Sub(head)
    is_arn = parts[0] == "arn" or re.fullmatch(r"\$\{[^}]*\}", head)
    return found if is_arn else arn("secretsmanager", "secret:", found, "-??????")


def environment_problems(environment: Mapping[str, EnvironmentValue], reserved: AbstractSet[str]) -> Iterator[Problem]:
    """What is wrong with the names; `reserved` ones belong to the build's own script."""
    for name in environment:
        if not names.ENVIRONMENT.matches(name):
            text = f"{name!r} is no environment variable name"
            yield Problem("environment-name", (name,), text, names.ENVIRONMENT.words)
        elif name in reserved:
            text = f"{name} is set by the build's own script"
            yield Problem("environment-reserved", (name,), text, "choose another name")
