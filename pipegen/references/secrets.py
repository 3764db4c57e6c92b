"""The resources behind references to secrets of Secrets Manager and to parameters of Systems Manager."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipegen.fields.gaps import GAP
from pipegen.values.shape import Shape, anywhere, shapes
from pipegen.values.value import Value, arn

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
