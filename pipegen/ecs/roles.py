"""The ARNs of roles."""

from __future__ import annotations

from pipegen.values.shape import arn_or_name
from pipegen.values.value import ACCOUNT, Value


def role_arn(role: Value, account: Value = ACCOUNT) -> Value:
    """The ARN of a role, from its ARN or its name with its path. An unknown text is assumed to be an ARN.

    account: that of a role with a name. Default: the account of the stack.
    """
    return arn_or_name(role, "iam", "role/", region="", account=account)
