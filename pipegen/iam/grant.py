"""Grants: the permissions that actions, builds and services require. `compile` collects them in roles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, field
from typing import Annotated

from pipegen.errors import Problem
from pipegen.fields.constraints import Length, Matches
from pipegen.fields.gaps import is_known
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.values.shape import cannot_be_arn, shown
from pipegen.values.value import Value, Values, concat

_ACTION = Matches(
    r"[a-z0-9-]+:[A-Za-z0-9*?]+",
    "service:Action, such as s3:GetObject",
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html",
)

Conditions = Mapping[str, Mapping[str, Value | Values]]


@frozen
class Grant(Model):
    """A permission.
    https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html"""

    actions: Annotated[Sequence[Annotated[str, _ACTION]], Length(1, None, "actions")]
    """The actions that are allowed, as `service:Action`."""
    resources: Annotated[Sequence[Value], Length(1, None, "resources")]
    """The ARNs of the resources that the actions are allowed on, or `*` for all resources."""
    _: KW_ONLY
    conditions: Conditions = field(default_factory=dict)
    """The conditions under which the actions are allowed: keys and values by operator.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html"""
    because: str = ""
    """The reason for the permission. Required if `resources` contains `*`; the template contains it beside the role."""

    def problems(self) -> Iterator[Problem]:
        from pipegen.iam.authorization import (  # few definitions have custom grants
            action_problems,
            resource_problems,
        )

        yield from _resource_problems(self.resources)
        if all(map(_ACTION.matches, self.actions)):
            yield from action_problems(self.actions)
            yield from resource_problems(self.actions, self.resources)
        if not self.names_resources and not self.because:
            text = 'resources contains "*", which needs a reason'
            yield Problem("grant-because", ("resources",), text, "name ARNs, or give the reason in because")
        if self.conditions:
            from pipegen.iam.condition_block import condition_problems

            for problem in condition_problems(self.conditions, self.actions):
                yield problem.under("conditions")

    @property
    def names_resources(self) -> bool:
        return "*" not in self.resources


def grant_problems(grants: Sequence[Grant]) -> Iterator[Problem]:
    """Check the grants in the field `grants`."""
    for index, grant in enumerate(grants):
        for problem in grant.problems():
            yield problem.under("grants", index)


def _resource_problems(resources: Sequence[Value]) -> Iterator[Problem]:
    for index, resource in enumerate(resources):
        if isinstance(resource, str) and "#{" in resource:
            text = f"{shown(resource)} stays as it is: CodePipeline resolves no variables in permissions"
            yield Problem("grant-resource", ("resources", index), text, "write * in place of the variable")
        elif resource != "*" and (cannot_be_arn(resource) or _is_short(resource)):
            fix = "write arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE, where * matches any part, or only *"
            yield Problem("grant-resource", ("resources", index), f"{shown(resource)} is not an ARN", fix)


def _is_short(resource: Value) -> bool:
    """Whether parts of an ARN are missing, so that IAM would reject the policy."""
    return is_known(resource) and resource.count(":") < 5 and not resource.endswith("*")


@frozen
class TrustedRole:
    """A role, perhaps of another account, that assumes another role. It need not exist when that is created."""

    account: str
    arn: Value


@frozen(kw_only=True)
class ServiceRole(Model):
    """A role that an AWS service assumes for one resource.

    source_arn: the value of the trust policy's aws:SourceArn condition, set only if AWS documents that the service
    sends it. https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
    managed_policies: the ARNs of managed policies in addition to the grants. name: the fixed name of a role that other
    stacks refer to. Default: CloudFormation names it. path: that of the role. Default: the definition's.
    trusted: the role that assumes it, in place of a service.
    """

    logical_id: str
    service: str
    grants: Sequence[Grant]
    source_arn: Value | Sequence[Value] | None = None
    managed_policies: Sequence[Value] = ()
    name: str | None = None
    path: str | None = None
    trusted: TrustedRole | None = None


KEY_USE = ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*")


def key_use(key_arn: Value) -> Grant:
    """The grant for using a KMS key to read and write artifacts.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/security-iam-permissions-console-logs.html"""
    return Grant(
        actions=KEY_USE,
        resources=(key_arn,),
        because="encrypts and decrypts artifacts",
    )


def objects_of(bucket_arn: Value, prefix: str = "") -> Value:
    return concat(bucket_arn, f"/{prefix}*")
