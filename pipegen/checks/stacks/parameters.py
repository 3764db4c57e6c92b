"""Checks of parameter declarations.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from pipegen.checks.stacks.parameter_values import doubt, invalid_value, with_value
from pipegen.errors import Problem, quoted
from pipegen.facts import enum, unlisted
from pipegen.model.stack_settings import Parameter, StackSettings

_CONSTRAINTS_OF_OTHERS = {
    "String": ("min_value", "max_value"),
    "Number": ("allowed_pattern", "min_length", "max_length"),
    "CommaDelimitedList": ("min_length", "max_length", "min_value", "max_value"),
}


def parameters(definition: StackSettings) -> Iterator[Problem]:
    for name, parameter in definition.parameters.items():
        for problem in _problems(name, parameter):
            yield problem.under("parameters", name)


def _problems(name: str, parameter: Parameter) -> Iterator[Problem]:
    types = enum("cloudformation.ParameterType")
    if parameter.type not in types:
        # AWS adds types of other services, and accepts lists and Systems Manager parameters of any type.
        lower = parameter.type.lower()
        closed = "AWS::" not in parameter.type or lower in [each.lower() for each in types]
        yield unlisted(
            "parameter-type", ("Type",), parameter.type, types, "type of parameter", closed=closed, fix=_SUCH
        )
    yield from _value_problems(name, parameter)
    if parameter.allowed_pattern is not None and (fault := _pattern_fault(parameter.allowed_pattern)):
        text = f"AllowedPattern is {quoted(parameter.allowed_pattern)}, not a regular expression: {fault}"
        yield Problem("parameter-constraint", ("AllowedPattern",), text, "correct the pattern")
    for field in _CONSTRAINTS_OF_OTHERS.get(parameter.type, ()):
        if getattr(parameter, field) is not None:
            key = Parameter.key_of(field)
            text = f"{key} cannot be set for parameters of type {parameter.type}"
            yield Problem("parameter-constraint", (key,), text, "remove it, or change the type")
    lengths = (parameter.min_length, parameter.max_length)
    for (low, high), field in ((lengths, "MinLength"), ((parameter.min_value, parameter.max_value), "MinValue")):
        if low is not None and high is not None and low > high:
            yield Problem(
                "parameter-range",
                (field,),
                f"{field} must not be greater than {field.replace('Min', 'Max')}, got {low} and {high}",
                "swap them",
            )


_SUCH = "such as String, Number or AWS::EC2::Subnet::Id"


def _value_problems(name: str, parameter: Parameter) -> Iterator[Problem]:
    """Find a default and allowed values that violate constraints of the parameter."""
    # The value of a Systems Manager parameter is unknown, and its name need not match the constraints.
    is_stored = parameter.type.startswith("AWS::SSM::Parameter::Value<")
    bare = replace(parameter, allowed_pattern=None, min_length=None, max_length=None) if is_stored else parameter
    default = parameter.default
    is_left_out = default is None or (default == "" and parameter.type.startswith("AWS::"))
    if not is_left_out and (reason := invalid_value(bare, default or "")):
        text, _, fix = f"{with_value(parameter, 'the default', default)} of {name} {reason}".partition("; ")
        yield Problem("parameter-default", ("Default",), text, fix or "change it or the constraint")
    elif not is_left_out and (reason := doubt(parameter, default or "")):
        fix = "use an existing one, or remove Default"
        yield Problem("parameter-default", ("Default",), f"the default of {name} {reason}", fix, "warning")
    for index, value in enumerate(parameter.allowed_values):
        if reason := invalid_value(replace(bare, allowed_values=()), value):
            text = f"the allowed value {quoted(value, 60)} of {name} {reason}"
            yield Problem("parameter-default", ("AllowedValues", index), text, "change it or the constraint", "warning")


_JAVAS = r"&&|\[\[|\\[pPQ]"
"""Syntax of Java's regular expressions, which CloudFormation uses, that Python does not have."""


def _pattern_fault(pattern: str) -> str:
    """Return the syntax error of a pattern, or an empty text."""
    if re.search(_JAVAS, pattern):
        return ""
    try:
        re.compile(pattern)
    except re.error as error:
        return error.msg if error.msg.startswith(_FAULTS) else ""
    return ""


_FAULTS = ("unterminated", "missing )", "unbalanced", "nothing to repeat", "multiple repeat", "bad character range")
"""Syntax errors of Python that are errors in Java, too."""
