"""AWS managed policies that roles have or are bounded by: they exist, under the path that the ARN has.
https://docs.aws.amazon.com/aws-managed-policy/latest/reference/about-managed-policy-reference.html"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipegen.definition import Definition
from pipegen.errors import Path, Problem
from pipegen.facts import managed_policies, unlisted
from pipegen.fields.gaps import GAP
from pipegen.model.stack_settings import StackSettings
from pipegen.values.shape import shapes, shown
from pipegen.values.value import Value

_ARN = re.compile(rf"arn:[^:]*:iam::(?P<account>aws|\d{{12}}):policy(?P<path>/(?:[^/]+/)*)(?P<name>[^/{GAP[1:-1]}]+)")


def policies(definition: Definition) -> Iterator[Problem]:
    """Of the roles of services, and the permissions boundary."""
    yield from boundary(definition)
    for key, service in definition.services.items():
        for index, policy in enumerate(service.managed_policies):
            path = ("services", key, "managed_policies", index)
            yield from _problems(policy, path)
            if policy in service.managed_policies[:index]:
                yield Problem("managed-policy", path, f"{shown(policy)} is there already", "leave one out")


def boundary(settings: StackSettings) -> Iterator[Problem]:
    """Of the permissions boundary."""
    if settings.permissions_boundary is not None:
        yield from _problems(settings.permissions_boundary, ("permissions_boundary",))


def _problems(policy: Value, path: Path) -> Iterator[Problem]:
    for each in shapes(policy):
        found = _ARN.fullmatch(each.text)
        if found is None:
            continue
        name = found["name"]
        paths = [known for known, names in managed_policies().items() if name in names]
        if found["account"] == "aws" and not paths:
            names = [name for names in managed_policies().values() for name in names]
            yield unlisted("managed-policy", path, name, names, "AWS managed policy")
        elif paths and (found["account"] != "aws" or found["path"] not in paths):
            text = f"{name} is a policy of AWS with another ARN"
            right = f"write arn:aws:iam::aws:policy{paths[0]}{name}"
            yield Problem("managed-policy", path, text, right, "warning")
