"""A permission, returned as a value by whoever needs it; `compile` folds grants into roles."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pipegen.errors import Problem, one_line
from pipegen.model import Model
from pipegen.shape import is_known, is_no_arn, shown
from pipegen.values import Value, Values, concat

_OPERATORS = tuple(
    f"{comparison}{suffix}"
    for comparison in (
        *(
            f"String{way}"
            for way in ("Equals", "NotEquals", "EqualsIgnoreCase", "NotEqualsIgnoreCase", "Like", "NotLike")
        ),
        *(f"Arn{way}" for way in ("Equals", "NotEquals", "Like", "NotLike")),
        *("Bool", "IpAddress", "NotIpAddress"),
        *(
            f"{kind}{way}"
            for kind in ("Numeric", "Date")
            for way in ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
        ),
    )
    for suffix in ("", "IfExists")
)
CONDITION_OPERATORS = (
    *_OPERATORS,
    *(f"{quantor}:{name}" for quantor in ("ForAnyValue", "ForAllValues") for name in _OPERATORS),
    "Null",
)
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html"""

Conditions = Mapping[str, Mapping[str, Value | Values]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant(Model):
    """Allows `actions` (`service:Action`) on `resources` (ARNs), under IAM `conditions`.

    because: what it is for. A `*` resource must say why no ARN can be named; that is kept in the template beside the
    role.
    https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html
    """

    actions: Sequence[str]
    resources: Sequence[Value]
    conditions: Conditions = field(default_factory=dict)
    because: str = ""

    def problems(self) -> Iterator[Problem]:
        for index, action in enumerate(self.actions):
            if not re.fullmatch(r"[a-z0-9-]+:[A-Za-z*?]+", action):
                text = f"{one_line(repr(action), 60)} is no IAM action"
                yield Problem("grant-action", ("actions", index), text, "service:Action, such as s3:GetObject")
        for name in ("actions", "resources"):
            if not getattr(self, name):
                yield Problem("grant-empty", (name,), f"the grant has no {name}", f"list its {name}")
        yield from _resource_problems(self.resources)
        if not self.names_resources and not self.because:
            text = "the grant is for all resources, and does not say why"
            yield Problem("grant-because", ("resources",), text, "name ARNs, or give the reason with because:")
        for operator, keys in self.conditions.items():
            if not keys:
                yield Problem("grant-condition", ("conditions", operator), f"{operator} has no keys", "give it one")
            if operator not in CONDITION_OPERATORS:
                near = difflib.get_close_matches(operator, CONDITION_OPERATORS, n=1)
                fix = f"did you mean {near[0]}?" if near else "such as StringEquals or ArnLike"
                text = f"{one_line(repr(operator), 60)} is no condition operator"
                yield Problem("grant-condition", ("conditions", operator), text, fix)

    @property
    def names_resources(self) -> bool:
        return "*" not in self.resources


def _resource_problems(resources: Sequence[Value]) -> Iterator[Problem]:
    for index, resource in enumerate(resources):
        if isinstance(resource, str) and "#{" in resource:
            text = f"{shown(resource)} stays as it is: CodePipeline resolves no variables in permissions"
            yield Problem("grant-resource", ("resources", index), text, "write * in place of the variable")
        elif resource != "*" and (is_no_arn(resource) or _is_short(resource)):
            fix = "write arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE, where * stands for any part, or only *"
            yield Problem("grant-resource", ("resources", index), f"{shown(resource)} is not an ARN", fix)


def _is_short(resource: Value) -> bool:
    """Whether an ARN lacks parts: IAM refuses a policy with such a resource."""
    return is_known(resource) and resource.count(":") < 5 and not resource.endswith("*")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRole(Model):
    """A role that one AWS service assumes to act for one resource.

    `source_arn` becomes the trust policy's aws:SourceArn condition; only given where AWS documents that the service
    sends it. https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html

    managed_policies: ARNs of policies beside its grants.
    """

    logical_id: str
    service: str
    grants: Sequence[Grant]
    source_arn: Value | Sequence[Value] | None = None
    managed_policies: Sequence[Value] = ()


def key_use(key_arn: Value) -> Grant:
    """Use of a KMS key for reading and writing artifacts.
    https://docs.aws.amazon.com/codepipeline/latest/userguide/security-iam-permissions-console-logs.html"""
    return Grant(
        actions=("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"),
        resources=(key_arn,),
        because="encrypts and decrypts artifacts",
    )


def objects_of(bucket_arn: Value, prefix: str = "") -> Value:
    return concat(bucket_arn, f"/{prefix}*")
