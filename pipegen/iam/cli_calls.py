"""The IAM actions that commands of the AWS CLI require.
https://docs.aws.amazon.com/cli/latest/reference/"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from pipegen.facts import closest, load

_WITH_VALUE = {
    *(
        "--ca-bundle",
        "--cli-connect-timeout",
        "--cli-read-timeout",
        "--color",
        "--endpoint-url",
        "--output",
        "--profile",
    ),
    *("--query", "--region"),
}
"""Global options with a value, which may precede the service. https://docs.aws.amazon.com/cli/latest/reference/#options"""
_CUSTOM: Mapping[tuple[str, str], Sequence[str]] = {
    ("cloudformation", "deploy"): (
        "cloudformation:CreateChangeSet",
        "cloudformation:DescribeChangeSet",
        "cloudformation:DescribeStacks",
        "cloudformation:ExecuteChangeSet",
    ),
    ("codeartifact", "login"): ("codeartifact:GetAuthorizationToken", "sts:GetServiceBearerToken"),
    ("codecommit", "credential-helper"): ("codecommit:GitPull",),
    ("ecr", "get-login-password"): ("ecr:GetAuthorizationToken",),
    ("ecr-public", "get-login-password"): ("ecr-public:GetAuthorizationToken", "sts:GetServiceBearerToken"),
    ("eks", "update-kubeconfig"): ("eks:DescribeCluster",),
    ("lambda", "invoke"): ("lambda:InvokeFunction",),
    ("logs", "tail"): ("logs:FilterLogEvents",),
    ("s3api", "head-bucket"): ("s3:ListBucket",),
    ("s3api", "head-object"): ("s3:GetObject",),
    ("s3api", "list-objects"): ("s3:ListBucket",),
    ("s3api", "list-objects-v2"): ("s3:ListBucket",),
    ("sts", "get-caller-identity"): (),
    ("sts", "get-session-token"): (),
}
"""Commands that are not API operations, or whose action has another name.
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
https://docs.aws.amazon.com/codeartifact/latest/ug/tokens-authentication.html"""


def actions_of(words: Sequence[str]) -> Sequence[str]:
    """The actions that a command requires; empty if unknown. words: the command, beginning with `aws`."""
    service, operation, *arguments = [*_without_options(words[1:]), "", ""]
    if service == "s3":
        return [*_s3(operation, [each for each in arguments if each[:2] != "--"])]
    if (service, operation) in _CUSTOM:
        return _CUSTOM[service, operation]
    prefix, waiters, _ = load("command_line").values.get(service, ("", {}, ""))
    if operation == "wait":
        polled = waiters.get(arguments[0])
        return [f"{prefix}:{polled}"] if polled else ()
    action = _actions(prefix).get(operation.replace("-", "")) if prefix else None
    return [f"{prefix}:{action}"] if action else ()


def misspelled(words: Sequence[str]) -> tuple[str, str]:
    """An unknown operation or waiter in a command, and a similar known one; both empty if there is none. Operations
    without a similar one are not reported, because the CLI has custom commands."""
    service, operation, waiter = [*_without_options(words[1:]), "", "", ""][:3]
    prefix, waiters, others = load("command_line").values.get(service, ("", {}, ""))
    if operation == "wait":
        return (waiter, closest(waiter, waiters)) if waiter and waiter not in waiters else ("", "")
    known = {**_actions(prefix), **{name: name for name in others.split()}}
    plain = operation.replace("-", "")
    if not prefix or not plain or plain in known or (service, operation) in _CUSTOM:
        return "", ""
    near = difflib.get_close_matches(plain, known, n=1, cutoff=0.85)
    return (operation, _hyphened(known[near[0]])) if near else ("", "")


def _hyphened(action: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", action).lower()


def _without_options(words: Sequence[str]) -> Sequence[str]:
    index = 0
    while index < len(words) and words[index].startswith("--"):
        index += 2 if words[index] in _WITH_VALUE else 1
    return words[index:]


def _s3(operation: str, paths: Sequence[str]) -> Iterator[str]:
    """https://docs.aws.amazon.com/cli/latest/reference/s3/"""
    paths = [path for path in paths if path]
    if operation in ("cp", "mv", "sync") and len(paths) > 1:
        source, target = paths[0].startswith("s3://"), paths[1].startswith("s3://")
        yield from ["s3:GetObject"] * source + ["s3:PutObject"] * target
        yield from ["s3:ListBucket"] * (operation == "sync") + ["s3:DeleteObject"] * (operation == "mv" and source)
    elif operation == "rm":
        yield "s3:DeleteObject"
    elif operation == "ls":
        yield "s3:ListBucket" if any(path.startswith("s3://") for path in paths) else "s3:ListAllMyBuckets"
    elif operation in ("mb", "rb"):
        yield "s3:CreateBucket" if operation == "mb" else "s3:DeleteBucket"


@cache
def _actions(prefix: str) -> Mapping[str, str]:
    """The actions of a service, by name in lower case."""
    listed = load("iam").values.get(prefix, {"actions": {}})["actions"].values()
    return {name.lower(): name for names in listed for name in names.split()}
