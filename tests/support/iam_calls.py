"""Calls of AWS's API: who makes one, on what, and how to ask the simulator about it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tests.support.cloud import Cloud, CommandFailed
from tests.support.simulator import ALLOWED, Simulator

EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


@dataclass(frozen=True, slots=True)
class Call:
    """caller: the ARN of a role, or a service. account: the one of the resource, which its ARN may not have."""

    caller: str
    action: str
    resource: str = "*"
    account: str = ""
    context: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        given = f" {dict(self.context)}" if self.context else ""
        return f"{self.caller} {self.action} {self.resource}{given}"


@dataclass(frozen=True, slots=True)
class Policies:
    """The policies of roles and resources, as the accounts of a cloud have them.

    identity, trust: by the ARN of the role. resources: by the ARN of the resource.
    """

    identity: Mapping[str, Sequence[Any]]
    trust: Mapping[str, Any]
    resources: Mapping[str, Any]

    def with_role(self, arn: str, *, policy: Any = EVERYTHING) -> Policies:
        """The same with one more role; by default one that its account allows everything."""
        return replace(self, identity={**self.identity, arn: [policy]})

    def with_open_buses(self, calls: Iterable[Call]) -> Policies:
        """The same with event buses of other accounts, whose policies allow the accounts of the callers."""
        buses = {each.resource: each for each in calls if each.action == "events:PutEvents"}
        opened = {arn: _open(arn, f"arn:aws:iam::{_account(each.caller)}:root") for arn, each in buses.items()}
        return replace(self, resources={**opened, **self.resources})

    def simulation(self, call: Call) -> Mapping[str, Any]:
        account = call.account or _account(call.resource) or _account(call.caller)
        service = ":" not in call.caller
        about = {"aws:ResourceAccount": account, "aws:SecureTransport": "true"}
        if not service:
            about |= {"aws:PrincipalArn": call.caller, "aws:PrincipalAccount": _account(call.caller)}
        identity = () if service else self.identity[call.caller]
        asked = {
            "request": {
                "principal": call.caller,
                "action": call.action,
                "resource": {"resource": call.resource, "accountId": account},
                "contextVariables": about | dict(call.context),
            },
            "identityPolicies": [{"name": str(number), "policy": each} for number, each in enumerate(identity)],
            "serviceControlPolicies": [],
            "resourceControlPolicies": [],
        }
        policy = self.trust.get(call.resource) if call.action == "sts:AssumeRole" else self._policy_of(call.resource)
        return asked | ({"resourcePolicy": policy} if policy else {})

    def _policy_of(self, resource: str) -> Any:
        bucket = resource.partition("/")[0] if resource.startswith("arn:aws:s3:::") else resource
        return self.resources.get(bucket)


def _open(bus: str, account: str) -> Any:
    """https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-account.html"""
    allowed = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "events:PutEvents", "Resource": bus}
    return {"Version": "2012-10-17", "Statement": [allowed]}


def _account(arn: str) -> str:
    return arn.split(":")[4] if arn.count(":") >= 5 else ""


def denied(calls: Iterable[Call], policies: Policies, simulator: Simulator) -> list[str]:
    """Those that are not allowed, as texts."""
    return [str(call) for call, answer in _answered(calls, policies, simulator) if answer != ALLOWED]


def allowed(calls: Iterable[Call], policies: Policies, simulator: Simulator) -> list[str]:
    """Those that are allowed, as texts."""
    return [str(call) for call, answer in _answered(calls, policies, simulator) if answer == ALLOWED]


def _answered(calls: Iterable[Call], policies: Policies, simulator: Simulator) -> Iterable[tuple[Call, str]]:
    asked = list(calls)
    return zip(asked, simulator.answers([policies.simulation(call) for call in asked]), strict=True)


def read_policies(*clouds: Cloud) -> Policies:
    """Read the policies that the accounts have, each through its own credentials."""
    identity: dict[str, Sequence[Any]] = {}
    trust: dict[str, Any] = {}
    resources: dict[str, Any] = {}
    for cloud in clouds:
        details = cloud.aws_json("iam", "get-account-authorization-details", "--filter", "Role")
        for role in details["RoleDetailList"]:
            trust[role["Arn"]] = role["AssumeRolePolicyDocument"]
            managed = [_managed(cloud, each["PolicyArn"]) for each in role["AttachedManagedPolicies"]]
            identity[role["Arn"]] = [*(each["PolicyDocument"] for each in role["RolePolicyList"]), *managed]
        resources |= _resource_policies(cloud)
    return Policies(identity, trust, resources)


def _managed(cloud: Cloud, arn: str) -> Any:
    version = cloud.aws_json("iam", "get-policy", "--policy-arn", arn)["Policy"]["DefaultVersionId"]
    found = cloud.aws_json("iam", "get-policy-version", "--policy-arn", arn, "--version-id", version)
    return found["PolicyVersion"]["Document"]


def _resource_policies(cloud: Cloud) -> dict[str, Any]:
    """Those of buckets, keys, repositories, topics, functions and event buses, by ARN."""
    found = {}
    for bucket in cloud.aws_json("s3api", "list-buckets", "--query", "Buckets[].Name"):
        found[f"arn:aws:s3:::{bucket}"] = _said(cloud, "Policy", "s3api", "get-bucket-policy", "--bucket", bucket)
    for key in cloud.aws_json("kms", "list-keys", "--query", "Keys[].KeyArn"):
        found[key] = _said(cloud, "Policy", "kms", "get-key-policy", "--policy-name", "default", "--key-id", key)
    for each in cloud.aws_json("ecr", "describe-repositories")["repositories"]:
        named = ("--repository-name", each["repositoryName"])
        found[each["repositoryArn"]] = _said(cloud, "policyText", "ecr", "get-repository-policy", *named)
    for topic in cloud.aws_json("sns", "list-topics", "--query", "Topics[].TopicArn"):
        attributes = ("sns", "get-topic-attributes", "--query", "Attributes", "--topic-arn", topic)
        found[topic] = _said(cloud, "Policy", *attributes)
    for function in cloud.aws_json("lambda", "list-functions", "--query", "Functions[].FunctionArn"):
        arn = function.removesuffix(":$LATEST")
        found[arn] = _said(cloud, "Policy", "lambda", "get-policy", "--function-name", arn)
    for bus in cloud.aws_json("events", "list-event-buses")["EventBuses"]:
        found[bus["Arn"]] = json.loads(bus.get("Policy") or "null")
    return {arn: policy for arn, policy in found.items() if policy}


def _said(cloud: Cloud, key: str, *command: str) -> Any:
    try:
        return json.loads(cloud.aws_json(*command)[key])
    except CommandFailed as failure:
        if "Policy" in failure.stderr:  # the error of a resource without a policy
            return None
        raise
