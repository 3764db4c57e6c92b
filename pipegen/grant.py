"""A permission, returned as a value by whoever needs it; `compile` folds grants into roles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pipegen.model import Model
from pipegen.values import Value, concat

Conditions = Mapping[str, Mapping[str, Value | Sequence[Value]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant(Model):
    """Allows `actions` (`service:Action`) on `resources` (ARNs), under IAM `conditions`.

    A `*` resource must say why no ARN can be named: `because`. It is kept in the template beside the role.
    https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html
    """

    actions: Sequence[str]
    resources: Sequence[Value]
    conditions: Conditions = field(default_factory=dict)
    because: str = ""

    @property
    def names_resources(self) -> bool:
        return "*" not in self.resources


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRole(Model):
    """A role that one AWS service assumes to act for one resource.

    `source_arn` becomes the trust policy's aws:SourceArn condition; only given where AWS documents that the service
    sends it. https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
    """

    logical_id: str
    service: str
    grants: Sequence[Grant]
    source_arn: Value | None = None


def key_use(key_arn: Value) -> Grant:
    """Use of a KMS key for reading and writing artifacts.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/security-iam-permissions-console-logs.html"""
    return Grant(
        actions=("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"),
        resources=(key_arn,),
    )


def objects_of(bucket_arn: Value, prefix: str = "") -> Value:
    return concat(bucket_arn, f"/{prefix}*")
