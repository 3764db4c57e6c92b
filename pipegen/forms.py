"""What kind of data a form of an expression is, before it is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipegen.errors import one_line

LISTS_OF_AWS = ("Fn::Cidr", "Fn::GetAZs")
"""Functions that yield lists, and that definitions take inside of others only."""
ONLY_TEXTS = ("Fn::Base64", "Fn::Length", "Fn::ToJsonString")
"""Functions that only Python has and that yield no lists.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html"""


def list_function(data: Any) -> str:
    """The function of an expression that can only yield a list; nothing for all else."""
    form = getattr(data, "data", data)
    if not isinstance(form, Mapping) or len(form) != 1:
        return ""
    [(name, argument)] = form.items()
    if name == "Fn::If" and isinstance(argument, list | tuple):
        return name if any(isinstance(each, list | tuple) or list_function(each) for each in argument[1:]) else ""
    return name if name in ("Fn::Split", *LISTS_OF_AWS) else ""


def noun(data: Any) -> str:
    if data is None:
        return "nothing"
    if isinstance(data, str):
        return "text"
    if isinstance(data, bool):
        return "true" if data else "false"
    if isinstance(data, int | float):
        return "a number"
    if isinstance(data, Mapping):
        return "a mapping with no keys"
    if isinstance(data, list | tuple):
        return "a list"
    return one_line(f"an object of the type {type(data).__name__}")
