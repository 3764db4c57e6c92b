"""ARNs in definitions: what a field takes that wants the ARN of one sort of thing.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipegen.shape import is_known, is_no_arn
from pipegen.values import Value

_REGION = "[a-z]{2,4}(?:-[a-z]+)+-[0-9]+"
_ACCOUNT = "[0-9]{12}"


@dataclass(frozen=True, slots=True)
class ArnForm:
    """service: its namespace, as a pattern. resource: what follows the account, as a pattern."""

    service: str
    resource: str
    region: str = _REGION
    account: str = _ACCOUNT

    @property
    def expression(self) -> str:
        return f"arn:aws[a-z-]*:{self.service}:{self.region}:{self.account}:{self.resource}"

    def refuses(self, value: Value | None) -> bool:
        """Whether a value cannot be such an ARN; of an expression, only how it begins is looked at."""
        if is_known(value):
            return re.fullmatch(self.expression, value) is None
        return is_no_arn(value)


TOPIC = ArnForm("sns", r"[A-Za-z0-9_-]{1,256}(?:\.fifo)?")
"""https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html"""
KEY = ArnForm("kms", "key/[A-Za-z0-9-]+")
"""https://docs.aws.amazon.com/kms/latest/developerguide/concepts-key-id.html"""
POLICY = ArnForm("iam", r"policy/[\w+=,.@/-]+", region="", account=f"(?:{_ACCOUNT}|aws)")
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html"""
FUNCTION = ArnForm("lambda", "function:[A-Za-z0-9_-]+(?::[A-Za-z0-9$_-]+)?")
"""https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html"""
ROLE = ArnForm("iam", r"role/[\w+=,.@/-]+", region="")
LISTENER = ArnForm("elasticloadbalancing", "listener/(?:app|net)/[^/]+/[^/]+/[^/]+")
APPLICATION_LISTENER = ArnForm("elasticloadbalancing", "listener/app/[^/]+/[^/]+/[^/]+")
"""https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html"""
OBJECT = ArnForm("s3", "[^/:]+/.+", region="", account="")
SECRET = ArnForm("secretsmanager", r"secret:[\w/+=.@!-]+")
"""https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html; those that services manage
have a `!` in their names: https://docs.aws.amazon.com/secretsmanager/latest/userguide/service-linked-secrets.html"""
PARAMETER = ArnForm("ssm", r"parameter/[\w./-]+")
"""https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html"""
