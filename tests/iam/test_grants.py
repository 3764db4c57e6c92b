"""Grants that IAM accepts are accepted; what is rejected is in `tests/rejects/iam.yaml`."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from troposphere import Equals, If, Ref, Sub

from pipegen import CodeBuild, CodeCommit, Definition, Grant, Parameter, Stage, check
from pipegen.values.value import Value
from tests.examples import ROOT

ACCOUNT = "eu-west-1:111122223333"
GRANTS: dict[str, tuple[list[str], list[Value]]] = {
    "a bucket and its objects": (["s3:GetObject", "s3:ListBucket"], ["arn:aws:s3:::acme", "arn:aws:s3:::acme/*"]),
    "everything of a service": (["s3:*"], ["arn:aws:s3:::acme/reports/*"]),
    "any bucket": (["s3:GetObject", "s3:ListBucket"], ["arn:aws:s3:::*"]),
    "an access point": (["s3:GetObject"], [f"arn:aws:s3:{ACCOUNT}:accesspoint/reports/object/*"]),
    "any case of an action": (["sqs:sendmessage"], [f"arn:aws:sqs:{ACCOUNT}:orders"]),
    "a pattern of actions": (["sqs:Get*", "sqs:*Message"], [f"arn:aws:sqs:{ACCOUNT}:orders-?"]),
    "any region and account": (["sqs:SendMessage"], ["arn:aws:sqs:*:*:orders"]),
    "an ARN that ends early": (["sqs:SendMessage"], ["arn:aws:sqs:*"]),
    "an expression": (["sqs:SendMessage"], [Ref("Queue"), Sub("arn:aws:sqs:${Where}")]),
    "an expression inside": (["s3:GetObject"], [Sub("arn:${AWS::Partition}:s3:::${Bucket}/*"), Sub("${Bucket}/*")]),
    "a choice": (["sqs:SendMessage"], [If("Own", f"arn:aws:sqs:{ACCOUNT}:orders", Ref("Queue"))]),
    "something resolved later": (["sqs:SendMessage"], ["{{resolve:ssm:/orders/queue}}"]),
    "an index": (["dynamodb:Query"], [f"arn:aws:dynamodb:{ACCOUNT}:table/orders/index/*"]),
    "a role of another partition": (["iam:PassRole"], ["arn:aws-cn:iam::111122223333:role/delivery/orders"]),
    "a secret": (["secretsmanager:GetSecretValue"], [f"arn:aws:secretsmanager:{ACCOUNT}:secret:orders-a1b2c3"]),
    "a parameter with a path": (["ssm:GetParametersByPath"], [f"arn:aws:ssm:{ACCOUNT}:parameter/orders/*"]),
    "streams of a group": (["logs:PutLogEvents"], [f"arn:aws:logs:{ACCOUNT}:log-group:/acme/orders:*"]),
    "a hook of CodeDeploy": (
        ["codedeploy:PutLifecycleEventHookExecutionStatus"],
        [f"arn:aws:codedeploy:{ACCOUNT}:deploymentgroup:orders/*"],
    ),
    "a foundation model": (["bedrock:InvokeModel"], ["arn:aws:bedrock:eu-west-1::foundation-model/*"]),
    "a document of AWS's": (["ssm:SendCommand"], ["arn:aws:ssm:eu-west-1::document/AWS-RunShellScript"]),
    "an API": (["execute-api:Invoke"], [f"arn:aws:execute-api:{ACCOUNT}:a1b2c3/*"]),
    "a new region": (["sqs:SendMessage"], ["arn:aws:sqs:eu-*:111122223333:orders"]),
}
CONDITIONS: dict[str, dict[str, Any]] = {
    "a tag": {"StringEquals": {"aws:ResourceTag/team": "orders", "s3:ExistingObjectTag/kind": ["a", "b"]}},
    "any case of a key": {"StringEquals": {"AWS:sourceaccount": Ref("Other")}},
    "a list of networks": {"IpAddressIfExists": {"aws:SourceIp": ["10.0.0.0/8", "2001:db8::/32", "192.0.2.7"]}},
    "policy variables": {"ArnLike": {"aws:SourceArn": "${aws:PrincipalTag/arn}"}},
    "all values": {"ForAllValues:StringLike": {"aws:TagKeys": ["team"]}},
    "a moment": {"DateGreaterThan": {"aws:CurrentTime": "2030-11-29T06:00:00Z"}},
    "another provider": {"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}},
}


NAMES = ("Bucket", "Other", "Queue", "Where")


def findings(grant: Grant) -> list[str]:
    source = CodeCommit("App", repository="orders", branch="main")
    build = CodeBuild("Test", commands=["make test"], grants=[grant])
    definition = Definition(
        "orders",
        Stage("Source", source),
        Stage("Build", build),
        parameters=[Parameter(name) for name in NAMES],
        conditions={"Own": Equals(Ref("Other"), "none")},
    )
    return [str(problem) for problem in check(definition)]


@pytest.mark.parametrize("name", GRANTS)
def test_a_grant_is_accepted(name: str) -> None:
    actions, resources = GRANTS[name]
    assert findings(Grant(actions=actions, resources=resources)) == []


@pytest.mark.parametrize("name", CONDITIONS)
def test_a_condition_is_accepted(name: str) -> None:
    conditions = CONDITIONS[name]
    assert findings(Grant(actions=["s3:GetObject"], resources=["arn:aws:s3:::acme/*"], conditions=conditions)) == []


def test_facts_about_iam_are_loaded_only_for_grants_of_the_definition() -> None:
    """Those that pipegen makes itself are right, and the list takes longer to read than a definition."""
    example = ROOT / "examples" / "monorepo.yaml"
    code = (
        f"from pipegen import check, load; [each] = load({str(example)!r}); assert not check(each);"
        "from pipegen.facts import iam; assert not iam.service.cache_info().currsize"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
