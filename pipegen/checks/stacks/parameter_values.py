"""What CloudFormation would not take for a parameter, found before it is asked.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipegen.model.stack_settings import Parameter

_NUMBER = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?")
_MOST_BYTES = 4_096
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"""

_IDS = {
    "AWS::EC2::Image::Id": "ami-",
    "AWS::EC2::Instance::Id": "i-",
    "AWS::EC2::SecurityGroup::Id": "sg-",
    "AWS::EC2::Subnet::Id": "subnet-",
    "AWS::EC2::VPC::Id": "vpc-",
    "AWS::EC2::Volume::Id": "vol-",
}
"""How the ids of these types begin; CloudFormation looks whether they are there.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html"""


def refusal(parameter: Parameter, value: str) -> str:
    """Why CloudFormation would not take a value for a parameter, with the way out; empty where it would."""
    if len(value.encode(errors="surrogatepass")) > _MOST_BYTES:
        return f"has more than {_MOST_BYTES:,} bytes"
    items = [item.strip() for item in value.split(",")] if is_list(parameter) else [value]
    if parameter.type == "List<AWS::EC2::Subnet::Id>" and (twice := [item for item in items if items.count(item) > 1]):
        return f"has {twice[0]} twice; list each subnet once"
    return next((reason for item in items for reason in _refusals(parameter, item)), "")


def is_list(parameter: Parameter) -> bool:
    return parameter.type.startswith(("CommaDelimitedList", "List<"))


def _refusals(parameter: Parameter, item: str) -> Iterator[str]:
    """The type first: what follows may take it for granted."""
    kind = parameter.type.removeprefix("List<").removesuffix(">")
    if kind == "Number" and not _NUMBER.fullmatch(item):
        yield "is no number"
    elif not item.startswith(_IDS.get(kind, "")) or (kind in _IDS and re.search(r"\s", item)):
        yield f"is no id of the type {kind}; such ids begin with {_IDS[kind]}"
    if parameter.allowed_values and item not in parameter.allowed_values:
        yield f"is not among the allowed values; {', '.join(parameter.allowed_values)}"
    if parameter.allowed_pattern is not None and not _matches(parameter.allowed_pattern, item):
        yield parameter.constraint_description or f"does not match the pattern {parameter.allowed_pattern}"
    if kind == "Number":
        yield from _outside(float(item), parameter.min_value, parameter.max_value, "is {} than {}")
    elif not is_list(parameter):
        yield from _outside(len(item), parameter.min_length, parameter.max_length, "has {} than {} characters")


def _outside(number: float, low: int | None, high: int | None, words: str) -> Iterator[str]:
    if low is not None and number < low:
        yield words.format("less", low)
    if high is not None and number > high:
        yield words.format("more", high)


def _matches(pattern: str, text: str) -> bool:
    try:
        return re.fullmatch(pattern, text) is not None
    except re.error:  # CloudFormation's are Java's
        return True
