"""Checks of AWS managed policies and permissions boundaries: they exist, under the path in their ARN.
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
    """Find unknown managed policies of services, and an unknown permissions boundary."""
    yield from boundary(definition)
    for key, service in definition.services.items():
        for index, policy in enumerate(service.managed_policies):
            path = ("services", key, "managed_policies", index)
            yield from _problems(policy, path)
            if policy in service.managed_policies[:index]:
                yield Problem("managed-policy", path, f"managed_policies has {shown(policy)} twice", "remove one")


def boundary(settings: StackSettings) -> Iterator[Problem]:
    """Find an unknown permissions boundary."""
    if settings.permissions_boundary is not None:
        yield from _problems(settings.permissions_boundary, ("permissions_boundary",))


def _problems(policy: Value, path: Path) -> Iterator[Problem]:
    for each in shapes(policy):
        match = _ARN.fullmatch(each.text)
        if match is None:
            continue
        name = match["name"]
        paths = [known for known, names in managed_policies().items() if name in names]
        if match["account"] == "aws" and not paths:
            names = [name for names in managed_policies().values() for name in names]
            yield unlisted("managed-policy", path, name, names, "AWS managed policy")
        elif paths and (match["account"] != "aws" or match["path"] not in paths):
            text = f"{name} is an AWS managed policy, but not with this ARN"
            right = f"write arn:aws:iam::aws:policy{paths[0]}{name}"
            yield Problem("managed-policy", path, text, right, "warning")
