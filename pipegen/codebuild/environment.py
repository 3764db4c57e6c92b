"""Environment variables of builds: plain values, parameters of Parameter Store and secrets of Secrets Manager."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Annotated

from pipegen.errors import Problem, Severity
from pipegen.fields.aws import Property
from pipegen.fields.marks import Keyed
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.iam.grant import Grant
from pipegen.references.kinds import PARAMETER, PARAMETER_NAME, SECRET_NAME_OF_BUILD, SECRET_OF_BUILD
from pipegen.references.mark import Refers
from pipegen.references.secrets import parameter_arns, secret_arns
from pipegen.syntax import names
from pipegen.syntax.shell import path_fault
from pipegen.values.expression import Expression
from pipegen.values.json_text import json_text
from pipegen.values.value import TextValue, Value

_PARAMETER = Refers(
    PARAMETER_NAME,
    PARAMETER,
    is_secret=True,
    fix="use its ARN or name, such as /PATH/NAME, without a version or label",
)
_SECRET = Refers(
    SECRET_NAME_OF_BUILD,
    SECRET_OF_BUILD,
    is_secret=True,
    fix="use its name or ARN, optionally with :JSON-KEY:STAGE:VERSION",
)


@frozen
class ParameterStore(Model):
    """A value from Systems Manager Parameter Store, read when the build starts.
    https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.env.parameter-store"""

    parameter_store: Annotated[
        Value,
        _PARAMETER,
        Property("AWS::CodeBuild::Project.EnvironmentVariable.Value"),
    ]
    """The name or ARN of the parameter, without a version."""


@frozen
class SecretsManager(Model):
    """A value from Secrets Manager, read when the build starts. The template does not contain it.
    https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.env.secrets-manager"""

    secrets_manager: Annotated[
        Value,
        _SECRET,
        Property("AWS::CodeBuild::Project.EnvironmentVariable.Value"),
    ]
    """The reference to the secret: `name-or-arn[:json-key[:version-stage[:version-id]]]`."""


EnvironmentValue = Annotated[
    str | Expression | ParameterStore | SecretsManager,
    Keyed(parameter_store=ParameterStore, secrets_manager=SecretsManager, otherwise=TextValue),
]
Variables = Mapping[Annotated[str, names.ENVIRONMENT], EnvironmentValue]
"""Environment variables by name."""


def typed(environment: Variables) -> Iterator[tuple[str, str, Value]]:
    for name, value in environment.items():
        if isinstance(value, ParameterStore):
            yield name, "PARAMETER_STORE", value.parameter_store
        elif isinstance(value, SecretsManager):
            yield name, "SECRETS_MANAGER", value.secrets_manager
        else:
            yield name, "PLAINTEXT", value


def action_variables(environment: Variables) -> Value:
    """The JSON text of an action's EnvironmentVariables; expressions stand between literal parts.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeBuild.html"""
    return json_text([{"name": name, "type": kind, "value": value} for name, kind, value in typed(environment)])


def environment_grants(environment: Variables) -> Iterator[Grant]:
    """Allow reading the parameters and secrets.
    https://docs.aws.amazon.com/codebuild/latest/userguide/setting-up-service-role.html"""
    for _, kind, value in typed(environment):
        if kind == "PARAMETER_STORE":
            yield Grant(
                actions=("ssm:GetParameters",),
                resources=parameter_arns(value),
                because="reads a parameter of the environment",
            )
        elif kind == "SECRETS_MANAGER":
            yield Grant(
                actions=("secretsmanager:GetSecretValue",),
                resources=secret_arns(value),
                because="reads a secret of the environment",
            )


def environment_problems(environment: Variables, reserved: AbstractSet[str]) -> Iterator[Problem]:
    """Check environment variables. `reserved`: the names that the build's own script uses."""
    for name, value in environment.items():
        if name == "PATH" and isinstance(value, str) and (fault := path_fault(value)):
            severity: Severity = "error" if fault.is_certain else "warning"
            yield Problem("environment-path", (name,), f"PATH {fault.words}", fault.fix, severity)
        if name in reserved:
            text = f"{name} is reserved for the build's own script"
            yield Problem("environment-reserved", (name,), text, "choose another name")


def action_environment_problems(
    environment: Variables, of_action: Variables, reserved: AbstractSet[str]
) -> Iterator[Problem]:
    """Check the variables of an action, and report secrets of the project that its plain values override.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeBuild.html (EnvironmentVariables)"""
    yield from environment_problems(of_action, reserved)
    kinds = {name: kind for name, kind, _ in typed(environment)}
    for name, kind, _ in typed(of_action):
        if kind == "PLAINTEXT" and kinds.get(name, kind) != kind:
            text = f"{name} is a secret in environment, but this plain value overrides it"
            yield Problem("environment-overridden", (name,), text, "remove it here, or rename it")
