"""What tests of roles rely on in the simulator: a call from one account to another takes two policies."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.iam_calls import EVERYTHING, Call, Policies, allowed, denied
from tests.support.simulator import Simulator

TOOLS, STAGING = "123456789012", "111111111111"
ROLE = f"arn:aws:iam::{STAGING}:role/delivery/action"
OTHER = f"arn:aws:iam::{STAGING}:role/delivery/other"
BUCKET = "arn:aws:s3:::artifacts"
KEY = f"arn:aws:kms:eu-west-1:{TOOLS}:key/0844aff0-63a9-4462-a707-58df0de3f124"
CALLS = {"s3:GetObject": f"{BUCKET}/orders/a1b2", "kms:Decrypt": KEY}


def statement(*actions: str, **more: Any) -> dict[str, Any]:
    """What a role of a name may, whether it exists or not."""
    principal = {"Principal": {"AWS": f"arn:aws:iam::{STAGING}:root"}}
    condition = {"Condition": {"ArnLike": {"aws:PrincipalArn": ROLE}}}
    return {"Effect": "Allow", "Action": list(actions), "Resource": "*", **principal, **condition, **more}


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def policies(*, bucket: Any = None, key: Any = None, role: Any = EVERYTHING) -> Policies:
    resources = {
        BUCKET: bucket or policy(statement("s3:GetObject", Resource=f"{BUCKET}/*")),
        KEY: key or policy(statement("kms:Decrypt")),
    }
    return Policies(identity={ROLE: [role], OTHER: [EVERYTHING]}, trust={}, resources=resources)


def calls(role: str) -> list[Call]:
    return [Call(role, action, resource, TOOLS) for action, resource in CALLS.items()]


def test_a_role_may_what_its_own_and_the_resources_policy_allow(simulator: Simulator) -> None:
    assert denied(calls(ROLE), policies(), simulator) == []


def test_a_role_with_another_name_may_not_though_its_account_allows_everything(simulator: Simulator) -> None:
    assert allowed(calls(OTHER), policies(), simulator) == []


def test_a_role_may_not_what_its_own_policy_does_not_allow(simulator: Simulator) -> None:
    assert allowed(calls(ROLE), policies(role=policy()), simulator) == []


def test_a_role_may_not_what_the_resource_does_not_allow(simulator: Simulator) -> None:
    nothing = policy(statement("s3:ListBucket", "kms:DescribeKey"))
    assert allowed(calls(ROLE), policies(bucket=nothing, key=nothing), simulator) == []


def test_a_denial_wins(simulator: Simulator) -> None:
    """An insecure connection is denied by a statement of the bucket's."""
    insecure = {"Condition": {"Bool": {"aws:SecureTransport": "false"}}, "Effect": "Deny", "Principal": "*"}
    both = policy(statement("s3:*"), statement("s3:*", **insecure))
    call = Call(ROLE, "s3:GetObject", f"{BUCKET}/a", TOOLS)
    plain = Call(ROLE, "s3:GetObject", f"{BUCKET}/a", TOOLS, {"aws:SecureTransport": "false"})
    assert allowed([call, plain], policies(bucket=both), simulator) == [str(call)]


def test_a_call_that_iam_does_not_have_is_an_error(simulator: Simulator) -> None:
    with pytest.raises(AssertionError):
        denied([Call(ROLE, "s3:GetTheObject", f"{BUCKET}/a", TOOLS)], policies(), simulator)
