"""Parameters, as CloudFormation takes them.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from pipegen.checks.refusal import doubt, refusal
from pipegen.errors import Problem, one_line
from pipegen.facts import enum, unlisted
from pipegen.governed import Governed, Parameter

_CONSTRAINTS_OF_OTHERS = {
    "String": ("MinValue", "MaxValue"),
    "Number": ("AllowedPattern", "MinLength", "MaxLength"),
    "CommaDelimitedList": ("MinLength", "MaxLength", "MinValue", "MaxValue"),
}


def parameters(definition: Governed) -> Iterator[Problem]:
    for name, parameter in definition.parameters.items():
        for problem in _problems(name, parameter):
            yield problem.under("parameters", name)


def _problems(name: str, parameter: Parameter) -> Iterator[Problem]:
    types = enum("cloudformation.ParameterType")
    if parameter.Type not in types:
        # Of types of other services, AWS adds more, and accepts lists and Systems Manager parameters of any.
        lower = parameter.Type.lower()
        closed = "AWS::" not in parameter.Type or lower in [each.lower() for each in types]
        yield unlisted(
            "parameter-type", ("Type",), parameter.Type, types, "type of parameter", closed=closed, fix=_SUCH
        )
    yield from _value_problems(name, parameter)
    if parameter.AllowedPattern is not None and (fault := _pattern_fault(parameter.AllowedPattern)):
        text = f"AllowedPattern is {one_line(repr(parameter.AllowedPattern), 80)}, not a regular expression: {fault}"
        yield Problem("parameter-constraint", ("AllowedPattern",), text, "correct it")
    for field in _CONSTRAINTS_OF_OTHERS.get(parameter.Type, ()):
        if getattr(parameter, field) is not None:
            text = f"{field} is not for parameters of the type {parameter.Type}"
            yield Problem("parameter-constraint", (field,), text, "leave it out, or change the type")
    lengths = (parameter.MinLength, parameter.MaxLength)
    for (low, high), field in ((lengths, "MinLength"), ((parameter.MinValue, parameter.MaxValue), "MinValue")):
        if low is not None and high is not None and low > high:
            yield Problem("parameter-range", (field,), f"from {low} to {high} is no range", "give both in order")


_SUCH = "such as String, Number or AWS::EC2::Subnet::Id"


def _value_problems(name: str, parameter: Parameter) -> Iterator[Problem]:
    """A default and allowed values that the parameter itself does not accept."""
    # What a parameter of Systems Manager has is unknown, and its name need not match.
    is_stored = parameter.Type.startswith("AWS::SSM::Parameter::Value<")
    bare = replace(parameter, AllowedPattern=None, MinLength=None, MaxLength=None) if is_stored else parameter
    default = parameter.Default
    is_left_out = default is None or (default == "" and parameter.Type.startswith("AWS::"))
    if not is_left_out and (reason := refusal(bare, default or "")):
        text, _, fix = f"the default {one_line(repr(default), 60)} of {name} {reason}".partition("; ")
        listed = f"one of {fix}" if parameter.AllowedValues else fix
        yield Problem("parameter-default", ("Default",), text, listed if fix else "change it, or the constraint")
    elif not is_left_out and (reason := doubt(parameter, default or "")):
        fix = "give an existing one, or leave Default out"
        yield Problem("parameter-default", ("Default",), f"the default of {name} {reason}", fix, "warning")
    for index, value in enumerate(parameter.AllowedValues):
        if reason := refusal(replace(bare, AllowedValues=()), value):
            text = f"the allowed value {one_line(repr(value), 60)} of {name} {reason}"
            yield Problem(
                "parameter-default", ("AllowedValues", index), text, "change it, or the constraint", "warning"
            )


_JAVAS = r"&&|\[\[|\\[pPQ]"
"""What CloudFormation's expressions, which are Java's, have and Python's do not."""


def _pattern_fault(pattern: str) -> str:
    """What keeps a pattern from being a regular expression."""
    if re.search(_JAVAS, pattern):
        return ""
    try:
        re.compile(pattern)
    except re.error as error:
        return error.msg if error.msg.startswith(_FAULTS) else ""
    return ""


_FAULTS = ("unterminated", "missing )", "unbalanced", "nothing to repeat", "multiple repeat", "bad character range")
"""Faults of expressions in both languages."""
