"""What policies allow something on: ARNs, whatever the parameters and mappings say that they are made of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from troposphere import AWSHelperFn

from pipegen.definition import Definition
from pipegen.errors import Path, Problem, one_line
from pipegen.expressions import from_data
from pipegen.fields.gaps import GAP
from pipegen.foundation import Foundation
from pipegen.model import walk
from pipegen.possible import possible_texts
from pipegen.stack import Document, Stack, mapping, referred_names, resources_of, sequence

_GAPS = f"(?:{GAP})+"
_ARN = re.compile(
    rf"arn:(?:aws[a-z-]*|{_GAPS}|\*):(?:[a-z0-9-]+|[a-z0-9{GAP[1:-1]}-]*{GAP}[a-z0-9{GAP[1:-1]}-]*):"
    rf"(?:[a-z0-9-]*|{_GAPS}|\*):(?:\d{{12}}|{_GAPS}|\*|aws|):(?!.*arn:)[^\s]+"
)
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html"""


def resources(definition: Definition | Foundation, stack: Stack, document: Document) -> Iterator[Problem]:
    """IAM accepts only ARNs and `*` in a policy's resources, and a deployment fails on anything else.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html"""
    seen = set[str]()
    for logical_id, value in _resources(document):
        for text in _texts(value, document):
            fault = "" if text in seen else _fault(text)
            if fault:
                seen.add(text)
                place = _place(definition, value) or stack.origins.get(logical_id, ())
                fix = "give the ARN, or write it with !Sub around the part that varies"
                yield Problem("grant-resource", place, f"a permission would be for {_shown(text)}, {fault}", fix)


def _resources(document: Document) -> Iterator[tuple[str, Any]]:
    for logical_id, role in resources_of(document, "AWS::IAM::Role"):
        for policy in sequence(role.get("Policies")):
            for statement in sequence(mapping(mapping(policy).get("PolicyDocument")).get("Statement")):
                for value in sequence(mapping(statement).get("Resource")):
                    yield logical_id, value
        for value in (role.get("PermissionsBoundary"), *sequence(role.get("ManagedPolicyArns"))):
            if value is not None:
                yield logical_id, value


def _texts(value: Any, document: Document) -> list[str]:
    try:
        return [*possible_texts(from_data(value), document)]
    except ValueError:  # an override may use any function
        return []


def _fault(text: str) -> str:
    if ":alias/" in text and ":kms:" in text:
        # https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
        return "an alias, which allows no use of its key"
    return "" if _may_be_arn(text) else "which is not an ARN"


def _may_be_arn(text: str) -> bool:
    """A text that begins with a gap, or whose gaps may hold colons, may be one."""
    if text == "*" or re.match(GAP, text):
        return "arn:" not in text
    if re.search(GAP, text) and text.startswith("arn:") and text.count(":") < 5:
        return True
    return _ARN.fullmatch(text) is not None


def _shown(text: str) -> str:
    return one_line(repr(re.sub(_GAPS, "…", text)), 120)


def _place(definition: Definition | Foundation, resource: Any) -> Path:
    """The first field whose expression takes from the same parameter or mapping."""
    names = _names(resource)
    fields = ((path, leaf) for path, leaf in walk(definition) if isinstance(leaf, AWSHelperFn) and path[0] != "tags")
    return next((path for path, leaf in fields if names & _names(leaf.to_dict())), ())


def _names(data: Any) -> set[str]:
    looked_up = {keys[0] for keys in _lookups(data) if isinstance(keys[0], str)}
    return {name for name in referred_names(data) if not name.startswith("AWS::")} | looked_up


def _lookups(data: Any) -> Iterator[Any]:
    """The arguments of every Fn::FindInMap."""
    if isinstance(data, dict):
        if sequence(data.get("Fn::FindInMap")):
            yield data["Fn::FindInMap"]
        data = [*data.values()]
    if isinstance(data, list | tuple):
        for item in data:
            yield from _lookups(item)
