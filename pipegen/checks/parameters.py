"""Parameters, as CloudFormation takes them.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipegen.errors import Path, Problem, last_of, one_line
from pipegen.governed import Governed, Parameter
from pipegen.references.contents import value_type
from pipegen.references.faults import described
from pipegen.references.forms import Id

_AWS_TYPE = r"AWS::[A-Za-z0-9]+::[A-Za-z0-9:]+"
_TYPE = re.compile(
    rf"String|Number|CommaDelimitedList|List<Number>|{_AWS_TYPE}|List<{_AWS_TYPE}>"
    rf"|AWS::SSM::Parameter::Value<(String|CommaDelimitedList|List<String>|{_AWS_TYPE}|List<{_AWS_TYPE}>)>"
)
_CONSTRAINTS_OF_OTHERS = {
    "String": ("MinValue", "MaxValue"),
    "Number": ("AllowedPattern", "MinLength", "MaxLength"),
    "CommaDelimitedList": ("MinLength", "MaxLength", "MinValue", "MaxValue"),
}
NUMBER = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?")


def parameters(definition: Governed) -> Iterator[Problem]:
    for name, parameter in definition.parameters.items():
        for problem in _problems(parameter):
            yield problem.under("parameters", name)


def _reference_problems(parameter: Parameter) -> Iterator[Problem]:
    """Defaults and allowed values of a type for ids of something."""
    from pipegen.references.others import every_form

    kind = value_type(parameter.Type)
    form = next((each for each in every_form() if kind and each.parameter == kind and isinstance(each, Id)), None)
    if form is None or "SSM" in parameter.Type:
        return
    given: list[tuple[Path, str]] = [(("Default",), parameter.Default or "")]
    given += [(("AllowedValues", index), each) for index, each in enumerate(parameter.AllowedValues)]
    for path, text in given:
        for each in filter(None, map(str.strip, text.split(","))):
            if not form.matches(each):
                said = f"{last_of(path)} must be {form.words}, {form.hint}, got {described(each, [form])}"
                yield Problem("parameter-default", path, said, "correct it, or change the type")
                break


def _problems(parameter: Parameter) -> Iterator[Problem]:
    if not _TYPE.fullmatch(parameter.Type):
        text = f"{one_line(repr(parameter.Type), 60)} is no type of a parameter"
        yield Problem("parameter-type", ("Type",), text, "such as String, Number or AWS::EC2::Subnet::Id")
    yield from _reference_problems(parameter)
    default = parameter.Default
    if default is not None:
        numbers = {"Number": [default], "List<Number>": default.split(",")}.get(parameter.Type, [])
        if not all(NUMBER.fullmatch(number.strip()) for number in numbers):
            text = f"the default {one_line(repr(default), 60)} is no {parameter.Type}"
            yield Problem("parameter-default", ("Default",), text, "give numbers, in quotes")
        if parameter.AllowedValues and default not in parameter.AllowedValues:
            text = f"the default {one_line(repr(default), 60)} is not among the allowed values"
            yield Problem("parameter-default", ("Default",), text, f"one of {', '.join(parameter.AllowedValues)}")
    for field in _CONSTRAINTS_OF_OTHERS.get(parameter.Type, ()):
        if getattr(parameter, field) is not None:
            text = f"{field} is not for parameters of the type {parameter.Type}"
            yield Problem("parameter-constraint", (field,), text, "leave it out, or change the type")
    lengths = (parameter.MinLength, parameter.MaxLength)
    for (low, high), field in ((lengths, "MinLength"), ((parameter.MinValue, parameter.MaxValue), "MinValue")):
        if low is not None and high is not None and low > high:
            yield Problem("parameter-range", (field,), f"from {low} to {high} is no range", "give both in order")
