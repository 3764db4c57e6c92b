"""The resources behind references to secrets of Secrets Manager and to parameters of Systems Manager."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipegen.arns import PARAMETER, SECRET
from pipegen.errors import Path, Problem
from pipegen.shape import GAP, Shape, anywhere, is_known, shapes, shown
from pipegen.values import Value, arn

_SUFFIX = re.compile(r"-[A-Za-z0-9]{6}$")
_WORD = re.compile(r"-([a-z]{6}|[0-9]{6})$")


_REFERENCE = re.compile(rf"\{{\{{resolve:(secretsmanager|ssm-secure|[^}}]*?{GAP}[^}}]*?):")
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html"""


def is_resolved_secret(value: Value) -> bool:
    """Whether CloudFormation would put a secret into the text of a value: by a dynamic reference to Secrets Manager or
    to a secure parameter, or to a service that only the deployment knows."""
    return ("{{" in value if isinstance(value, str) else True) and anywhere(value, _REFERENCE)


def parameter_arns(name: Value) -> list[Value]:
    """The ARNs of parameters that a name or ARN may mean."""
    return [found for each in shapes(name) for found in _parameter_arns(each)]


def _parameter_arns(name: Shape) -> Iterator[Value]:
    """A parameter's ARN has one slash before its name, whether the name begins with one or not; where that is known
    only at deployment, both are named."""
    if name.is_arn:
        yield name.value()
    elif name.text.startswith("/"):
        yield arn("ssm", "parameter", name.value())
    else:
        yield arn("ssm", "parameter/", name.value())
        if re.match(GAP, name.text):
            yield arn("ssm", "parameter", name.value())


def secret_arns(reference: Value) -> list[Value]:
    """The ARNs of secrets that `name-or-arn[:json-key[:version-stage[:version-id]]]` may mean. A value whose text is
    not known before the first colon is an ARN."""
    return [found for each in shapes(reference) for found in _secret_arns(each)]


def _secret_arns(reference: Shape) -> Iterator[Value]:
    head = reference.text.split(":", 1)[0]
    if reference.is_arn:
        yield from _of_arn(reference)
    elif re.fullmatch(GAP, head):
        yield reference.value(head)
    else:
        yield arn("secretsmanager", "secret:", reference.value(head), "-??????")


def _of_arn(reference: Shape) -> Iterator[Value]:
    """Secrets Manager ends every ARN in a hyphen and six characters of its own, which the ARN in a reference may lack.
    A name can end like that too, as in `orders-secret`: then, and where the end is not known, both are named.
    https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_iam-permissions.html"""
    bare = ":".join(reference.text.split(":")[:7])
    is_open = re.search(rf"(?:{GAP}|\*)$", bare) is not None
    if _SUFFIX.search(bare) or is_open:
        yield reference.value(bare)
    if not bare.endswith("*") and (not _SUFFIX.search(bare) or _WORD.search(bare)):
        yield reference.value(bare + "-??????")


def task_secrets(reference: Value) -> tuple[list[Value], list[Value]]:
    """The ARNs of secrets and of parameters that a container's secret may mean: a secret's ARN, perhaps with what picks
    a part of it, or a parameter's ARN or name. A value whose text is not known is an ARN of either.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html"""
    secrets, parameters = list[Value](), list[Value]()
    for each in shapes(reference):
        if each.is_gap:
            secrets.append(each.value())
            parameters.append(each.value())
        elif ":secretsmanager:" in each.text or re.match(f"{GAP}:", each.text):
            secrets += _secret_arns(each)
        else:
            parameters += _parameter_arns(each)
            if each.is_arn and ":ssm:" not in each.text:  # the service is a gap
                secrets += _secret_arns(each)
    return secrets, parameters


_NAME_OF_SECRET = r"(?!arn:)[\w/+=.@!-]+"
_NAME_OF_PARAMETER = r"(?!arn:)[\w./-]+"
_PICKED = "(?::[^:*]*){0,3}"
"""A JSON key, a version's stage and a version's id.
https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html (secrets-manager),
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html"""
_BUILD_SECRET = re.compile(f"(?:{SECRET.expression}|{_NAME_OF_SECRET}){_PICKED}")
_TASK_SECRET = re.compile(f"{SECRET.expression}{_PICKED}|{PARAMETER.expression}|{_NAME_OF_PARAMETER}")
_CREDENTIALS = re.compile(f"{SECRET.expression}|{_NAME_OF_SECRET}")
_PARAMETER = re.compile(f"{PARAMETER.expression}|{_NAME_OF_PARAMETER}")
_SECRET_ARN = "arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME"
_PARTS = "perhaps with :json-key:version-stage:version-id"


def secret_problems(reference: Value, path: Path) -> Iterator[Problem]:
    """Of a build's reference to a secret."""
    fix = f"give {_SECRET_ARN} or NAME, {_PARTS}"
    yield from _reference_problems(reference, path, _BUILD_SECRET, "a secret", fix)


def parameter_problems(reference: Value, path: Path) -> Iterator[Problem]:
    """Of a build's reference to a parameter, which CodeBuild documents without versions and labels.
    https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html (parameter-store)"""
    fix = "give its name, such as /orders/url, without a version or label"
    yield from _reference_problems(reference, path, _PARAMETER, "a parameter of Systems Manager", fix)


def task_secret_problems(reference: Value, path: Path) -> Iterator[Problem]:
    """Of what ECS reads for a container or its log driver; it refuses versions and labels of parameters.
    https://github.com/aws/containers-roadmap/issues/859"""
    fix = f"give {_SECRET_ARN}, {_PARTS}, or the name or ARN of a parameter without a version or label"
    yield from _reference_problems(reference, path, _TASK_SECRET, "a secret or parameter", fix)


def credentials_problems(reference: Value, path: Path) -> Iterator[Problem]:
    """Of a registry's user and password.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/private-auth.html"""
    yield from _reference_problems(reference, path, _CREDENTIALS, "a secret", f"give {_SECRET_ARN}")


def _reference_problems(reference: Value, path: Path, form: re.Pattern[str], noun: str, fix: str) -> Iterator[Problem]:
    """Only an ARN is shown: anything else may be the secret itself."""
    if is_known(reference) and not form.fullmatch(reference):
        subject = shown(reference) if reference.startswith("arn:") else "this text"
        yield Problem("secret-reference", path, f"{subject} does not refer to {noun}", fix)
