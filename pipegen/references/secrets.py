"""The ARNs of secrets and Systems Manager parameters that references name."""

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
    """Return whether CloudFormation would insert a secret into a value: the value has a dynamic reference to Secrets
    Manager, to a secure parameter, or to a service that is known only at deployment."""
    return ("{{" in value if isinstance(value, str) else True) and anywhere(value, _REFERENCE)


def parameter_arns(name: Value) -> list[Value]:
    """Return the ARNs of the parameters that a name or ARN can refer to."""
    return [found for each in shapes(name) for found in _parameter_arns(each)]


def _parameter_arns(name: Shape) -> Iterator[Value]:
    """Yield the ARNs of a parameter. An ARN has one slash before the name, even if the name begins with one. If the
    beginning is known only at deployment, both forms are returned."""
    if name.is_arn:
        yield name.value()
    elif name.text.startswith("/"):
        yield arn("ssm", "parameter", name.value())
    else:
        yield arn("ssm", "parameter/", name.value())
        if re.match(GAP, name.text):
            yield arn("ssm", "parameter", name.value())


def secret_arns(reference: Value) -> list[Value]:
    """Return the ARNs of the secrets that `name-or-arn[:json-key[:version-stage[:version-id]]]` can refer to. A value
    whose text before the first colon is unknown is an ARN."""
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
    """Yield the ARNs of a secret by its ARN. Secrets Manager appends a hyphen and six characters, which a reference can
    omit. A name can have the same ending, as in `orders-secret`: then, and if the end is unknown, both forms are
    returned. https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_iam-permissions.html"""
    bare = ":".join(reference.text.split(":")[:7])
    is_open = re.search(rf"(?:{GAP}|\*)$", bare) is not None
    if _SUFFIX.search(bare) or is_open:
        yield reference.value(bare)
    if not bare.endswith("*") and (not _SUFFIX.search(bare) or _WORD.search(bare)):
        yield reference.value(bare + "-??????")


def task_secrets(reference: Value) -> tuple[list[Value], list[Value]]:
    """Return the ARNs of secrets and of parameters that a container's secret can refer to: by a secret's ARN,
    optionally with a JSON key and a version, or by a parameter's ARN or name. A value whose text is unknown is an ARN
    of either. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html"""
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
